"""Artifacts: asked for, made by a job, downloaded whole or not at all, deleted in
time."""

import csv
import gzip
import hashlib
import io
import json
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from app.aws.bucket import BucketStorage
from app.aws.session import Endpoint, PlatformSession
from app.core.db import Database, Login
from app.core.settings import Settings
from app.core.storage import ObjectStorage, StorageAway
from app.integrations.folder import FolderStorage
from app.models.artifact import Artifact
from app.models.outbox import OutboxMessage
from app.services import artifacts
from app.services.outbox import OutboxKind
from tests.conftest import Client
from tests.emulator import EmulatorServer
from tests.personae import People
from tests.services.reading import Reader, instance, judged, make_reader

KEEP = timedelta(days=30)


@pytest.fixture
async def reader(database: Database, people: People) -> Reader:
    return await make_reader(database, people.alice, labels={"client": "south"})


@pytest.fixture
def folder(configured: Settings) -> FolderStorage:
    """Where the API of the tests looks, too."""
    return FolderStorage(Path(configured.artifact_directory))


async def ended(reader: Reader, *names: str) -> UUID:
    """A finished execution that found instances of these names."""
    execution, _ = await reader.list(
        *(instance(f"i-{n}", name=name) for n, name in enumerate(names))
    )
    async with reader.database.unit_of_work(Login.OWNER) as session:
        row = await session.get_one(type(execution), execution.id)
        row.status = row.status.__class__("succeeded")
    return execution.id


async def asked(client: Client, persona: Any, id: UUID, **wanted: str) -> UUID:
    answer = await client(persona).post(
        f"/api/v1/executions/{id}/artifacts", json=wanted
    )
    assert answer.status_code == 202, answer.text
    assert answer.json()["status"] == "pending"
    return UUID(answer.json()["id"])


async def make(
    reader: Reader, kept: ObjectStorage, id: UUID, *, is_last_try: bool = False
) -> None:
    await artifacts.make(
        reader.database,
        kept,
        reader.account.organization_id,
        id,
        keep=KEEP,
        is_last_try=is_last_try,
    )


async def test_a_file_is_made_listed_and_downloaded(
    client: Client, people: People, reader: Reader, folder: FolderStorage
) -> None:
    execution_id = await ended(reader, "web", "=evil")
    id = await asked(client, people.alice, execution_id)
    await make(reader, folder, id)
    alice = client(people.alice)
    shown = (await alice.get(f"/api/v1/artifacts/{id}")).json()
    assert (shown["status"], shown["error"]) == ("ready", None)
    listed = (await alice.get(f"/api/v1/executions/{execution_id}/artifacts")).json()
    assert listed["items"] == [shown]
    answer = await alice.get(f"/api/v1/artifacts/{id}/content")
    assert answer.status_code == 200
    assert len(answer.content) == shown["bytes"]
    assert hashlib.sha256(answer.content).hexdigest() == shown["sha256"]
    text = gzip.decompress(answer.content).decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["name"] for row in rows] == ["web", "'=evil"]


async def test_findings_are_kept_as_json_too(
    client: Client, people: People, reader: Reader, folder: FolderStorage
) -> None:
    execution, _ = await reader.check(judged("i-1", "unhealthy", "Bad."))
    async with reader.database.unit_of_work(Login.OWNER) as session:
        row = await session.get_one(type(execution), execution.id)
        row.status = row.status.__class__("succeeded")
    id = await asked(client, people.alice, execution.id, part="findings", format="json")
    await make(reader, folder, id)
    answer = await client(people.alice).get(f"/api/v1/artifacts/{id}/content")
    body = json.loads(gzip.decompress(answer.content))
    assert [one["verdict"] for one in body["items"]] == ["unhealthy"]
    assert body["complete"] is True


async def test_what_is_still_at_work_has_no_file(
    client: Client, people: People, reader: Reader
) -> None:
    execution, _ = await reader.list(instance("i-1"))
    answer = await client(people.alice).post(
        f"/api/v1/executions/{execution.id}/artifacts", json={}
    )
    assert answer.status_code == 409


async def test_a_file_that_is_not_there_is_not_sent(
    client: Client, people: People, reader: Reader, folder: FolderStorage
) -> None:
    id = await asked(client, people.alice, await ended(reader, "web"))
    content = f"/api/v1/artifacts/{id}/content"
    answer = await client(people.alice).get(content)
    assert (answer.status_code, answer.json()["code"]) == (409, "artifact-not-ready")


async def test_making_it_twice_makes_one_file_and_one_end(
    client: Client, people: People, reader: Reader, folder: FolderStorage
) -> None:
    id = await asked(client, people.alice, await ended(reader, "web"))
    await make(reader, folder, id)
    before = (await client(people.alice).get(f"/api/v1/artifacts/{id}")).json()
    await make(reader, folder, id)
    after = (await client(people.alice).get(f"/api/v1/artifacts/{id}")).json()
    assert after == before
    async with reader.database.unit_of_work(Login.OWNER) as session:
        [purge] = await session.scalars(
            select(OutboxMessage).where(OutboxMessage.kind == OutboxKind.ARTIFACT_PURGE)
        )
    assert purge.available_at.isoformat().startswith(after["expires_at"][:19])


async def test_a_storage_that_is_away_is_told_and_waited_for(
    client: Client,
    people: People,
    reader: Reader,
    folder: FolderStorage,
    tmp_path: Path,
) -> None:
    id = await asked(client, people.alice, await ended(reader, "web"))
    (tmp_path / "in the way").write_text("a file where a folder should be")
    away = FolderStorage(tmp_path / "in the way")
    with pytest.raises(StorageAway):
        await make(reader, away, id)
    alice = client(people.alice)
    shown = (await alice.get(f"/api/v1/artifacts/{id}")).json()
    assert shown["status"] == "pending"
    assert "cannot be written" in shown["error"]
    await make(reader, folder, id)
    shown = (await alice.get(f"/api/v1/artifacts/{id}")).json()
    assert (shown["status"], shown["error"]) == ("ready", None)
    other = await asked(client, people.alice, await ended(reader, "web"))
    with pytest.raises(StorageAway):
        await make(reader, away, other, is_last_try=True)
    shown = (await alice.get(f"/api/v1/artifacts/{other}")).json()
    assert shown["status"] == "failed"


async def test_a_file_that_was_changed_never_ends_as_if_it_were_whole(
    client: Client, people: People, reader: Reader, folder: FolderStorage
) -> None:
    id = await asked(client, people.alice, await ended(reader, "web"))
    await make(reader, folder, id)
    async with reader.database.unit_of_work(Login.OWNER) as session:
        artifact = await session.get_one(Artifact, id)
    folder.put(artifacts.key_of(artifact), BytesIO(b"something else"))
    with pytest.raises(StorageAway):
        _ = [piece async for piece in artifacts.content(folder, artifact)]


async def test_a_file_goes_when_its_time_is_over_and_says_so(
    client: Client, people: People, reader: Reader, folder: FolderStorage
) -> None:
    id = await asked(client, people.alice, await ended(reader, "web"))
    await make(reader, folder, id)
    tenant = reader.account.organization_id
    for _ in range(2):
        await artifacts.purge(reader.database, folder, tenant, id)
    shown = (await client(people.alice).get(f"/api/v1/artifacts/{id}")).json()
    assert shown["status"] == "purged"
    assert shown["purged_at"] is not None
    answer = await client(people.alice).get(f"/api/v1/artifacts/{id}/content")
    assert answer.json()["code"] == "artifact-not-ready"
    async with reader.database.unit_of_work(Login.OWNER) as session:
        artifact = await session.get_one(Artifact, id)
    with pytest.raises(StorageAway):
        list(folder.read(artifacts.key_of(artifact)))


async def test_a_scoped_member_sees_no_file_of_a_hidden_account(
    client: Client, people: People, reader: Reader, folder: FolderStorage
) -> None:
    id = await asked(client, people.alice, await ended(reader, "web"))
    await make(reader, folder, id)
    for persona in (people.clara, people.mallory):
        for path in (f"/api/v1/artifacts/{id}", f"/api/v1/artifacts/{id}/content"):
            assert (await client(persona).get(path)).status_code == 404


def test_a_key_never_leads_out_of_the_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="out of the folder"):
        FolderStorage(tmp_path / "kept").put("../elsewhere", BytesIO(b""))


def test_a_bucket_keeps_files_too(emulator: EmulatorServer) -> None:
    platform = PlatformSession(emulator.root_keys, Endpoint(emulator.url))
    platform.client("s3", "us-east-1").create_bucket(Bucket="artifacts-of-tests")
    kept = BucketStorage(
        platform,
        bucket="artifacts-of-tests",
        region="us-east-1",
        prefix="artifacts/",
        kms_key_id=None,
    )
    kept.put("a/b.gz", BytesIO(b"x" * 300_000))
    assert b"".join(kept.read("a/b.gz")) == b"x" * 300_000
    kept.put("a/b.gz", BytesIO(b"other"))
    assert b"".join(kept.read("a/b.gz")) == b"other"
    kept.delete("a/b.gz")
    kept.delete("a/b.gz")
    with pytest.raises(StorageAway, match="NoSuchKey"):
        list(kept.read("a/b.gz"))
    _lists_its_keys(kept)


def test_a_folder_lists_its_keys(tmp_path: Path) -> None:
    _lists_its_keys(FolderStorage(tmp_path / "kept"))


def _lists_its_keys(kept: BucketStorage | FolderStorage) -> None:
    assert list(kept.keys("notes/")) == []
    for key in ("notes/2", "notes/1", "notebook", "other/1"):
        kept.put(key, BytesIO(b"x"))
    assert list(kept.keys("notes/")) == ["notes/1", "notes/2"]
