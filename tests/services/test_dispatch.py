"""One tick: every due slot is one run or in one gap record, whoever ticks."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.db import Database, Login
from app.models.aws_account import AWSAccount
from app.models.run import Status, TaskExecution, TaskRun
from app.models.task import Overlap, Task
from app.services.dispatch import dispatch_due
from tests.builders import make_account, make_task
from tests.personae import People

MoveClock = Callable[[str], Awaitable[None]]
MINUTE = timedelta(minutes=1)


def minutely() -> dict[str, Any]:
    return {"kind": "cron", "expression": "* * * * *", "timezone": "UTC"}


def this_minute() -> datetime:
    return now().replace(second=0, microsecond=0)


async def tick(database: Database, *, limit: int = 100) -> int:
    async with database.system_session("test") as session:
        return await dispatch_due(session, limit=limit)


async def due_task(
    database: Database, people: People, slot: datetime, **options: Any
) -> UUID:
    async with database.unit_of_work(Login.OWNER) as session:
        account = await make_account(session, people.alice.organization_id)
        task = await make_task(
            session,
            people.alice.organization_id,
            accounts=(account,),
            schedule=minutely(),
            next_run_at=slot,
            **options,
        )
        return task.id


async def runs_of(session: AsyncSession, task_id: UUID) -> list[TaskRun]:
    statement = (
        select(TaskRun)
        .where(TaskRun.task_id == task_id)
        .order_by(TaskRun.scheduled_for)
    )
    return list(await session.scalars(statement))


async def test_a_due_slot_becomes_one_run_with_one_execution_per_account(
    database: Database, people: People, owner: AsyncSession
) -> None:
    slot = this_minute()
    task_id = await due_task(database, people, slot)
    assert await tick(database) == 1
    [run] = await runs_of(owner, task_id)
    assert (run.scheduled_for, run.status, run.slots) == (slot, Status.QUEUED, 1)
    [execution] = await owner.scalars(select(TaskExecution))
    assert execution.run_id == run.id
    task = await owner.get_one(Task, task_id)
    assert task.next_run_at == slot + MINUTE


async def test_two_beats_at_once_record_each_slot_once(
    database: Database, people: People, owner: AsyncSession
) -> None:
    slot = this_minute() - 3 * MINUTE
    task_id = await due_task(database, people, slot, overlap=Overlap.QUEUE)
    await asyncio.gather(*(tick(database) for _ in range(4)))
    slots = [run.scheduled_for for run in await runs_of(owner, task_id)]
    assert len(slots) == len(set(slots)) >= 4


async def test_an_outage_becomes_one_gap_and_the_slots_within_grace_run_late(
    database: Database, people: People, owner: AsyncSession
) -> None:
    slot = this_minute() - timedelta(days=3)
    task_id = await due_task(
        database, people, slot, misfire_grace_seconds=90, overlap=Overlap.QUEUE
    )
    await tick(database)
    gap, *late = await runs_of(owner, task_id)
    assert (gap.status, gap.reason) == (Status.SKIPPED, "scheduler_down")
    assert gap.scheduled_for == slot
    assert gap.scheduled_until is not None
    assert gap.slots == (gap.scheduled_until - slot) // MINUTE + 1
    assert late[0].scheduled_for == gap.scheduled_until + MINUTE
    assert {run.status for run in late} == {Status.QUEUED}
    task = await owner.get_one(Task, task_id)
    assert task.next_run_at == late[-1].scheduled_for + MINUTE  # type: ignore[operator]  # a slot


async def test_a_slot_during_an_unfinished_run_is_skipped_with_a_record(
    database: Database, people: People, owner: AsyncSession, move_clock: MoveClock
) -> None:
    task_id = await due_task(database, people, this_minute())
    await tick(database)
    await move_clock("1 minute")
    await tick(database)
    first, second = await runs_of(owner, task_id)
    assert first.status == Status.QUEUED
    assert (second.status, second.reason) == (Status.SKIPPED, "overlap")
    assert await owner.scalar(select(func.count()).select_from(TaskExecution)) == 1


async def test_a_selector_finds_its_accounts_at_each_slot(
    database: Database, people: People, owner: AsyncSession
) -> None:
    organization_id = people.alice.organization_id
    async with database.unit_of_work(Login.OWNER) as session:
        north = await make_account(
            session, organization_id, account_id="1" * 12, labels={"client": "north"}
        )
        await make_account(
            session,
            organization_id,
            account_id="2" * 12,
            labels={"client": "south"},
            credentials=None,
        )
        await make_task(
            session,
            organization_id,
            selector={"client": ["north"]},
            schedule=minutely(),
            next_run_at=this_minute(),
        )
    await tick(database)
    executions = await owner.scalars(select(TaskExecution.aws_account_id))
    assert list(executions) == [north.id]


async def test_a_task_without_targets_leaves_a_record(
    database: Database, people: People, owner: AsyncSession
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        task = await make_task(
            session,
            people.alice.organization_id,
            selector={"client": ["nobody"]},
            schedule=minutely(),
            next_run_at=this_minute(),
        )
    await tick(database)
    [run] = await runs_of(owner, task.id)
    assert (run.status, run.reason) == (Status.SKIPPED, "no_targets")


async def test_what_is_disabled_or_later_is_left_alone(
    database: Database, people: People
) -> None:
    await due_task(database, people, this_minute() + MINUTE)
    async with database.unit_of_work(Login.OWNER) as session:
        account = await session.scalar(select(AWSAccount))
        assert account is not None
        await make_task(
            session,
            people.alice.organization_id,
            name="disabled",
            accounts=(account,),
            schedule=minutely(),
            next_run_at=this_minute(),
            enabled=False,
        )
    assert await tick(database) == 0


async def test_a_slot_recorded_before_gets_no_second_run(
    database: Database, people: People, owner: AsyncSession
) -> None:
    slot = this_minute()
    task_id = await due_task(database, people, slot)
    await tick(database)
    async with database.unit_of_work(Login.OWNER) as session:
        task = await session.get_one(Task, task_id)
        task.next_run_at = slot
    await tick(database)
    assert len(await runs_of(owner, task_id)) == 1
    assert await owner.scalar(select(func.count()).select_from(TaskExecution)) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT parameters FROM task_versions",
        "SELECT document FROM resource_versions",
        "SELECT ciphertext FROM aws_credential_versions",
        "SELECT password_hash FROM users",
    ],
)
async def test_the_system_login_cannot_read_what_it_does_not_need(
    database: Database, statement: str
) -> None:
    with pytest.raises(Exception, match="permission denied"):
        async with database.system_session("test") as session:
            await session.execute(text(statement))
