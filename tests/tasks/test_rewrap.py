"""`cloudrota rotate-keys` as a process: killed in the middle it has done no harm, the
next one goes on, and its exit code says whether the old key is still needed."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from base64 import b64encode
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.crypto import Keyring, LocalKey
from app.core.db import Database, Login
from app.core.settings import Settings
from app.models.aws_account import AWSCredentialVersion
from app.services.rewrapping import BATCH
from tests.locks import until_it_waits
from tests.personae import People
from tests.services.sealed import make_version, opened
from tests.tasks.processes import ROOT, environment

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
BEFORE = Keyring({"old": LocalKey("old", OLD)}, "old")
AFTER = Keyring({"new": LocalKey("new", NEW)}, "new")


@pytest.fixture
def settings(configured: Settings) -> Settings:
    """With the old key, and the new one active."""
    keys = {"old": OLD, "new": NEW}
    return configured.model_copy(
        update={
            "credential_keys": {
                key_id: SecretStr(b64encode(key).decode())
                for key_id, key in keys.items()
            },
            "credential_active_key": "new",
        }
    )


async def start(settings: Settings, *arguments: str) -> Process:
    command = (sys.executable, "-m", "app.cli", "rotate-keys", "--json", *arguments)
    variables = environment(settings)
    return await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, env=variables, stdout=PIPE, stderr=PIPE
    )


async def run(settings: Settings, *arguments: str) -> tuple[int | None, Any, str]:
    """Exit code, the last line, and all that was written."""
    process = await start(settings, *arguments)
    out, err = await process.communicate()
    said = (out + err).decode()
    return process.returncode, json.loads(out.decode().splitlines()[-1]), said


async def test_a_killed_one_is_gone_on_with(
    settings: Settings, database: Database, people: People, owner: AsyncSession
) -> None:
    acme, many = people.alice.organization_id, 2 * BATCH
    rows = [
        await make_version(database, acme, f"hush {n}", keys=BEFORE)
        for n in range(many)
    ]
    in_second_batch = sorted(row.id for row in rows)[BATCH + 2]
    async with database.unit_of_work(Login.OWNER) as holding:
        held = select(AWSCredentialVersion).where(
            AWSCredentialVersion.id == in_second_batch
        )
        await holding.execute(held.with_for_update())
        process = await start(settings)
        ended = asyncio.create_task(process.communicate())
        await until_it_waits(database, ended)
        process.kill()
        await ended
    assert process.returncode == -9
    await owner.rollback()
    by_key = text("SELECT key_id, count(*) FROM aws_credential_versions GROUP BY 1")
    counts = {row[0]: row[1] for row in await owner.execute(by_key)}
    assert counts == {"new": BATCH, "old": BATCH}

    code, report, said = await run(settings)
    assert code == 0
    assert report["before"]["aws_credential_versions"] == counts
    assert report["after"]["aws_credential_versions"] == {"new": many}
    assert report["rewrapped"] == {"aws_credential_versions": BATCH}
    assert (report["left"], report["unopened"]) == (0, [])
    assert "hush" not in said
    found = await opened(owner, AFTER)
    assert found == {f"hush {n}": 1 for n in range(many)}


async def test_counting_says_whether_the_old_key_may_go(
    settings: Settings, database: Database, people: People
) -> None:
    await make_version(database, people.alice.organization_id, "hush", keys=BEFORE)
    code, report, _ = await run(settings, "--count")
    assert code == 1
    assert (report["left"], report["active_key"]) == (1, "new")
    assert {"new", "old"} <= set(report["configured_keys"])
    code, report, said = await run(settings)
    assert code == 0, said
    only_new = settings.model_copy(
        update={"credential_keys": {"new": settings.credential_keys["new"]}}
    )
    code, report, _ = await run(only_new, "--count")
    assert (code, report["left"], report["missing_keys"]) == (0, 0, [])


async def test_what_was_left_without_its_key_is_told(
    settings: Settings, database: Database, people: People
) -> None:
    row = await make_version(
        database, people.alice.organization_id, "hush", keys=BEFORE
    )
    only_new = settings.model_copy(
        update={"credential_keys": {"new": settings.credential_keys["new"]}}
    )
    code, report, said = await run(only_new)
    assert code == 1
    assert report["missing_keys"] == ["old"]
    assert [one["id"] for one in report["unopened"]] == [str(row.id)]
    assert "hush" not in said
