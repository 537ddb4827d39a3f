"""Many ticks at once, and much for one tick: each slot stays one run, and nobody waits
for another."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.models.run import TaskExecution, TaskRun
from app.models.task import Overlap, Task
from app.services import dispatch, due_records
from tests.builders import make_account, make_task
from tests.dispatching import (
    MINUTE,
    MINUTELY,
    SLOT,
    YEARLY,
    due_task,
    runs_of,
    stop_clock,
    tick,
)
from tests.personae import People


@pytest.fixture(autouse=True)
async def clock_stands(database: Database) -> None:
    await stop_clock(database)


async def test_two_beats_at_once_record_each_slot_once(
    database: Database, people: People, owner: AsyncSession
) -> None:
    slot = SLOT - 3 * MINUTE
    task_id = await due_task(database, people, slot, overlap=Overlap.QUEUE)
    await asyncio.gather(*(tick(database) for _ in range(4)))
    slots = [run.scheduled_for for run in await runs_of(owner, task_id)]
    assert len(slots) == len(set(slots)) == 4


async def test_ten_beats_at_once_record_each_slot_of_each_task_once(
    database: Database, people: People, owner: AsyncSession
) -> None:
    slot = SLOT - 3 * MINUTE
    async with database.unit_of_work(Login.OWNER) as session:
        account = await make_account(session, people.alice.organization_id)
        for number in range(30):
            await make_task(
                session,
                people.alice.organization_id,
                name=f"Task {number}",
                accounts=(account,),
                schedule=MINUTELY,
                next_run_at=slot,
                overlap=Overlap.QUEUE,
            )

    async def beat() -> None:
        for _ in range(8):
            await tick(database, limit=7)

    await asyncio.gather(*(beat() for _ in range(10)))
    assert await tick(database) == 0
    runs = list(await owner.scalars(select(TaskRun)))
    executions = list(await owner.scalars(select(TaskExecution.run_id)))
    assert len({run.task_id for run in runs}) == 30
    assert len({(run.task_id, run.scheduled_for) for run in runs}) == len(runs) == 120
    assert sorted(executions) == sorted(run.id for run in runs)


async def test_somebody_who_refers_to_a_task_does_not_hold_up_its_slot(
    database: Database, people: People, owner: AsyncSession
) -> None:
    task_id = await due_task(database, people, SLOT)
    as_foreign_keys_do = select(Task.id).where(Task.id == task_id)
    await owner.execute(as_foreign_keys_do.with_for_update(read=True, key_share=True))
    assert await tick(database) == 1


async def test_a_task_that_is_being_changed_waits_for_the_next_tick(
    database: Database, people: People, owner: AsyncSession
) -> None:
    task_id = await due_task(database, people, SLOT)
    await owner.execute(select(Task.id).where(Task.id == task_id).with_for_update())
    assert await tick(database) == 0
    await owner.commit()
    assert await tick(database) == 1


async def test_a_task_with_many_accounts_and_slots_is_gone_through_in_several_ticks(
    database: Database,
    people: People,
    owner: AsyncSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in (dispatch, due_records):
        monkeypatch.setattr(module, "MOST_ROWS", 100)
    slot = SLOT - 19 * MINUTE
    async with database.unit_of_work(Login.OWNER) as session:
        accounts = [
            await make_account(
                session,
                people.alice.organization_id,
                account_id=f"{number:012}",
                credentials=None,
            )
            for number in range(9)
        ]
        for name in ("First", "Second"):
            await make_task(
                session,
                people.alice.organization_id,
                name=name,
                accounts=tuple(accounts),
                schedule=MINUTELY,
                next_run_at=slot,
                overlap=Overlap.QUEUE,
                misfire_grace_seconds=86_400,
            )
    runs = select(func.count()).select_from(TaskRun)
    executions = select(func.count()).select_from(TaskExecution)
    for ticks in range(1, 5):
        async with database.system_session("test") as session:
            done = await dispatch.dispatch_due(session, limit=100)
        assert await owner.scalar(runs) == 10 * ticks
        assert await owner.scalar(executions) == 90 * ticks
        assert done.tasks == 1
    assert await tick(database) == 0


async def test_tenants_take_turns_at_what_is_due(
    database: Database, people: People, owner: AsyncSession
) -> None:
    crowd, single = people.alice.organization_id, people.mallory.organization_id
    async with database.unit_of_work(Login.OWNER) as session:
        for organization_id, number, slot in ((crowd, 30, -9), (single, 1, 0)):
            account = await make_account(session, organization_id)
            for n in range(number):
                await make_task(
                    session,
                    organization_id,
                    name=f"Task {n}",
                    accounts=(account,),
                    schedule=YEARLY,
                    next_run_at=SLOT + slot * MINUTE,
                )

    async def turn() -> list[UUID]:
        before = set(await owner.scalars(select(TaskRun.id)))
        async with database.system_session("test") as session:
            await dispatch.dispatch_due(session, limit=6, in_turn=True)
        made = select(TaskRun.organization_id).where(TaskRun.id.not_in(before))
        return sorted(await owner.scalars(made))

    assert await turn() == sorted([crowd] * 3 + [single])
    assert await turn() == [crowd] * 6
    while await turn():
        pass
    runs = select(func.count()).select_from(TaskRun)
    assert await owner.scalar(runs) == 31
