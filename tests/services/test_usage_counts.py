"""What an organization keeps is counted with each change of it, and never grows beyond
its plan, however many try at once."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.core.errors import PlanLimit
from app.models.aws_account import AWSAccount
from app.models.organization import Member
from app.models.subscription import Subscription
from app.models.task import Task
from app.models.usage_count import CountedMetric, UsageCount
from app.services import plan_limits
from tests.builders import make_account, make_task
from tests.locks import until_it_waits
from tests.personae import People
from tests.plans import make_plan, subscribe

ACCOUNTS, TASKS = CountedMetric.AWS_ACCOUNTS, CountedMetric.ENABLED_TASKS
MEMBERS = CountedMetric.MEMBERS


async def counts(session: AsyncSession, organization_id: UUID) -> dict[str, int]:
    rows = await session.execute(
        select(UsageCount.metric, UsageCount.value).where(
            UsageCount.organization_id == organization_id
        )
    )
    return {metric.value: value for metric, value in rows}


@pytest.fixture
def acme(people: People) -> UUID:
    return people.alice.organization_id


async def test_counts_what_comes_goes_pauses_and_returns(
    owner: AsyncSession, acme: UUID, people: People
) -> None:
    async def counted(metric: CountedMetric) -> int:
        return (await counts(owner, acme)).get(metric, 0)

    account = await make_account(owner, acme)
    of_account = update(AWSAccount).where(AWSAccount.id == account.id)
    for changed, left in (
        ({"paused_at": func.app_now()}, 0),
        ({"paused_at": None, "connected": False}, 0),
        ({"connected": True}, 1),
        ({"connected": True, "name": "The same"}, 1),
    ):
        await owner.execute(of_account.values(changed))
        assert await counted(ACCOUNTS) == left
    await make_account(owner, acme, account_id="2" * 12, name="b", connected=False)
    assert await counted(ACCOUNTS) == 1

    task = await make_task(owner, acme, accounts=(account,))
    await make_task(owner, acme, accounts=(account,), name="Off", enabled=False)
    assert await counted(TASKS) == 1
    of_task = update(Task).where(Task.id == task.id)
    await owner.execute(of_task.values(enabled=False))
    assert await counted(TASKS) == 0
    await owner.execute(update(Task).values(enabled=True))
    assert await counted(TASKS) == 2

    assert await counted(MEMBERS) == len(people.colleagues)
    of_olga = Member.user_id == people.olga.user_id
    gone = update(Member).where(of_olga).values(removed_at=func.app_now())
    await owner.execute(gone)
    assert await counted(MEMBERS) == len(people.colleagues) - 1
    still = Member.organization_id == acme
    await owner.execute(delete(Member).where(still))
    assert await counted(MEMBERS) == 0
    others = await counts(owner, people.mallory.organization_id)
    assert others == {MEMBERS: 1}


async def test_a_tick_of_the_beat_does_not_touch_the_counter(
    owner: AsyncSession, acme: UUID
) -> None:
    version = text("SELECT xmin || '.' || ctid FROM usage_counts WHERE metric = :what")
    await make_task(owner, acme)
    before = await owner.scalar(version, {"what": TASKS})
    await owner.execute(update(Task).values(next_run_at=func.app_now(), enabled=True))
    assert await owner.scalar(version, {"what": TASKS}) == before
    await owner.execute(update(Task).values(enabled=False))
    assert await owner.scalar(version, {"what": TASKS}) != before


async def test_refuses_what_is_beyond_the_plan_and_nothing_that_shrinks(
    database: Database, acme: UUID
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        for number in range(3):
            name = str(number)
            await make_account(session, acme, account_id=f"{number:012}", name=name)
        await subscribe(session, acme, await make_plan(session, aws_accounts=2))
    with pytest.raises(IntegrityError) as refusal:
        async with database.unit_of_work(Login.OWNER) as session:
            await make_account(session, acme, account_id="9" * 12, name="One too many")
    said = plan_limits.refusal(refusal.value)
    assert isinstance(said, PlanLimit)
    assert said.detail == "Your plan allows 2 AWS accounts, and 3 are counted already."
    assert [(one.pointer, one.code) for one in said.fields] == [
        ("/role_arn", "aws_accounts")
    ]
    async with database.unit_of_work(Login.OWNER) as session:
        one = select(AWSAccount.id).limit(1).scalar_subquery()
        away = update(AWSAccount).where(AWSAccount.id == one).values(connected=False)
        await session.execute(away)
        assert (await counts(session, acme))[ACCOUNTS] == 2


@pytest.mark.parametrize("login", [Login.APP, Login.WORKER])
async def test_the_logins_that_may_change_a_row_may_count_it(
    database: Database, acme: UUID, login: Login
) -> None:
    async with database.unit_of_work(login, organization_id=acme) as session:
        session.add(AWSAccount(organization_id=acme, account_id="3" * 12, name="c"))
        await session.flush()
        assert (await counts(session, acme))[ACCOUNTS] == 1


async def test_the_beat_may_disable_a_task_and_count_it(
    database: Database, acme: UUID
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        await make_task(session, acme)
    async with database.system_session("test") as session:
        await session.execute(update(Task).values(enabled=False))
        assert (await counts(session, acme))[TASKS] == 0


async def test_of_a_hundred_at_once_exactly_the_limit_gets_in(
    database: Database, acme: UUID, people: People
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        plan = await make_plan(session, aws_accounts=10)
        await subscribe(session, acme, plan)

    async def connect(number: int) -> None:
        async with database.unit_of_work(Login.APP, organization_id=acme) as session:
            about = {"account_id": f"{number:012}", "name": str(number)}
            session.add(AWSAccount(organization_id=acme, **about))
            await session.flush()

    ends = await asyncio.gather(*map(connect, range(100)), return_exceptions=True)
    assert ends.count(None) == 10
    assert all(one is None or isinstance(one, IntegrityError) for one in ends)
    async with database.unit_of_work(Login.OWNER) as session:
        assert await session.scalar(select(func.count(AWSAccount.id))) == 10
        assert (await counts(session, acme))[ACCOUNTS] == 10


async def test_growth_waits_for_a_change_of_plan_and_goes_by_the_new_one(
    database: Database, acme: UUID
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        smaller = await make_plan(session, aws_accounts=0)

    async def connect() -> None:
        async with database.unit_of_work(Login.WORKER, organization_id=acme) as session:
            session.add(AWSAccount(organization_id=acme, account_id="4" * 12, name="d"))
            await session.flush()

    async with database.unit_of_work(Login.OWNER) as session:
        mine = select(Subscription).where(Subscription.organization_id == acme)
        subscription = (await session.scalars(mine.with_for_update())).one()
        growth = asyncio.create_task(connect())
        await until_it_waits(database, growth)
        assert not growth.done()
        subscription.plan_code = smaller
        await session.flush()
    with pytest.raises(IntegrityError):
        await growth
