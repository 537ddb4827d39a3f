"""Two beats, or two workers, at the same rows: neither waits for the other, and what
one does in order the other does in the same order."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.core.ids import new_id
from app.models.outbox import OutboxMessage, OutboxStatus
from app.models.run import TaskExecution, TaskRun
from app.services import claims
from app.services.outbox import OutboxKind
from app.services.reaping import hint_again, reap
from tests.locks import until_it_waits
from tests.personae import People
from tests.services.test_claims import claim, queued

MoveClock = Callable[[str], Awaitable[None]]

_IMPATIENT = text("SET LOCAL lock_timeout = '5s'")


def _at_work(
    database: Database, held: claims.Claim
) -> AbstractAsyncContextManager[AsyncSession]:
    return database.unit_of_work(Login.WORKER, organization_id=held.organization_id)


async def _statuses(owner: AsyncSession) -> dict[UUID, str]:
    rows = await owner.execute(select(TaskExecution.id, TaskExecution.status))
    return {id: status.value for id, status in rows}


async def test_a_beat_reaps_what_another_one_is_not_reaping(
    database: Database, people: People, move_clock: MoveClock
) -> None:
    await queued(database, people, count=2)
    await claim(database, most=2)
    await move_clock("61 seconds")
    async with database.system_session("test") as first:
        assert await reap(first, limit=1) == 1
        async with database.system_session("test") as second:
            await second.execute(_IMPATIENT)
            assert await reap(second, limit=9) == 1


async def test_the_lease_that_ran_out_first_is_reaped_first(
    database: Database, people: People, owner: AsyncSession, move_clock: MoveClock
) -> None:
    longer, shorter = await queued(database, people, count=2)
    await claim(database, most=2)
    await move_clock("20 seconds")
    async with database.system_session("test") as session:
        await claims.extend(session, {longer: 1})
    await move_clock("90 seconds")
    async with database.system_session("test") as session:
        assert await reap(session, limit=1) == 1
    assert await _statuses(owner) == {longer: "running", shorter: "queued"}


async def test_a_beat_hints_the_executions_that_another_one_is_not_hinting(
    database: Database, people: People, move_clock: MoveClock
) -> None:
    await queued(database, people, count=2)
    await move_clock("61 seconds")
    async with database.system_session("test") as first:
        assert await hint_again(first, limit=1) == 1
        async with database.system_session("test") as second:
            await second.execute(_IMPATIENT)
            assert await hint_again(second, limit=9) == 1


async def test_what_starts_later_is_not_hinted_before(
    database: Database, people: People, owner: AsyncSession, move_clock: MoveClock
) -> None:
    _, later = await queued(database, people, count=2)
    now = await owner.scalar(text("SELECT app_now()"))
    starts = text("SELECT app_now() + interval '100 seconds'")
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(
            update(TaskExecution)
            .where(TaskExecution.id == later)
            .values(not_before=await session.scalar(starts), hinted_at=now)
        )
    counts = []
    for ahead in ("61 seconds", "101 seconds"):
        await move_clock(ahead)
        async with database.system_session("test") as session:
            counts.append(await hint_again(session, limit=10))
    assert counts == [1, 1]


async def _messages(database: Database, people: People, count: int) -> list[UUID]:
    """Messages that are to be delivered, the one of the last first."""
    ids = [new_id() for _ in range(count)]
    async with database.unit_of_work(Login.OWNER) as session:
        for behind, id in enumerate(ids):
            due = text("SELECT app_now() - make_interval(secs => :behind)")
            session.add(
                OutboxMessage(
                    id=id,
                    organization_id=people.alice.organization_id,
                    kind=OutboxKind.EXECUTION_SETTLE,
                    subject_id=id,
                    dedupe_key=str(id),
                    available_at=await session.scalar(due, {"behind": behind}),
                )
            )
    return ids


async def _due(database: Database) -> set[UUID]:
    """Which messages are available, so that no hint is counted for them."""
    statement = select(OutboxMessage.id).where(
        OutboxMessage.available_at <= text("app_now()")
    )
    async with database.unit_of_work(Login.OWNER) as session:
        return set(await session.scalars(statement))


async def test_the_message_that_waits_longest_is_hinted_first(
    database: Database, people: People, move_clock: MoveClock
) -> None:
    newer, older = await _messages(database, people, 2)
    await move_clock("16 seconds")
    async with database.system_session("test") as first:
        assert await hint_again(first, limit=1) == 1
        async with database.system_session("test") as second:
            await second.execute(_IMPATIENT)
            assert await hint_again(second, limit=9) == 1
    assert older not in await _due(database)
    assert newer not in await _due(database)


async def test_of_messages_only_the_longest_waiting_are_hinted_at_a_time(
    database: Database, people: People, move_clock: MoveClock
) -> None:
    newer, _ = await _messages(database, people, 2)
    await move_clock("16 seconds")
    async with database.system_session("test") as session:
        assert await hint_again(session, limit=1) == 1
    assert await _due(database) == {newer}


async def test_what_was_delivered_or_has_only_just_come_is_not_hinted(
    database: Database, people: People, move_clock: MoveClock
) -> None:
    [delivered, _] = await _messages(database, people, 2)
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.id == delivered)
            .values(status=OutboxStatus.DONE)
        )
    counts = []
    for ahead in ("10 seconds", "20 seconds"):
        await move_clock(ahead)
        async with database.system_session("test") as session:
            counts.append(await hint_again(session, limit=10))
    assert counts == [0, 1]


async def test_a_message_that_somebody_is_at_is_not_hinted(
    database: Database, people: People, move_clock: MoveClock
) -> None:
    [held] = await _messages(database, people, 1)
    async with database.unit_of_work(Login.OWNER) as session:
        leased = text("SELECT app_now() + interval '40 seconds'")
        await session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.id == held)
            .values(lease_until=await session.scalar(leased))
        )
    counts = []
    for ahead in ("16 seconds", "41 seconds"):
        await move_clock(ahead)
        async with database.system_session("test") as session:
            counts.append(await hint_again(session, limit=10))
    assert counts == [0, 1]


async def test_what_its_worker_writes_to_is_not_reaped_meanwhile(
    database: Database, people: People, move_clock: MoveClock
) -> None:
    await queued(database, people)
    [held] = await claim(database)
    await move_clock("61 seconds")
    async with _at_work(database, held) as working:
        await claims.hold(working, held)
        async with database.system_session("test") as beat:
            await beat.execute(_IMPATIENT)
            assert await reap(beat, limit=9) == 0


async def test_who_writes_to_an_execution_keeps_nobody_from_pointing_at_it(
    database: Database, people: People
) -> None:
    await queued(database, people)
    [held] = await claim(database)
    pointed_at = select(TaskExecution.id).with_for_update(read=True, key_share=True)
    async with _at_work(database, held) as working:
        await claims.hold(working, held)
        async with database.unit_of_work(Login.OWNER) as another:
            await another.execute(_IMPATIENT)
            assert await another.scalar(pointed_at) == held.execution_id


async def test_runs_are_begun_in_one_order(
    database: Database, people: People, owner: AsyncSession
) -> None:
    """A claim that waits for the first run holds none of the others."""
    await queued(database, people, count=3)
    runs = sorted(await owner.scalars(select(TaskRun.id)))
    # So that the table's own order is another one.
    renewed = text("UPDATE task_runs SET slots = slots WHERE id = :id")
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(renewed, {"id": runs[0]})
    held = select(TaskRun.id).where(TaskRun.id == runs[0]).with_for_update()
    others = select(TaskRun.id).where(TaskRun.id.in_(runs[1:]))
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(held)
        claiming = asyncio.create_task(claim(database, most=3))
        await until_it_waits(database, claiming)
        async with database.unit_of_work(Login.OWNER) as another:
            free = await another.scalars(others.with_for_update(nowait=True))
            assert set(free) == set(runs[1:])
    assert len(await claiming) == 3
