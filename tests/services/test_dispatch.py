"""One tick: every due slot is one run or in one gap record."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.models.audit import AuditEvent
from app.models.aws_account import AWSAccount
from app.models.run import Status, TaskExecution, TaskRun
from app.models.task import Overlap, Task
from tests.builders import make_account, make_task
from tests.dispatching import (
    MINUTE,
    MINUTELY,
    SLOT,
    due_task,
    runs_of,
    stop_clock,
    tick,
)
from tests.personae import People


@pytest.fixture(autouse=True)
async def clock_stands(database: Database) -> None:
    await stop_clock(database)


async def test_a_due_slot_becomes_one_run_with_one_execution_per_account(
    database: Database, people: People, owner: AsyncSession
) -> None:
    slot = SLOT
    task_id = await due_task(database, people, slot)
    assert await tick(database) == 1
    [run] = await runs_of(owner, task_id)
    assert (run.scheduled_for, run.status, run.slots) == (slot, Status.QUEUED, 1)
    [execution] = await owner.scalars(select(TaskExecution))
    assert execution.run_id == run.id
    task = await owner.get_one(Task, task_id)
    assert task.next_run_at == slot + MINUTE


async def test_an_outage_becomes_one_gap_and_the_slots_within_grace_run_late(
    database: Database, people: People, owner: AsyncSession
) -> None:
    slot = SLOT - timedelta(days=3)
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
    database: Database, people: People, owner: AsyncSession
) -> None:
    task_id = await due_task(database, people, SLOT)
    await tick(database)
    await stop_clock(database, MINUTE)
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
            schedule=MINUTELY,
            next_run_at=SLOT,
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
            schedule=MINUTELY,
            next_run_at=SLOT,
        )
    await tick(database)
    [run] = await runs_of(owner, task.id)
    assert (run.status, run.reason) == (Status.SKIPPED, "no_targets")


async def test_what_is_disabled_or_later_is_left_alone(
    database: Database, people: People
) -> None:
    await due_task(database, people, SLOT + MINUTE)
    async with database.unit_of_work(Login.OWNER) as session:
        account = await session.scalar(select(AWSAccount))
        assert account is not None
        await make_task(
            session,
            people.alice.organization_id,
            name="disabled",
            accounts=(account,),
            schedule=MINUTELY,
            next_run_at=SLOT,
            enabled=False,
        )
    assert await tick(database) == 0


async def test_a_slot_recorded_before_gets_no_second_run(
    database: Database, people: People, owner: AsyncSession
) -> None:
    slot = SLOT
    task_id = await due_task(database, people, slot, overlap=Overlap.QUEUE)
    await tick(database)
    async with database.unit_of_work(Login.OWNER) as session:
        task = await session.get_one(Task, task_id)
        task.next_run_at = slot
    await tick(database)
    assert len(await runs_of(owner, task_id)) == 1
    assert await owner.scalar(select(func.count()).select_from(TaskExecution)) == 1


async def test_jitter_delays_the_executions_and_not_the_slot(
    database: Database, people: People, owner: AsyncSession
) -> None:
    slot = SLOT
    async with database.unit_of_work(Login.OWNER) as session:
        account = await make_account(session, people.alice.organization_id)
        tasks = [
            await make_task(
                session,
                people.alice.organization_id,
                name=f"Task {number}",
                accounts=(account,),
                schedule={"kind": "daily", "time": "09:00", "jitter_seconds": 86_400},
                next_run_at=slot,
            )
            for number in range(5)
        ]
    await tick(database)
    executions = list(await owner.scalars(select(TaskExecution)))
    starts = {e.not_before for e in executions if e.not_before is not None}
    assert len(executions) == len(tasks)
    assert len(starts) >= 4  # one of five might fall on the slot itself
    assert all(slot < start < slot + timedelta(days=1) for start in starts)
    assert {run.scheduled_for for run in await owner.scalars(select(TaskRun))} == {slot}


async def test_a_single_run_leaves_its_task_without_a_further_slot(
    database: Database, people: People, owner: AsyncSession
) -> None:
    slot = SLOT
    async with database.unit_of_work(Login.OWNER) as session:
        account = await make_account(session, people.alice.organization_id)
        task = await make_task(
            session,
            people.alice.organization_id,
            accounts=(account,),
            schedule={"kind": "once", "at": slot.isoformat()},
            next_run_at=slot,
        )
    await tick(database)
    [run] = await runs_of(owner, task.id)
    after = await owner.get_one(Task, task.id)
    assert (run.status, after.next_run_at, after.enabled) == (
        Status.QUEUED,
        None,
        True,
    )


@pytest.mark.parametrize(
    "schedule",
    [
        {"kind": "daily", "time": "09:00", "timezone": "Europe/Atlantis"},
        {"kind": "cron", "expression": "every morning"},
        {"kind": "cron", "expression": "rate(1 hour)"},  # without its anchor
        {"kind": "yearly"},
        {},
    ],
)
async def test_a_schedule_that_cannot_be_read_is_told_and_keeps_no_other_waiting(
    database: Database, people: People, owner: AsyncSession, schedule: dict[str, Any]
) -> None:
    slot = SLOT
    good = await due_task(database, people, slot)
    async with database.unit_of_work(Login.OWNER) as session:
        broken = await make_task(
            session,
            people.alice.organization_id,
            name="Broken",
            selector={"client": ["north"]},
            next_run_at=slot - MINUTE,
        )
        broken.schedule = schedule
    assert await tick(database) == 2
    assert [run.status for run in await runs_of(owner, good)] == [Status.QUEUED]
    [run] = await runs_of(owner, broken.id)
    assert (run.scheduled_for, run.status) == (slot - MINUTE, Status.SKIPPED)
    assert run.reason == "schedule_unreadable"
    task = await owner.get_one(Task, broken.id)
    assert (task.enabled, task.next_run_at) == (False, None)
    assert task.disabled_reason == "schedule_unreadable"
    [event] = await owner.scalars(
        select(AuditEvent).where(AuditEvent.action == "task.disabled")
    )
    assert (event.subject_id, event.actor) == (broken.id, "system")
    assert event.detail == {"reason": "schedule_unreadable"}
    assert await tick(database) == 0


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
