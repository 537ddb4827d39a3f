"""Leases: one holder at a time, and nothing is written without the present fence."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.aws.catalog.loader import catalog
from app.core.clock import now
from app.core.db import Database, Login
from app.core.errors import LeaseLost
from app.core.version import VERSION
from app.models.outbox import OutboxMessage
from app.models.run import ExecutionEvent, Status, TaskExecution, TaskRun, Trigger
from app.models.task import ActionKind, Task, TaskVersion
from app.services import claims
from app.services.claims import Claim
from app.services.decisions.status import MOVES
from app.services.reaping import hint_again, reap
from tests.builders import make_account, make_task
from tests.builders_runs import make_execution
from tests.personae import People

MoveClock = Callable[[str], Awaitable[None]]


async def queued(
    database: Database,
    people: People,
    *,
    count: int = 1,
    kind: ActionKind = ActionKind.READ,
) -> list[UUID]:
    """Executions of one run each, of one task each."""
    organization_id = people.alice.organization_id
    made = []
    async with database.unit_of_work(Login.OWNER) as session:
        account = await make_account(session, organization_id)
        for number in range(count):
            task = await make_task(
                session,
                organization_id,
                accounts=(account,),
                name=f"Task {number}",
                kind=kind,
            )
            version = await session.scalar(
                select(TaskVersion.id).where(TaskVersion.task_id == task.id)
            )
            run = TaskRun(
                organization_id=organization_id,
                task_id=task.id,
                task_version_id=version,
                trigger=Trigger.MANUAL,
            )
            session.add(run)
            await session.flush()
            execution = TaskExecution(
                organization_id=organization_id,
                task_id=task.id,
                run_id=run.id,
                aws_account_id=account.id,
                kind=kind,
                priority=task.priority,
                timeout_seconds=60,
                hinted_at=now(),
            )
            session.add(execution)
            await session.flush()
            made.append(execution.id)
    return made


async def claim(
    database: Database,
    *,
    kind: ActionKind = ActionKind.READ,
    worker: str = "w1",
    cap: int = 10,
    most: int = 1,
) -> list[Claim]:
    async with database.system_session("test") as session:
        return await claims.claim(
            session, kind=kind, worker=worker, running_cap=cap, most=most
        )


async def reap_once(database: Database) -> int:
    async with database.system_session("test") as session:
        return await reap(session, limit=100)


async def test_only_one_of_many_workers_gets_an_execution(
    database: Database, people: People
) -> None:
    await queued(database, people)
    got = await asyncio.gather(*(claim(database, worker=f"w{n}") for n in range(5)))
    [held] = [one for found in got for one in found]
    assert (held.fence, held.attempt) == (1, 1)


async def test_a_run_that_has_begun_is_not_written_again(
    database: Database, people: People, owner: AsyncSession
) -> None:
    [first] = await queued(database, people)
    async with database.unit_of_work(Login.OWNER) as session:
        task = (await session.scalars(select(Task))).one()
        run = (await session.scalars(select(TaskRun))).one()
        other = await make_account(
            session, task.organization_id, account_id="2" * 12, credentials=None
        )
        second = await make_execution(
            session, task, other, run=run, status=Status.QUEUED
        )
    written = text("SELECT xmin::text FROM task_runs")
    assert [one.execution_id for one in await claim(database)] == [first]
    begun = await owner.scalar(written)
    assert [one.execution_id for one in await claim(database)] == [second.id]
    assert await owner.scalar(written) == begun


async def test_a_claim_says_by_what_the_execution_is_run(
    database: Database, people: People, owner: AsyncSession
) -> None:
    await queued(database, people)
    await claim(database)
    row = (await owner.scalars(select(TaskExecution))).one()
    run_by = (row.catalog_version, row.application_version)
    assert run_by == (catalog().version, VERSION)


async def test_a_tenant_gets_no_more_than_its_share(
    database: Database, people: People
) -> None:
    await queued(database, people, count=4)
    got = [await claim(database, cap=3, most=most) for most in (1, 9, 9)]
    assert [len(found) for found in got] == [1, 2, 0]


async def test_an_extended_lease_is_kept_and_another_is_lost(
    database: Database, people: People, move_clock: MoveClock
) -> None:
    first, second = await queued(database, people, count=2)
    await claim(database, most=2)
    await move_clock("50 seconds")
    async with database.system_session("test") as session:
        assert await claims.extend(session, {first: 1, second: 99}) == {first}
    await move_clock("70 seconds")
    assert await reap_once(database) == 1
    async with database.system_session("test") as session:
        assert await claims.extend(session, {first: 1, second: 1}) == {first}


async def test_a_dead_workers_execution_is_queued_again_and_it_can_write_no_more(
    database: Database, people: People, move_clock: MoveClock
) -> None:
    await queued(database, people)
    [old] = await claim(database)
    await move_clock("61 seconds")
    await reap_once(database)
    [new] = await claim(database, worker="w2")
    assert (new.fence, new.attempt) == (3, 2)
    async with database.unit_of_work(
        Login.WORKER, organization_id=people.alice.organization_id
    ) as session:
        await claims.hold(session, new)
        with pytest.raises(LeaseLost):
            await claims.hold(session, old)


async def test_the_third_lost_worker_fails_the_execution_and_its_run(
    database: Database, people: People, owner: AsyncSession, move_clock: MoveClock
) -> None:
    [id] = await queued(database, people)
    for attempt in range(3):
        assert len(await claim(database)) == 1
        await move_clock(f"{(attempt + 1) * 61} seconds")
        assert await reap_once(database) == 1
    execution = await owner.get_one(TaskExecution, id)
    assert (execution.status, execution.reason) == (Status.FAILED, "worker_lost")
    run = await owner.get_one(TaskRun, execution.run_id)
    assert run.status == Status.FAILED
    message = await owner.scalar(select(OutboxMessage))
    assert message is not None
    assert (message.kind, message.subject_id) == ("execution.settle", id)


async def test_a_mutation_whose_effect_was_started_is_interrupted_not_rerun(
    database: Database, people: People, owner: AsyncSession, move_clock: MoveClock
) -> None:
    [started, unstarted] = await queued(
        database, people, count=2, kind=ActionKind.MUTATE
    )
    await claim(database, kind=ActionKind.MUTATE, most=2)
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(
            update(TaskExecution)
            .where(TaskExecution.id == started)
            .values(effect_started_at=now())
        )
    await move_clock("61 seconds")
    assert await reap_once(database) == 2
    statuses = {
        one.id: one.status for one in await owner.scalars(select(TaskExecution))
    }
    assert statuses == {started: Status.INTERRUPTED, unstarted: Status.QUEUED}


async def test_a_released_execution_counts_no_attempt(
    database: Database, people: People
) -> None:
    await queued(database, people)
    [held] = await claim(database)
    async with database.unit_of_work(
        Login.WORKER, organization_id=people.alice.organization_id
    ) as session:
        await claims.release(session, held)
    [again] = await claim(database)
    assert (again.fence, again.attempt) == (3, 1)


async def test_a_lost_hint_is_repeated_once_a_minute(
    database: Database, people: People, move_clock: MoveClock
) -> None:
    await queued(database, people, count=2)
    counts = []
    for ahead in ("30 seconds", "61 seconds", "62 seconds", "123 seconds"):
        await move_clock(ahead)
        async with database.system_session("test") as session:
            counts.append(await hint_again(session, limit=10))
    assert counts == [0, 2, 0, 2]


async def test_work_is_found_without_a_hint_by_priority(
    database: Database, people: People
) -> None:
    ids = await queued(database, people, count=3)
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(
            update(TaskExecution)
            .where(TaskExecution.id == ids[2])
            .values(priority="high")
        )
    [found] = await claim(database)
    assert found.execution_id == ids[2]


async def test_every_change_of_status_is_an_event(
    database: Database, people: People, owner: AsyncSession, move_clock: MoveClock
) -> None:
    await queued(database, people)
    await claim(database)
    await move_clock("61 seconds")
    await reap_once(database)
    events = await owner.scalars(select(ExecutionEvent).order_by(ExecutionEvent.at))
    assert [(e.from_status, e.to_status, e.fence) for e in events] == [
        ("queued", "running", 1),
        ("running", "queued", 2),
    ]


@pytest.mark.parametrize("old", list(MOVES["execution"]))
@pytest.mark.parametrize("new", list(MOVES["execution"]))
async def test_the_database_allows_the_moves_of_the_table_and_no_others(
    database: Database, people: People, old: str, new: str
) -> None:
    if old == new:
        return
    [id] = await queued(database, people)
    async with database.unit_of_work(Login.OWNER) as session:
        await _put(session, id, old)
    try:
        async with database.unit_of_work(Login.OWNER) as session:
            await session.execute(
                update(TaskExecution).where(TaskExecution.id == id).values(status=new)
            )
    except IntegrityError:
        allowed = False
    else:
        allowed = True
    assert allowed == (new in MOVES["execution"][old])


async def _put(session: AsyncSession, id: UUID, status: str) -> None:
    """Bring an execution into a status by a legal way."""
    way = {"queued": [], "succeeded": ["running"], "interrupted": ["running"]}
    for step in [*way.get(status, []), status]:
        if step != "queued":
            await session.execute(
                update(TaskExecution).where(TaskExecution.id == id).values(status=step)
            )
