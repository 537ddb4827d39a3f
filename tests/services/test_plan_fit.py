"""After a change of plan: the newest excess pauses, and resumes when it fits again."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Interval, cast, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.db import Database, Login
from app.models.audit import AuditEvent
from app.models.aws_account import AWSAccount
from app.models.run import Status, TaskRun
from app.models.subscription import Subscription
from app.models.task import Task
from app.models.usage_count import CountedMetric, UsageCount
from app.services import plan_fit
from app.services.plan_fit import Fit
from tests.builders import make_account, make_task
from tests.personae import People
from tests.plans import make_plan, subscribe

HOURLY = {"kind": "cron", "expression": "0 * * * *", "timezone": "UTC"}
EACH_MINUTE = {"kind": "cron", "expression": "* * * * *", "timezone": "UTC"}


@pytest.fixture
def acme(people: People) -> UUID:
    return people.alice.organization_id


@pytest.fixture
async def accounts(database: Database, acme: UUID, people: People) -> list[UUID]:
    """Three of Acme's, the oldest first; and two of Mallory's, which nobody touches."""
    async with database.unit_of_work(Login.OWNER) as session:
        for number in range(2):
            other = people.mallory.organization_id
            name = str(number)
            await make_account(session, other, account_id=f"{number:012}", name=name)
            await make_task(session, other, name=name, schedule=EACH_MINUTE)
        return [
            (await make_account(session, acme, account_id=f"{n:012}", name=str(n))).id
            for n in range(3)
        ]


@pytest.fixture
async def tasks(database: Database, acme: UUID) -> list[UUID]:
    """Three hourly ones, the oldest first."""
    async with database.unit_of_work(Login.OWNER) as session:
        return [
            (await make_task(session, acme, name=str(n), schedule=HOURLY)).id
            for n in range(3)
        ]


async def move(database: Database, acme: UUID, code: str, **limits: int) -> Fit:
    """To a plan with these limits, as a worker does it."""
    async with database.unit_of_work(Login.OWNER) as session:
        await make_plan(session, code, **limits)
    async with database.unit_of_work(Login.WORKER, organization_id=acme) as session:
        mine = select(Subscription.id).where(Subscription.organization_id == acme)
        await session.execute(mine.with_for_update())
        await subscribe(session, acme, code)
        return await plan_fit.fit(session, acme)


async def paused(owner: AsyncSession) -> list[UUID]:
    wanted = select(AWSAccount.id).where(AWSAccount.paused_at.is_not(None))
    return list(await owner.scalars(wanted.order_by(AWSAccount.id)))


async def disabled(owner: AsyncSession) -> dict[UUID, str | None]:
    rows = select(Task.id, Task.disabled_reason).where(~Task.enabled)
    found = await owner.execute(rows.order_by(Task.id))
    return {row.id: row.disabled_reason for row in found}


async def counted(owner: AsyncSession, acme: UUID, metric: CountedMetric) -> Any:
    return await owner.scalar(
        select(UsageCount.value).where(
            UsageCount.organization_id == acme, UsageCount.metric == metric
        )
    )


async def test_a_smaller_plan_pauses_the_newest_and_a_larger_one_resumes_the_oldest(
    database: Database,
    acme: UUID,
    owner: AsyncSession,
    accounts: list[UUID],
    tasks: list[UUID],
) -> None:
    fit = await move(database, acme, "one", aws_accounts=1, enabled_tasks=1)
    assert fit == Fit(paused_accounts=accounts[1:], paused_tasks=tasks[1:])
    assert await paused(owner) == accounts[1:]
    assert await disabled(owner) == dict.fromkeys(tasks[1:], "plan_limit")
    assert await counted(owner, acme, CountedMetric.AWS_ACCOUNTS) == 1
    assert await counted(owner, acme, CountedMetric.ENABLED_TASKS) == 1

    fit = await move(database, acme, "two", aws_accounts=2, enabled_tasks=2)
    assert fit == Fit(resumed_accounts=accounts[1:2], resumed_tasks=tasks[1:2])
    fit = await move(database, acme, "same", aws_accounts=2, enabled_tasks=2)
    assert fit == Fit()
    fit = await move(database, acme, "all")
    assert fit == Fit(resumed_accounts=accounts[2:], resumed_tasks=tasks[2:])
    assert await paused(owner) == []
    assert await disabled(owner) == {}
    next_runs = await owner.scalars(
        select(cast(Task.next_run_at - func.app_now(), Interval)).where(
            Task.id.in_(tasks[1:])
        )
    )
    for time_left in next_runs:
        assert timedelta() < time_left <= timedelta(hours=1)


async def test_each_pause_and_return_is_in_the_audit_log(
    database: Database,
    acme: UUID,
    owner: AsyncSession,
    accounts: list[UUID],
    tasks: list[UUID],
) -> None:
    await move(database, acme, "two", aws_accounts=2, enabled_tasks=2)
    await move(database, acme, "all")
    rows = await owner.execute(
        select(AuditEvent.action, AuditEvent.subject_id, AuditEvent.detail)
        .where(AuditEvent.organization_id == acme, AuditEvent.actor == "system")
        .order_by(AuditEvent.id)
    )
    because = {"reason": "plan_limit"}
    assert [tuple(row) for row in rows] == [
        ("aws_account.paused", accounts[2], because),
        ("task.disabled", tasks[2], because),
        ("aws_account.resumed", accounts[2], because),
        ("task.resumed", tasks[2], because),
    ]


async def test_what_a_member_disabled_stays_so_and_takes_no_room(
    database: Database, acme: UUID, owner: AsyncSession, tasks: list[UUID]
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        by_user = update(Task).where(Task.id == tasks[0])
        off = {"enabled": False, "disabled_reason": "by_user"}
        await session.execute(by_user.values(off))
    fit = await move(database, acme, "one", enabled_tasks=1)
    assert fit == Fit(paused_tasks=tasks[2:])
    fit = await move(database, acme, "all")
    assert fit == Fit(resumed_tasks=tasks[2:])
    assert await disabled(owner) == {tasks[0]: "by_user"}


async def test_what_comes_too_often_pauses_though_there_is_room(
    database: Database, acme: UUID, owner: AsyncSession, tasks: list[UUID]
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        made = await make_task(session, acme, name="Hasty", schedule=EACH_MINUTE)
    fit = await move(database, acme, "slow", shortest_interval_seconds=3600)
    assert fit == Fit(paused_tasks=[made.id])
    fit = await move(database, acme, "as slow", shortest_interval_seconds=3600)
    assert fit == Fit()
    # One that is paused for another reason makes no room, and gets none.
    fit = await move(
        database, acme, "both", shortest_interval_seconds=3600, enabled_tasks=2
    )
    assert fit == Fit(paused_tasks=tasks[2:])
    fit = await move(database, acme, "fast", enabled_tasks=3)
    assert fit == Fit(resumed_tasks=tasks[2:])
    fit = await move(database, acme, "all")
    assert fit == Fit(resumed_tasks=[made.id])


async def test_a_slot_that_is_due_is_recorded_as_skipped_for_the_plan(
    database: Database, acme: UUID, owner: AsyncSession
) -> None:
    due = now() - timedelta(seconds=5)
    async with database.unit_of_work(Login.OWNER) as session:
        await make_task(session, acme, schedule=HOURLY, next_run_at=due)
    await move(database, acme, "none", enabled_tasks=0)
    run = (await owner.scalars(select(TaskRun))).one()
    assert (run.status, run.reason) == (Status.SKIPPED, "plan_limit")
    assert run.scheduled_for == due


async def test_a_schedule_that_nobody_can_read_stops_no_change_of_plan(
    database: Database, acme: UUID, tasks: list[UUID]
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        broken = update(Task).where(Task.id == tasks[0])
        await session.execute(broken.values(schedule={"kind": "never heard of"}))
    limits = {"shortest_interval_seconds": 60, "enabled_tasks": 1}
    assert await move(database, acme, "one", **limits) == Fit(paused_tasks=tasks[1:])
    async with database.unit_of_work(Login.OWNER) as session:
        old = update(Task).where(Task.id == tasks[0])
        off = {"enabled": False, "disabled_reason": "plan_limit"}
        await session.execute(old.values(off))
    assert await move(database, acme, "all") == Fit(resumed_tasks=tasks[1:])
