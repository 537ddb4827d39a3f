"""A restored database plans nothing and begins nothing until the operator says so, and
then runs nothing again."""

from pathlib import Path

import pytest
from redis.asyncio import Redis
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.core.settings import Settings
from app.integrations.folder import FolderStorage
from app.models.audit import AuditEvent
from app.models.erasure import Erasure
from app.models.organization import Organization
from app.models.outbox import OutboxMessage
from app.models.restore import Pulse, Restore
from app.models.run import Status, TaskExecution, TaskRun
from app.models.task import ActionKind, Task
from app.services import claims, dispatch, reaping, restores
from app.services.restores import NotPaused
from app.tasks import erase, pulse, restore
from tests.builders import make_account, make_task
from tests.builders_runs import make_execution
from tests.dispatching import MINUTE, SLOT, due_task, runs_of, stop_clock, tick
from tests.personae import People


async def notice(database: Database) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        assert await restores.notice(session, by="operator:test", sign="test")


async def claimed(database: Database, kind: ActionKind) -> int:
    async with database.system_session("test") as session:
        found = await claims.claim(
            session, kind=kind, worker="w", running_cap=9, most=9
        )
    return len(found)


async def test_a_paused_database_plans_nothing_claims_nothing_and_reaps_nothing(
    database: Database, configured: Settings, people: People, owner: AsyncSession
) -> None:
    await stop_clock(database)
    task_id = await due_task(database, people, SLOT)
    async with database.unit_of_work(Login.OWNER) as session:
        task = await session.get_one(Task, task_id)
        first, second = [
            await make_account(
                session, people.alice.organization_id, account_id=id, name=id
            )
            for id in ("210987654321", "210987654322")
        ]
        await make_execution(session, task, first, status=Status.QUEUED)
        await make_execution(session, task, second)
        await session.execute(
            text("UPDATE task_executions SET lease_until = app_now() - '1 h'::interval")
        )
    await notice(database)
    assert await tick(database) == 0
    async with database.system_session("test") as session:
        in_turn = await dispatch.dispatch_due(session, limit=9, in_turn=True)
    assert in_turn.tasks == 0
    assert await claimed(database, ActionKind.READ) == 0
    async with database.system_session("test") as session:
        assert await reaping.reap(session, limit=9) == 0
    assert (await restore.pause(database, configured)) == {"paused": False}
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(text("DELETE FROM restores"))
    assert await claimed(database, ActionKind.READ) == 1
    async with database.system_session("test") as session:
        assert await reaping.reap(session, limit=9) == 1
    assert await tick(database) == 1


async def test_what_was_missed_is_one_gap_and_the_next_slot_is_to_come(
    database: Database, people: People, owner: AsyncSession
) -> None:
    await stop_clock(database, 10 * MINUTE)
    task_id = await due_task(database, people, SLOT)
    await notice(database)
    counts = await restores.resume(database, operator="operator:test")
    assert counts == {"executions": 0, "slots_of_tasks": 1, "numbers_behind": []}
    (gap,) = await runs_of(owner, task_id)
    assert (gap.status, gap.reason) == (Status.SKIPPED, "restored")
    assert (gap.scheduled_for, gap.scheduled_until) == (SLOT, SLOT + 10 * MINUTE)
    assert gap.slots == 11
    task = await owner.get_one(Task, task_id)
    assert task.next_run_at == SLOT + 11 * MINUTE
    (said,) = await owner.scalars(
        select(AuditEvent).where(AuditEvent.action == restores.ACTION)
    )
    assert said.actor == "operator:test"
    assert said.detail == {
        "executions": "0",
        "slots_of_tasks": "1",
        "nothing_lost": False,
    }
    await stop_clock(database, 11 * MINUTE)
    assert await tick(database) == 1


@pytest.mark.parametrize("kind", ActionKind)
async def test_what_was_queued_or_at_work_ends_and_none_is_run_again(
    database: Database, people: People, owner: AsyncSession, kind: ActionKind
) -> None:
    tenant = people.alice.organization_id
    async with database.unit_of_work(Login.OWNER) as session:
        first = await make_account(session, tenant)
        second = await make_account(
            session, tenant, account_id="210987654321", name="B"
        )
        task = await make_task(session, tenant, accounts=(first, second), kind=kind)
        running = await make_execution(session, task, first)
        queued = await make_execution(session, task, second, status=Status.QUEUED)
    await notice(database)
    async with database.unit_of_work(Login.OWNER) as session:
        later = await make_execution(session, task, first, status=Status.QUEUED)
    counts = await restores.resume(database, operator="operator:test")
    assert counts["executions"] == 2
    ended = {one.id: one for one in await owner.scalars(select(TaskExecution))}
    lost = Status.INTERRUPTED if kind is ActionKind.MUTATE else Status.SKIPPED
    assert (ended[running.id].status, ended[running.id].reason) == (lost, "restored")
    assert ended[running.id].fence > running.fence
    assert ended[queued.id].status is Status.SKIPPED
    assert ended[queued.id].reason == "restored"
    runs = {one.id: one.status for one in await owner.scalars(select(TaskRun))}
    assert runs[queued.run_id] is Status.SKIPPED
    # What was asked for since is run, and nothing else.
    assert ended[later.id].status is Status.QUEUED
    assert await claimed(database, kind) == 1
    messages = await owner.scalars(select(OutboxMessage.subject_id))
    assert running.id in set(messages)


async def test_where_nothing_was_lost_the_pause_is_only_lifted(
    database: Database, people: People
) -> None:
    await stop_clock(database)
    await due_task(database, people, SLOT)
    await notice(database)
    await restores.resume(database, operator="operator:test", nothing_lost=True)
    assert await tick(database) == 1


async def test_nothing_is_resumed_that_is_not_paused(database: Database) -> None:
    with pytest.raises(NotPaused):
        await restores.resume(database, operator="operator:test")


async def test_an_interrupted_resumption_stays_paused_and_goes_on(
    database: Database, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stop_clock(database)
    task_id = await due_task(database, people, SLOT)
    await notice(database)

    async def die(*_: object, **__: object) -> None:
        raise ConnectionResetError

    with monkeypatch.context() as patched:
        patched.setattr(restores, "_miss_some", die)
        with pytest.raises(ConnectionResetError):
            await restores.resume(database, operator="operator:test")
    assert await tick(database) == 0
    await restores.resume(database, operator="operator:test")
    async with database.unit_of_work(Login.OWNER) as session:
        assert len(await runs_of(session, task_id)) == 1


async def test_whom_the_backup_brought_back_is_erased_again(
    database: Database,
    configured: Settings,
    people: People,
    owner: AsyncSession,
    tmp_path: Path,
) -> None:
    files = FolderStorage(tmp_path)
    await erase.erase_again(database, files, [people.mallory.organization_id])
    # The backup knew of no erasure, and had the organization.
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(text("DELETE FROM erasures"))
        session.add(
            Organization(
                id=people.mallory.organization_id, name="Back", aws_external_id="x" * 32
            )
        )
    await notice(database)
    told = await restore.resume(database, configured, files, None, nothing_lost=False)
    assert str(people.mallory.organization_id) in told["erased_again"]
    assert await owner.get(Organization, people.mallory.organization_id) is None
    known = await owner.get_one(Erasure, people.mallory.organization_id)
    assert known.finished_at is not None
    assert await owner.get(Organization, people.alice.organization_id) is not None


# ── how it is noticed ────────────────────────────────────────────────────────────


async def paused(database: Database) -> str | None:
    async with database.system_session("test") as session:
        found = await restores.present(session)
    return None if found is None else found.sign


async def test_a_beat_that_goes_on_notices_nothing(
    database: Database, configured: Settings
) -> None:
    for _ in range(3):
        assert not await pulse.judge(database, configured, as_beat=True)
        assert not await pulse.judge(database, configured, as_beat=False)
    async with database.system_session("test") as session:
        assert (await session.scalars(select(Pulse.count))).one() == 3
    assert await paused(database) is None


@pytest.mark.parametrize("as_beat", [True, False])
async def test_a_database_that_went_back_in_time_is_paused_once(
    database: Database, configured: Settings, *, as_beat: bool
) -> None:
    for _ in range(3):
        await pulse.judge(database, configured, as_beat=True)
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(text("UPDATE pulses SET count = 1"))
    assert await pulse.judge(database, configured, as_beat=as_beat)
    assert await paused(database) == "The database has forgotten 2 pulses of the beat."
    await restores.resume(database, operator="operator:test", nothing_lost=True)
    assert not await pulse.judge(database, configured, as_beat=as_beat)
    assert await paused(database) is None


async def test_a_database_on_another_server_is_paused_though_redis_has_lost_it(
    database: Database, configured: Settings
) -> None:
    await pulse.judge(database, configured, as_beat=True)
    async with Redis.from_url(configured.redis_url.get_secret_value()) as redis:
        for key in await redis.keys("pulse:*"):
            await redis.delete(key)
    assert not await pulse.judge(database, configured, as_beat=True)
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(text("UPDATE pulses SET server = server + 1"))
    assert await pulse.judge(database, configured, as_beat=True)
    assert await paused(database) == "The database lies on another server than before."


async def test_only_one_restore_is_open(
    database: Database, configured: Settings, owner: AsyncSession
) -> None:
    await notice(database)
    await restore.pause(database, configured)
    assert len((await owner.scalars(select(Restore))).all()) == 1
