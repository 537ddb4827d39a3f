"""Whose turn it is: tenants share what is free, a tenant's own work goes by priority
and age, and a task is at work once on an account."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from app.core.clock import now
from app.core.db import Database, Login
from app.core.queue import Priority
from app.models.aws_account import AWSAccount
from app.models.run import Status, TaskExecution
from app.models.task import ActionKind, Task
from app.services import claims
from app.services.claims import Claim
from tests.builders import make_account, make_task
from tests.builders_runs import make_execution
from tests.locks import until_it_waits
from tests.personae import People, Persona

ACCOUNT_IDS = (f"{number:012d}" for number in itertools.count(1))
MoveClock = Callable[[str], Awaitable[None]]


async def waiting(
    database: Database,
    persona: Persona,
    *,
    count: int,
    priority: Priority = Priority.NORMAL,
    **values: Any,
) -> list[UUID]:
    """Queued executions of as many tasks on one account of the persona's tenant."""
    made = []
    async with database.unit_of_work(Login.OWNER) as session:
        id = next(ACCOUNT_IDS)
        account = await make_account(
            session, persona.organization_id, account_id=id, name=id
        )
        for number in range(count):
            task = await make_task(
                session,
                persona.organization_id,
                accounts=(account,),
                name=f"{priority} {number} on {account.id}",
                priority=priority,
            )
            execution = await make_execution(
                session, task, account, status=Status.QUEUED
            )
            made.append(execution.id)
        if values:
            await session.execute(
                update(TaskExecution).where(TaskExecution.id.in_(made)).values(values)
            )
    return made


async def claim(database: Database, *, most: int, cap: int = 100) -> list[Claim]:
    async with database.system_session("test") as session:
        return await claims.claim(
            session, kind=ActionKind.READ, worker="w", running_cap=cap, most=most
        )


def ids(found: list[Claim]) -> set[UUID]:
    return {one.execution_id for one in found}


async def test_tenants_that_wait_share_what_is_free(
    database: Database, people: People
) -> None:
    await waiting(database, people.alice, count=8)
    await waiting(database, people.mallory, count=8)
    by_tenant = Counter(one.organization_id for one in await claim(database, most=6))
    assert set(by_tenant.values()) == {3}


async def test_the_tenant_with_least_at_work_comes_first(
    database: Database, people: People
) -> None:
    await waiting(database, people.alice, count=5, priority=Priority.HIGH)
    await claim(database, most=2)
    late = await waiting(database, people.mallory, count=1, priority=Priority.LOW)
    assert ids(await claim(database, most=1)) == set(late)


async def test_a_tenant_at_its_cap_keeps_nobody_waiting(
    database: Database, people: People
) -> None:
    await waiting(database, people.alice, count=5)
    assert len(await claim(database, most=5, cap=2)) == 2
    others = await waiting(database, people.mallory, count=1)
    assert ids(await claim(database, most=5, cap=2)) == set(others)
    assert await claim(database, most=5, cap=2) == []


async def test_what_has_waited_long_counts_as_more_urgent(
    database: Database, people: People, move_clock: MoveClock
) -> None:
    old = await waiting(database, people.alice, count=1, priority=Priority.LOW)
    await move_clock("20 minutes")
    fresh = await waiting(database, people.alice, count=1)
    assert ids(await claim(database, most=1)) == set(old)
    assert ids(await claim(database, most=1)) == set(fresh)


async def test_without_age_the_more_urgent_comes_first(
    database: Database, people: People, move_clock: MoveClock
) -> None:
    await waiting(database, people.alice, count=1, priority=Priority.LOW)
    await move_clock("9 minutes")
    fresh = await waiting(database, people.alice, count=1)
    assert ids(await claim(database, most=1)) == set(fresh)


async def test_what_is_not_due_yet_is_not_claimed(
    database: Database, people: People, move_clock: MoveClock
) -> None:
    later = await waiting(
        database, people.alice, count=1, not_before=now() + timedelta(minutes=5)
    )
    assert await claim(database, most=1) == []
    await move_clock("6 minutes")
    assert ids(await claim(database, most=1)) == set(later)


async def second_run_of(database: Database, execution_id: UUID) -> None:
    """The same task waits once more for the same account."""
    async with database.unit_of_work(Login.OWNER) as session:
        first = await session.get_one(TaskExecution, execution_id)
        task = await session.get_one(Task, first.task_id)
        account = await session.get_one(AWSAccount, first.aws_account_id)
        await make_execution(session, task, account, status=Status.QUEUED)


async def test_a_task_is_at_work_once_on_an_account(
    database: Database, people: People
) -> None:
    [first] = await waiting(database, people.alice, count=1)
    await second_run_of(database, first)
    assert len(await claim(database, most=2)) == 1
    assert await claim(database, most=2) == []


async def test_two_workers_cannot_begin_a_task_on_an_account_at_once(
    database: Database, people: People
) -> None:
    [first] = await waiting(database, people.alice, count=1)
    await second_run_of(database, first)
    async with database.system_session("test") as holder:
        found = await claims.claim(
            holder, kind=ActionKind.READ, worker="w1", running_cap=9, most=1
        )
        other = asyncio.create_task(claim(database, most=1))
        await until_it_waits(database, other)
    assert len(found) == 1
    with pytest.raises(IntegrityError, match="task_is_at_work_once"):
        await other
