"""Executions are counted when their slot is recorded; what the plan does not allow is
recorded as skipped, whole, and nothing passes a limit."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.models.run import TaskExecution, TaskRun
from app.models.subscription import GRACE, SubscriptionStatus
from app.models.task import Overlap, Task
from app.services import dispatch
from tests.builders import make_account, make_task
from tests.dispatching import (
    MINUTE,
    SLOT,
    YEARLY,
    due_task,
    stop_clock,
    tick,
)
from tests.personae import People
from tests.using import change_subscription, limit, use, used

CALLS = "aws_calls_per_month"


@pytest.fixture(autouse=True)
async def clock_stands(database: Database) -> None:
    await stop_clock(database)


async def due_tasks(
    database: Database, organization_id: UUID, *accounts_of_each: int
) -> list[UUID]:
    """Tasks that are due once, on so many accounts each."""
    async with database.unit_of_work(Login.OWNER) as session:
        accounts = [
            await make_account(
                session,
                organization_id,
                account_id=f"{number:012}",
                credentials=None,
            )
            for number in range(max(accounts_of_each))
        ]
        tasks = [
            await make_task(
                session,
                organization_id,
                name=f"Task {number}",
                accounts=tuple(accounts[:count]),
                schedule=YEARLY,
                next_run_at=SLOT,
            )
            for number, count in enumerate(accounts_of_each)
        ]
        return [task.id for task in tasks]


async def told(owner: AsyncSession) -> dict[UUID, str | None]:
    """By task, why its slot was not run."""
    rows = await owner.execute(select(TaskRun.task_id, TaskRun.reason))
    return {row.task_id: row.reason for row in rows}


async def executions(owner: AsyncSession) -> int:
    return (await owner.execute(select(func.count(TaskExecution.id)))).scalar_one()


async def test_each_execution_of_a_slot_is_counted_once(
    database: Database, people: People
) -> None:
    acme, evil = people.alice.organization_id, people.mallory.organization_id
    await due_tasks(database, acme, 2, 1)
    await due_tasks(database, evil, 1)
    await tick(database)
    await tick(database)
    assert await used(database, acme) == (3, 0, 0)
    assert await used(database, evil) == (1, 0, 0)


async def test_a_slot_that_was_recorded_before_is_not_counted_again(
    database: Database, people: People
) -> None:
    task_id = await due_task(database, people, SLOT, overlap=Overlap.QUEUE)
    await tick(database)
    async with database.unit_of_work(Login.OWNER) as session:
        (await session.get_one(Task, task_id)).next_run_at = SLOT
    await tick(database)
    assert await used(database, people.alice.organization_id) == (1, 0, 0)


async def test_what_would_pass_the_limit_is_skipped_whole_and_what_fits_runs(
    database: Database, people: People, owner: AsyncSession
) -> None:
    acme = people.alice.organization_id
    await limit(database, acme, executions_per_month=10)
    await use(database, acme, executions=7)
    two, too_many, one = await due_tasks(database, acme, 2, 2, 1)
    await tick(database)
    assert await told(owner) == {two: None, too_many: "plan_limit", one: None}
    assert await executions(owner) == 3
    assert await used(database, acme) == (10, 2, 0)


async def test_beats_at_once_do_not_pass_the_limit_together(
    database: Database, people: People, owner: AsyncSession
) -> None:
    acme = people.alice.organization_id
    await limit(database, acme, executions_per_month=10)
    tasks = await due_tasks(database, acme, *([1] * 40))

    async def beat() -> None:
        for _ in range(10):
            await tick(database, limit=4)

    await asyncio.gather(*(beat() for _ in range(8)))
    reasons = list((await told(owner)).values())
    assert len(reasons) == len(tasks)
    assert (reasons.count(None), reasons.count("plan_limit")) == (10, 30)
    assert await executions(owner) == 10
    assert await used(database, acme) == (10, 30, 0)


async def test_the_limit_of_one_is_no_limit_of_another(
    database: Database, people: People, owner: AsyncSession
) -> None:
    acme, evil = people.alice.organization_id, people.mallory.organization_id
    await limit(database, acme, executions_per_month=0)
    [mine] = await due_tasks(database, acme, 1)
    [other] = await due_tasks(database, evil, 1)
    await tick(database)
    assert await told(owner) == {mine: "plan_limit", other: None}


async def test_a_slot_that_overlaps_takes_nothing_of_the_plan(
    database: Database, people: People, owner: AsyncSession
) -> None:
    acme = people.alice.organization_id
    await limit(database, acme, executions_per_month=2)
    task_id = await due_task(database, people, SLOT)
    await tick(database)
    await stop_clock(database, 3 * MINUTE)
    await tick(database)
    reasons = list(
        await owner.scalars(
            select(TaskRun.reason)
            .where(TaskRun.task_id == task_id)
            .order_by(TaskRun.scheduled_for)
        )
    )
    assert reasons == [None, "overlap", "overlap", "overlap"]
    assert await used(database, acme) == (1, 0, 0)


async def test_a_slot_that_was_skipped_keeps_none_after_it_from_running(
    database: Database, people: People, owner: AsyncSession
) -> None:
    acme = people.alice.organization_id
    await limit(database, acme, executions_per_month=0)
    await due_task(database, people, SLOT - MINUTE, overlap=Overlap.SKIP)
    await tick(database)
    assert list(await owner.scalars(select(TaskRun.reason))) == ["plan_limit"] * 2


async def test_where_the_calls_are_used_up_no_slot_begins(
    database: Database, people: People, owner: AsyncSession
) -> None:
    acme = people.alice.organization_id
    await limit(database, acme, **{CALLS: 100})
    await use(database, acme, aws_calls=99)
    [first] = await due_tasks(database, acme, 1)
    await tick(database)
    await use(database, acme, aws_calls=100)
    async with database.unit_of_work(Login.OWNER) as session:
        account = await make_account(session, acme, name="Other")
        second = await make_task(
            session,
            acme,
            name="Second",
            accounts=(account,),
            schedule=YEARLY,
            next_run_at=SLOT,
        )
    await tick(database)
    assert await told(owner) == {first: None, second.id: "plan_limit"}


async def test_what_is_not_paid_for_skips_its_slots_and_uses_nothing(
    database: Database, people: People, owner: AsyncSession
) -> None:
    acme = people.alice.organization_id
    past_due = {"status": SubscriptionStatus.PAST_DUE}
    since = SLOT - GRACE
    await change_subscription(database, acme, **past_due, past_due_since=since)
    [task_id] = await due_tasks(database, acme, 1)
    await tick(database)
    assert await told(owner) == {task_id: "billing"}
    assert await used(database, acme) == (0, 0, 0)


async def test_what_is_past_due_within_its_grace_runs(
    database: Database, people: People, owner: AsyncSession
) -> None:
    acme = people.alice.organization_id
    past_due = {"status": SubscriptionStatus.PAST_DUE}
    since = SLOT - GRACE + timedelta(seconds=3)  # the clock stands two after the slot
    await change_subscription(database, acme, **past_due, past_due_since=since)
    [task_id] = await due_tasks(database, acme, 1)
    await tick(database)
    assert await told(owner) == {task_id: None}


async def test_with_the_next_month_in_utc_everything_is_left_again(
    database: Database, people: People, owner: AsyncSession
) -> None:
    acme = people.alice.organization_id
    await limit(database, acme, executions_per_month=1)
    await use(database, acme, executions=1)
    last_second = timedelta(days=27, hours=11, minutes=59, seconds=57)
    await stop_clock(database, last_second)  # 2026-05-31 23:59:59 UTC
    await due_task(
        database,
        people,
        SLOT + last_second - timedelta(seconds=57),
        overlap=Overlap.QUEUE,
    )
    await tick(database)
    await stop_clock(database, last_second + timedelta(seconds=1))
    await tick(database)
    reasons = list(
        await owner.scalars(select(TaskRun.reason).order_by(TaskRun.scheduled_for))
    )
    assert reasons == ["plan_limit", None]
    assert await used(database, acme) == (1, 0, 0)


async def test_a_task_that_is_given_up_gives_back_what_it_had_taken(
    database: Database, people: People, owner: AsyncSession
) -> None:
    acme = people.alice.organization_id
    await limit(database, acme, executions_per_month=1)
    poisoned, sound = await due_tasks(database, acme, 1, 1)
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(
            text(
                "ALTER TABLE task_runs ADD CONSTRAINT poison"
                f" CHECK (task_id <> '{poisoned}' OR status <> 'queued')"
            )
        )
    with pytest.raises(IntegrityError):
        await tick(database)
    async with database.system_session("test") as session:
        await dispatch.dispatch_due(session, limit=100, one_by_one=True)
    assert await told(owner) == {poisoned: "not_recordable", sound: None}
    assert await used(database, acme) == (1, 0, 0)


async def test_without_a_limit_a_tick_counts_in_one_statement_after_all_others(
    database: Database, people: People
) -> None:
    """Ticks of one organization run beside each other until they commit."""
    await due_tasks(database, people.alice.organization_id, 1, 2, 1)
    said: list[str] = []
    engine = database.engine(Login.SYSTEM).sync_engine

    def hear(_c: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    event.listen(engine, "before_cursor_execute", hear)
    await tick(database)
    event.remove(engine, "before_cursor_execute", hear)
    writes = [one for one in said if "usage_months" in one]
    assert len(writes) == 1
    assert said[-1] == writes[0]
