"""A database is filled, backed up, worked with and lost; what is restored is what was
backed up, stands still until it is resumed, and then nothing is done twice."""

import json
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.bootstrap import bootstrap
from app.core.crypto import (
    Envelope,
    KeyProvider,
    Keyring,
    LocalKey,
    Undecryptable,
    unseal,
)
from app.core.db import Database, Login
from app.core.embedded import Postgres, PostgresServer
from app.core.secret import Secret
from app.core.settings import Settings
from app.integrations.folder import FolderStorage
from app.models.aws_account import AWSCredentialVersion
from app.models.organization import Organization
from app.models.run import Status, TaskExecution, TaskRun
from app.models.task import ActionKind
from app.services import audit, audit_chain, claims, erasing
from app.services.credential_opening import place_of
from app.tasks import pulse, restore
from app.tasks.publisher import RedisPublisher
from app.tasks.verify_audit import verify
from tests.builders import make_account, make_task
from tests.builders_runs import make_execution
from tests.dispatching import MINUTE, MINUTELY, SLOT, stop_clock, tick
from tests.drill import backup
from tests.drill.figures import FIGURES
from tests.personae import People
from tests.services.sealed import BEFORE, make_version

_KEY = b"o" * 31 + b"1"  # that of BEFORE
_OTHER = Keyring({"old": LocalKey("old", b"x" * 32)}, "old")


@dataclass(frozen=True)
class Ground:
    """Where it is restored: a server, and the settings that lead to the database."""

    server: PostgresServer
    settings: Settings


def _name(settings: Settings) -> str:
    assert settings.database_url is not None
    return settings.database_url.get_secret_value().rpartition("/")[2]


def _moved(settings: Settings, server: PostgresServer) -> Settings:
    name = _name(settings)
    urls = {
        "database_url" if login is Login.APP else f"database_{login}_url": SecretStr(
            server.url(f"cloudrota_{login}", Secret("test"), name)
        )
        for login in Login
    }
    return settings.model_copy(update=urls)


@pytest.fixture(params=["the same server", "another server"])
async def ground(
    request: pytest.FixtureRequest,
    configured: Settings,
    postgres_server: PostgresServer,
    server_directory: Path,
) -> AsyncIterator[Ground]:
    if request.param == "the same server":
        yield Ground(postgres_server, configured)
        return
    other = Postgres(server_directory / "other", durable=False)
    server = other.start()
    moved = _moved(configured, server)
    await bootstrap(server.superuser_url, moved)
    await backup.destroy(server, _name(moved))
    yield Ground(server, moved)
    # What the fixture drops at the end is there again.
    await bootstrap(postgres_server.superuser_url, configured)
    other.remove()


async def fill(database: Database, people: People) -> tuple[UUID, UUID]:
    """A task that is due each minute, one execution of it done and two at work of which
    one changes something, a secret, and a chained audit log; the ids of the task and
    of the secret's credentials."""
    tenant = people.alice.organization_id
    async with database.unit_of_work(Login.OWNER) as session:
        account = await make_account(session, tenant)
        task = await make_task(
            *(session, tenant),
            accounts=(account,),
            schedule=MINUTELY,
            next_run_at=SLOT + MINUTE,
        )
        change = await make_task(
            *(session, tenant),
            accounts=(account,),
            name="Change",
            kind=ActionKind.MUTATE,
        )
        await make_execution(session, task, account)
        await make_execution(session, change, account)
        await make_execution(session, change, account, status=Status.QUEUED)
        for one in (people.alice, people.mallory):
            await audit.record(
                session,
                organization_id=one.organization_id,
                actor="operator:drill",
                action="drill.fill",
                subject_type="organization",
                subject_id=one.organization_id,
            )
    version = await make_version(database, tenant, "made-up-secret")
    await _chain(database)
    return task.id, version.credentials_id


async def _chain(database: Database) -> None:
    async with database.system_session("drill") as session:
        await audit_chain.seal(session, limit=100)


async def _faults(database: Database) -> int:
    lines = [line async for line in verify(database, [], [])]
    faults: int = json.loads(lines[-1])["faults"]
    return faults


async def _opens(database: Database, keys: KeyProvider) -> bool:
    async with database.unit_of_work(Login.OWNER) as session:
        row = (await session.scalars(select(AWSCredentialVersion))).one()
    place = place_of(row.organization_id, row.credentials_id, row.version)
    stored = Envelope(row.key_id, row.wrapped_key, row.ciphertext)
    try:
        return (await unseal(keys, stored, place)).reveal() == "made-up-secret"
    except Undecryptable:
        return False


async def _claimed(database: Database) -> int:
    count = 0
    for kind in ActionKind:
        async with database.system_session("drill") as session:
            found = await claims.claim(
                session, kind=kind, worker="drill", running_cap=99, most=99
            )
        count += len(found)
    return count


async def _is_there(session: AsyncSession, organization_id: UUID) -> bool:
    found = select(Organization.id).where(Organization.id == organization_id)
    return await session.scalar(found) is not None


async def test_a_lost_database_is_restored_and_nothing_is_done_twice(
    database: Database,
    configured: Settings,
    people: People,
    postgres_server: PostgresServer,
    ground: Ground,
    tmp_path: Path,
) -> None:
    files, file = FolderStorage(tmp_path / "files"), tmp_path / "backup"
    gone = people.mallory.organization_id
    await stop_clock(database)
    task_id, _ = await fill(database, people)
    await pulse.judge(database, configured, as_beat=True)
    before = await backup.rows(postgres_server, _name(configured))
    await backup.back_up(postgres_server, _name(configured), file)

    # What the backup does not know: runs, an erasure, pulses of the beat.
    await stop_clock(database, 3 * MINUTE)
    assert await tick(database) == 1
    await erasing.erase_organization(database, files, gone)
    await pulse.judge(database, configured, as_beat=True)
    await database.close()
    await backup.destroy(postgres_server, _name(configured))

    await backup.restore(ground.server, file)
    FIGURES.drills += 1
    after = await backup.rows(ground.server, _name(configured))
    FIGURES.rows += sum(before.values())
    FIGURES.rows_differ += sum(after.get(name) != n for name, n in before.items())
    publisher = RedisPublisher(ground.settings)
    restored = Database(ground.settings, publisher)
    try:
        await _prove(restored, ground.settings, files, file, (gone, task_id))
    finally:
        await restored.close()
        await publisher.close()
    assert FIGURES.are_right, FIGURES.line()


async def _prove(
    restored: Database,
    settings: Settings,
    files: FolderStorage,
    file: Path,
    ids: tuple[UUID, UUID],
) -> None:
    gone, task_id = ids
    await stop_clock(restored, 10 * MINUTE)
    FIGURES.unpaused += not await pulse.judge(restored, settings, as_beat=True)
    FIGURES.unpaused += await tick(restored) + await _claimed(restored)
    FIGURES.unverified += await _faults(restored)
    await _prove_secrets(restored, file)

    told = await restore.resume(restored, settings, files, None, nothing_lost=False)
    FIGURES.executions_ended += told["executions"]
    FIGURES.erased_again += str(gone) in told["erased_again"]
    async with restored.unit_of_work(Login.OWNER) as session:
        FIGURES.unerased += await _is_there(session, gone)
        (gap,) = await session.scalars(
            select(TaskRun).where(
                TaskRun.task_id == task_id,
                TaskRun.reason == "restored",
                TaskRun.scheduled_for.is_not(None),
            )
        )
        FIGURES.slots_skipped += gap.slots
        unended = select(TaskExecution).where(TaskExecution.finished_at.is_(None))
        FIGURES.rerun += len((await session.scalars(unended)).all())
    FIGURES.rerun += await tick(restored) + await _claimed(restored)
    await _chain(restored)
    FIGURES.unverified += await _faults(restored)

    # And work goes on with the next slot.
    await stop_clock(restored, 11 * MINUTE)
    assert await tick(restored) == 1
    assert await _claimed(restored) == 1


async def _prove_secrets(restored: Database, file: Path) -> None:
    FIGURES.opened_with_key += await _opens(restored, BEFORE)
    FIGURES.opened_without_key += await _opens(restored, _OTHER)
    held = await backup.as_text(file)
    for form in (_KEY, _KEY.hex().encode(), b64encode(_KEY), b"made-up-secret"):
        FIGURES.opened_without_key += form in held
