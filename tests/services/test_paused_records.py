"""An account that the plan pauses is on record in each run, as skipped, and counts as
no execution."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.models.aws_account import AWSAccount
from app.models.run import Status, TaskExecution, TaskRun
from app.services import runs
from tests.builders import make_account, make_task
from tests.conftest import Client
from tests.dispatching import SLOT, YEARLY, stop_clock, tick
from tests.personae import People
from tests.using import used

NAMED: dict[str, Any] = {}
SELECTED: dict[str, Any] = {"selector": {"team": ["a"]}}


async def task_on_two(
    database: Database, people: People, more: dict[str, Any], *, paused: int = 1
) -> tuple[UUID, Sequence[UUID]]:
    """A task that is due on two accounts; the last `paused` of them are."""
    acme = people.alice.organization_id
    async with database.unit_of_work(Login.OWNER) as session:
        accounts = [
            await make_account(
                session,
                acme,
                account_id=f"{n:012}",
                labels={"team": "a"},
                credentials=None,
            )
            for n in range(2)
        ]
        named: dict[str, Any] = {} if more else {"accounts": tuple(accounts)}
        task = await make_task(
            session, acme, schedule=YEARLY, next_run_at=SLOT, **named, **more
        )
        ids = [one.id for one in accounts]
        those = update(AWSAccount).where(AWSAccount.id.in_(ids[2 - paused :]))
        await session.execute(those.values(paused_at=SLOT))
        return task.id, ids


async def told(owner: AsyncSession) -> dict[UUID, tuple[str, str | None]]:
    row = TaskExecution
    found = await owner.execute(select(row.aws_account_id, row.status, row.reason))
    return {account: (status, reason) for account, status, reason in found}


@pytest.mark.parametrize("targets", [NAMED, SELECTED], ids=["named", "selected"])
async def test_a_slot_records_it_as_skipped_and_runs_the_others(
    database: Database, people: People, owner: AsyncSession, targets: dict[str, Any]
) -> None:
    await stop_clock(database)
    _, (open_, paused) = await task_on_two(database, people, targets)
    await tick(database)
    assert await told(owner) == {
        open_: (Status.QUEUED, None),
        paused: (Status.SKIPPED, "plan_limit"),
    }
    assert await used(database, people.alice.organization_id) == (1, 0, 0)
    [run] = await owner.scalars(select(TaskRun))
    ended = update(TaskExecution).where(TaskExecution.aws_account_id == open_)
    await owner.execute(ended.values(status=Status.CANCELLED, finished_at=SLOT))
    await owner.commit()
    async with database.unit_of_work(
        Login.WORKER, organization_id=run.organization_id
    ) as session:
        await runs.settle(session, run.organization_id, run.id)
    await owner.refresh(run)
    assert run.status is Status.CANCELLED


@pytest.mark.parametrize("targets", [NAMED, SELECTED], ids=["named", "selected"])
async def test_a_start_by_hand_does_as_well(
    database: Database,
    people: People,
    client: Client,
    owner: AsyncSession,
    targets: dict[str, Any],
) -> None:
    task_id, (open_, paused) = await task_on_two(database, people, targets)
    answer = await client(people.olga).post(f"/api/v1/tasks/{task_id}/execute")
    assert answer.status_code == 202, answer.text
    assert await told(owner) == {
        open_: (Status.QUEUED, None),
        paused: (Status.SKIPPED, "plan_limit"),
    }
    assert await used(database, people.alice.organization_id) == (1, 0, 0)


@pytest.mark.parametrize("targets", [NAMED, SELECTED], ids=["named", "selected"])
async def test_where_all_are_paused_the_slot_is_skipped_whole(
    database: Database, people: People, owner: AsyncSession, targets: dict[str, Any]
) -> None:
    await stop_clock(database)
    await task_on_two(database, people, targets, paused=2)
    await tick(database)
    [run] = await owner.scalars(select(TaskRun))
    assert (run.status, run.reason) == (Status.SKIPPED, "plan_limit")
    assert await told(owner) == {}
