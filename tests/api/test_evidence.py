"""Evidence: a whole execution in one signed file, for who may have it, and proven by a
command that has nothing but the file and a public key."""

import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import select

from app.core.db import Database, Login
from app.core.embedded import PostgresServer
from app.core.ids import new_id
from app.core.permissions import Permission
from app.core.settings import Settings
from app.core.signing import SigningKeys, fingerprint
from app.models.audit import AuditEvent
from app.models.outbox import OutboxMessage
from app.models.run import TaskExecution, UnitStatus
from app.services import evidence, evidence_chain
from app.services.decisions.audit_chain import FORM, Facts, old_link_hash
from app.services.decisions.evidence_proof import prove
from app.services.decisions.evidence_steps import Kept, Refused
from app.services.outbox import OutboxKind
from tests.builders_runs import an_error, make_execution, make_unit
from tests.conftest import Client
from tests.personae import People, Persona, make_key
from tests.services.chained import heads, record, seal, take_heads, tampering
from tests.services.reading import Reader, make_reader

KEYS = "/.well-known/cloudrota-evidence-keys.json"
MoveClock = Callable[[str], Awaitable[None]]


@pytest.fixture
async def reader(database: Database, people: People) -> Reader:
    return await make_reader(database, people.alice, labels={"client": "north"})


@pytest.fixture
def key(configured: Settings) -> str:
    """The fingerprint of the key that signs."""
    keys = SigningKeys.from_settings(configured)
    assert keys is not None
    return fingerprint(keys.public_key)


async def ended(client: Client, people: People, reader: Reader) -> UUID:
    """An execution, started by Alice, of which one unit succeeded and one failed."""
    started = await client(people.alice).post(f"/api/v1/tasks/{reader.task.id}/execute")
    assert started.status_code == 202, started.text
    id = UUID(started.json()["executions"][0])
    async with reader.database.unit_of_work(Login.OWNER) as session:
        row = await session.get_one(TaskExecution, id)
        row.status = row.status.__class__("running")
        await session.flush()
        await make_unit(session, row, status=UnitStatus.SUCCEEDED)
        await make_unit(
            *(session, row),
            region="eu-west-1",
            status=UnitStatus.FAILED,
            error=an_error(),
        )
        row.status = row.status.__class__("failed")
        row.error = an_error()
    return id


async def export(client: Client, persona: Persona, id: UUID) -> bytes:
    answer = await client(persona).get(f"/api/v1/executions/{id}/evidence")
    assert answer.status_code == 200, answer.text
    assert len(answer.content) == int(answer.headers["content-length"])
    return answer.content


def records(bundle: bytes, *kinds: str) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in bundle.splitlines()]
    return [one for one in found if not kinds or one["is"] in kinds]


async def test_a_bundle_tells_all_of_an_execution_and_is_proven(
    client: Client, people: People, reader: Reader, key: str
) -> None:
    id = await ended(client, people, reader)
    files = await client(people.alice).post(
        f"/api/v1/executions/{id}/artifacts", json={}
    )
    await seal(reader.database)
    await take_heads(reader.database)
    bundle = await export(client, people.adam, id)
    (heading,) = records(bundle, "bundle")
    assert heading["asked_by"] == f"user:{people.adam.user_id}"
    assert heading["organization_name"] == "Acme"
    browser = client(people.alice)
    url = f"/api/v1/executions/{id}"
    shown = {
        "execution": [(await browser.get(url)).json()],
        "result": [(await browser.get(f"{url}/result")).json()],
        "unit": (await browser.get(f"{url}/units")).json()["items"],
        "event": (await browser.get(f"{url}/events")).json()["items"],
        "artifact": [files.json()],
    }
    for kind, items in shown.items():
        assert [one | {"is": kind} for one in items] == records(bundle, kind)
    errors = [unit["error"] for unit in shown["unit"]]
    assert [error and error["request_id"] for error in errors] == [
        None,
        "59dbff89-35bd-4eac-99ed-be587EXAMPLE",
    ]
    (version,) = records(bundle, "task_version")
    assert (version["name"], version["services"]) == (reader.task.name, ["ec2"])
    actions = [one["action"] for one in records(bundle, "audit_event")]
    assert actions == ["task.execute", "artifact.request"]
    said = " ".join(prove(bundle, {key}))
    assert "Events of the audit log that lead to the head of" in said
    assert f"Execution {json.dumps(str(id))}" in said


async def test_of_events_about_other_things_there_is_a_hash_alone(
    client: Client, people: People, reader: Reader, key: str
) -> None:
    id = await ended(client, people, reader)
    await record(reader.database, people.olga, "something.else", "something.more")
    await client(people.alice).post(f"/api/v1/executions/{id}/artifacts", json={})
    await seal(reader.database)
    bundle = await export(client, people.alice, id)
    steps = [one["is"] for one in records(bundle) if "seq" in one]
    assert steps == ["audit_event", "link", "link", "audit_event", "chain_end"]
    assert all(
        set(one) == {"is", "seq", "facts_hash"} for one in records(bundle, "link")
    )
    assert str(people.olga.user_id).encode() not in bundle
    assert b"something" not in bundle
    assert any("no daily head covered yet" in one for one in prove(bundle, {key}))


async def test_steps_lead_to_the_next_head_and_no_farther(
    client: Client, people: People, reader: Reader, key: str, move_clock: MoveClock
) -> None:
    database = reader.database
    id = await ended(client, people, reader)
    for days, act in enumerate(("first", "second", "third")):
        await record(database, people.olga, f"{act}.thing")
        await seal(database)
        await move_clock(f"{days} days")
        await take_heads(database)
    await move_clock("0 days")
    await client(people.alice).post(f"/api/v1/executions/{id}/artifacts", json={})
    await seal(database)
    bundle = await export(client, people.alice, id)
    steps = [(one["is"], one["seq"]) for one in records(bundle) if "seq" in one]
    assert steps == [
        *(("audit_event", 1), ("link", 2), ("head", 2)),
        *(("audit_event", 5), ("chain_end", 5)),
    ]
    kept = [
        Kept(*(head.organization_id, head.seq, head.hash))
        for head in await heads(database)
    ]
    said = prove(bundle, {key}, kept)
    assert "Of the heads that you kept, number 2 is in it as it left." in said


async def test_each_export_is_in_the_audit_log_with_what_it_hashes_to(
    client: Client, people: People, reader: Reader, key: str
) -> None:
    id = await ended(client, people, reader)
    first = await export(client, people.alice, id)
    (signature,) = records(first, "signature")
    async with reader.database.unit_of_work(Login.OWNER) as session:
        (event,) = await session.scalars(
            select(AuditEvent).where(AuditEvent.action == "execution.evidence")
        )
    assert event.subject_id == id
    assert event.detail == {"sha256": signature["sha256"], "bytes": len(first)}
    second = await export(client, people.alice, id)
    waiting = records(second, "audit_event")
    assert [one["seq"] for one in waiting] == [None, None]
    assert signature["sha256"] in waiting[1]["detail"]
    assert "Events that were not linked yet, only signed: 2." in prove(second, {key})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            "UPDATE audit_events SET actor = 'x' WHERE action = 'task.execute'",
            "is not what was linked",
        ),
        (
            "UPDATE audit_events SET actor = 'x' WHERE action = 'something.else'",
            "do not lead to the head",
        ),
        (
            "DELETE FROM audit_events WHERE action = 'something.else'",
            "was removed from the audit log",
        ),
        ("DELETE FROM audit_links WHERE seq = 2", "comes 3"),
        (
            (
                "UPDATE audit_events SET detail = detail || '{\"a\": 1}'"
                " WHERE action = 'task.execute'"
            ),
            "The detail of event .* was changed",
        ),
    ],
)
async def test_a_log_that_was_tampered_with_is_refused_by_who_verifies(
    change: str,
    said: str,
    client: Client,
    people: People,
    reader: Reader,
    key: str,
    configured: Settings,
    postgres_server: PostgresServer,
) -> None:
    """By the superuser, before the export: the signature holds all the same."""
    id = await ended(client, people, reader)
    await record(reader.database, people.olga, "something.else", "something.more")
    await seal(reader.database)
    assert prove(await export(client, people.alice, id), {key})
    async with tampering(postgres_server.superuser_dsn, configured) as thief:
        await thief.execute(change)
    with pytest.raises(Refused, match=said):
        prove(await export(client, people.alice, id), {key})


async def test_a_link_of_the_older_form_is_told_and_not_proven(
    client: Client,
    people: People,
    reader: Reader,
    key: str,
    configured: Settings,
    postgres_server: PostgresServer,
) -> None:
    id = await ended(client, people, reader)
    await seal(reader.database)
    async with tampering(postgres_server.superuser_dsn, configured) as thief:
        names = ", ".join(f"e.{name}" for name in Facts._fields)
        row = await thief.fetchrow(
            f"SELECT {names} FROM audit_events e WHERE action = 'task.execute'"  # noqa: S608 — our own names
        )
        hash = old_link_hash(people.alice.organization_id, 1, bytes(32), Facts(*row))
        await thief.execute("UPDATE audit_links SET hash = $1", hash)
    said = prove(await export(client, people.alice, id), {key})
    assert any(one.startswith("Events that were linked in an older") for one in said)
    assert FORM == "cloudrota-audit-2"


# ── who gets none ────────────────────────────────────────────────────────────────


async def test_who_does_not_see_the_whole_audit_log_gets_none(
    client: Client, people: People, reader: Reader, database: Database
) -> None:
    id = await ended(client, people, reader)
    url = f"/api/v1/executions/{id}/evidence"
    async with database.unit_of_work(Login.OWNER) as session:
        scope = {"client": ["north"]}
        limited = await make_key(session, people.alice, label_scope=scope)
        narrow = await make_key(
            session, people.alice, scopes={Permission.READ_EXECUTIONS}
        )
        enough = await make_key(
            session, people.alice, scopes={Permission.EXPORT_EVIDENCE}
        )
    for persona in (people.olga, people.victor, people.clara, limited, narrow):
        answer = await client(persona).get(url)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert (await client(people.mallory).get(url)).status_code == 404
    assert (await client(enough).get(url)).status_code == 200


async def test_what_is_not_whole_is_not_signed(
    client: Client, people: People, reader: Reader
) -> None:
    async with reader.database.unit_of_work(Login.OWNER) as session:
        made = await make_execution(session, reader.task, reader.account)
    url = f"/api/v1/executions/{made.id}/evidence"
    answer = await client(people.alice).get(url)
    assert (answer.status_code, answer.json()["code"]) == (409, "evidence-not-ready")
    async with reader.database.unit_of_work(Login.OWNER) as session:
        row = await session.get_one(TaskExecution, made.id)
        row.status = row.status.__class__("cancelled")
        session.add(
            OutboxMessage(
                id=new_id(),
                organization_id=row.organization_id,
                kind=OutboxKind.EXECUTION_SETTLE,
                subject_id=made.id,
                dedupe_key=f"settle:{made.id}",
            )
        )
    answer = await client(people.alice).get(url)
    assert (answer.status_code, answer.json()["code"]) == (409, "evidence-not-ready")


@pytest.mark.parametrize(
    ("module", "bound"), [(evidence, "MOST_BYTES"), (evidence_chain, "MOST_EVENTS")]
)
async def test_what_would_be_too_large_is_refused_and_not_cut(
    module: Any,
    bound: str,
    client: Client,
    people: People,
    reader: Reader,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    id = await ended(client, people, reader)
    monkeypatch.setattr(module, bound, 0)
    answer = await client(people.alice).get(f"/api/v1/executions/{id}/evidence")
    assert (answer.status_code, answer.json()["code"]) == (409, "evidence-too-large")
    async with reader.database.unit_of_work(Login.OWNER) as session:
        found = await session.scalars(
            select(AuditEvent).where(AuditEvent.action == "execution.evidence")
        )
        assert found.all() == []


# ── the keys ─────────────────────────────────────────────────────────────────────


async def test_retired_keys_stay_listed_for_everybody(
    app: FastAPI, client: Client, configured: Settings, people: People, reader: Reader
) -> None:
    id = await ended(client, people, reader)
    old = SigningKeys.from_settings(configured)
    assert old is not None
    before = await export(client, people.alice, id)
    rotated = configured.model_copy(
        update={
            "evidence_signing_key": SecretStr(
                "kV7mQ2xT9bL4wZ8nR3cF6hJ1pD5sG0yAkV7mQ2xT9bI="
            ),
            "evidence_retired_keys": [old.public_key.hex()],
        }
    )
    app.state.signing_keys = new = SigningKeys.from_settings(rotated)
    assert new is not None
    try:
        listed = (await client(None).get(KEYS)).json()["keys"]
        after = await export(client, people.alice, id)
    finally:
        app.state.signing_keys = old
    assert [(one["public_key"], one["status"]) for one in listed] == [
        (new.public_key.hex(), "active"),
        (old.public_key.hex(), "retired"),
    ]
    trusted = {one["public_key"] for one in listed}
    assert prove(before, trusted)
    assert prove(after, trusted)
    with pytest.raises(Refused, match="not the one you gave"):
        prove(after, {old.public_key.hex()})


async def test_without_a_key_nothing_is_signed_and_none_is_listed(
    app: FastAPI, client: Client, people: People, reader: Reader
) -> None:
    id = await ended(client, people, reader)
    kept = app.state.signing_keys
    app.state.signing_keys = None
    try:
        answer = await client(people.alice).get(f"/api/v1/executions/{id}/evidence")
        listed = await client(None).get(KEYS)
    finally:
        app.state.signing_keys = kept
    assert (answer.status_code, answer.json()["code"]) == (409, "no-signing-key")
    assert listed.json() == {"keys": []}
