"""Who comes to a limit of its plan is told, once for a metric, a threshold and a
month."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from app.core.db import Database, Login
from app.models.notice import RecordedNotice
from app.models.organization import Member, Organization
from app.models.outbox import OutboxMessage, OutboxStatus
from app.models.usage import Metric, UsageWarning
from app.services import usage_warnings
from app.services.outbox import OutboxKind
from app.tasks import outbox
from tests.builders import make_account
from tests.mailbox import Mail, Mailbox
from tests.personae import People
from tests.services.documented import assert_documented
from tests.tasks.faked import Faked
from tests.using import limit, use

MoveClock = Callable[[str], Awaitable[None]]


@dataclass
class Watched:
    """Acme, and the mails that it gets."""

    faked: Faked
    mailbox: Mailbox
    people: People
    mails_before: int

    @property
    def database(self) -> Database:
        return self.faked.database

    @property
    def tenant(self) -> UUID:
        return self.people.alice.organization_id

    async def look(self) -> int:
        async with self.database.system_session("test") as session:
            return await usage_warnings.find(session, limit=100)

    async def mails(self) -> list[Mail]:
        """Those that came of what is waiting."""
        waiting = select(OutboxMessage.id).where(
            OutboxMessage.kind == OutboxKind.MAIL_USAGE,
            OutboxMessage.status == OutboxStatus.PENDING,
        )
        async with self.database.unit_of_work(Login.OWNER) as session:
            messages = list(await session.scalars(waiting))
        for id in messages:
            await outbox.deliver(self.faked.worker, id)
        came = self.mailbox.mails(after=self.mails_before)
        self.mails_before += len(came)
        return came

    async def warnings(self) -> list[tuple[Metric, int, int, int]]:
        row = UsageWarning
        told = select(row.metric, row.threshold, row.used, row.allowed)
        async with self.database.unit_of_work(Login.OWNER) as session:
            rows = await session.execute(told.order_by(row.metric, row.threshold))
            return [(one[0], one[1], one[2], one[3]) for one in rows]

    async def notices(self) -> list[tuple[str, dict[str, object]]]:
        row = RecordedNotice
        told = select(row).where(row.event.in_(["usage.near", "usage.reached"]))
        async with self.database.unit_of_work(Login.OWNER) as session:
            rows = (await session.scalars(told.order_by(row.number))).all()
            await assert_documented(session, rows)
            return [(one.event.value, one.facts) for one in rows]


@pytest.fixture
def watched(faked: Faked, people: People, mailbox: Mailbox) -> Watched:
    before = max((mail.number for mail in mailbox.mails()), default=0)
    return Watched(faked, mailbox, people, before)


async def test_at_eighty_percent_those_who_run_it_are_told_once(
    watched: Watched,
) -> None:
    await limit(watched.database, watched.tenant, executions_per_month=1000)
    await use(watched.database, watched.tenant, executions=799)
    assert await watched.look() == 0
    await use(watched.database, watched.tenant, executions=800)
    assert await watched.look() == 1
    mails = await watched.mails()
    to = sorted(address for mail in mails for address in mail.recipients)
    assert to == ["adam@example.com", "alice@example.com"]
    assert {mail.subject for mail in mails} == {"A limit of your plan is near"}
    assert "800. Your organization's plan allows 1,000." in mails[0].text
    assert await watched.look() == 0
    assert await watched.mails() == []


async def test_who_comes_to_both_thresholds_at_once_is_told_of_the_limit(
    watched: Watched,
) -> None:
    await limit(watched.database, watched.tenant, aws_calls_per_month=100)
    await use(watched.database, watched.tenant, aws_calls=130)
    assert await watched.look() == 2
    subjects = {mail.subject for mail in await watched.mails()}
    assert subjects == {"A limit of your plan is reached"}
    assert await watched.warnings() == [
        (Metric.AWS_CALLS, 80, 130, 100),
        (Metric.AWS_CALLS, 100, 130, 100),
    ]


async def test_what_was_refused_reaches_the_limit_though_something_is_left(
    watched: Watched,
) -> None:
    await limit(watched.database, watched.tenant, executions_per_month=1000)
    await use(watched.database, watched.tenant, executions=700, executions_refused=301)
    await watched.look()
    assert (Metric.EXECUTIONS, 100, 1001, 1000) in await watched.warnings()


async def test_what_is_kept_is_warned_of_too(watched: Watched) -> None:
    await limit(watched.database, watched.tenant, aws_accounts=2)
    async with watched.database.unit_of_work(Login.OWNER) as session:
        await make_account(session, watched.tenant, account_id="9" * 12, name="Other")
    await watched.look()
    assert (Metric.AWS_ACCOUNTS, 100, 2, 2) in await watched.warnings()


async def test_a_member_whose_time_is_over_is_not_warned_of(watched: Watched) -> None:
    members = Member.organization_id == watched.tenant
    async with watched.database.unit_of_work(Login.OWNER) as session:
        own = select(func.count()).where(members)
        there_are = (await session.execute(own)).scalar_one()
        over = update(Member).where(
            members, Member.user_id == watched.people.victor.user_id
        )
        await session.execute(over.values(expires_at=func.app_now()))
    await limit(watched.database, watched.tenant, members=there_are)
    await watched.look()
    assert (Metric.MEMBERS, 100) not in {one[:2] for one in await watched.warnings()}
    async with watched.database.unit_of_work(Login.OWNER) as session:
        await session.execute(over.values(expires_at=None))
    await watched.look()
    expected = (Metric.MEMBERS, 100, there_are, there_are)
    assert expected in await watched.warnings()


async def test_a_larger_limit_is_warned_of_in_the_same_month(
    watched: Watched,
) -> None:
    await limit(watched.database, watched.tenant, executions_per_month=1000)
    await use(watched.database, watched.tenant, executions=1000)
    assert await watched.look() == 2
    await limit(watched.database, watched.tenant, executions_per_month=2000)
    assert await watched.look() == 0
    await use(watched.database, watched.tenant, executions=1700)
    assert await watched.look() == 1
    assert await watched.look() == 0
    assert (Metric.EXECUTIONS, 80, 1700, 2000) in await watched.warnings()


async def test_with_the_next_month_it_is_told_again(
    watched: Watched, move_clock: MoveClock
) -> None:
    await limit(watched.database, watched.tenant, members=5)
    assert await watched.look() == 2
    assert await watched.look() == 0
    await move_clock("31 days")
    assert await watched.look() == 2


async def test_a_warning_of_a_month_that_is_over_is_not_mailed(
    watched: Watched, move_clock: MoveClock
) -> None:
    await limit(watched.database, watched.tenant, members=5)
    await watched.look()
    await move_clock("31 days")
    assert await watched.mails() == []


async def test_any_number_of_beats_tell_it_once(watched: Watched) -> None:
    await limit(watched.database, watched.tenant, members=5)
    await asyncio.gather(*(watched.look() for _ in range(5)))
    assert len(await watched.warnings()) == 2
    assert len(await watched.mails()) == 2  # Alice's and Adam's


async def test_nobody_is_told_of_an_organization_that_is_deleted(
    watched: Watched,
) -> None:
    await limit(watched.database, watched.tenant, members=5)
    async with watched.database.unit_of_work(Login.OWNER) as session:
        mine = update(Organization).where(Organization.id == watched.tenant)
        await session.execute(mine.values(deleted_at=func.app_now()))
    assert await watched.look() == 0


async def test_without_a_limit_nobody_is_told(watched: Watched) -> None:
    await use(watched.database, watched.tenant, executions=10**9, aws_calls=10**12)
    assert await watched.look() == 0


async def test_each_is_a_notice_that_rules_can_name_once(watched: Watched) -> None:
    """And of both at once only that the limit is reached."""
    limits = {"executions_per_month": 1000, "aws_calls_per_month": 100}
    await limit(watched.database, watched.tenant, **limits)
    await use(watched.database, watched.tenant, executions=800, aws_calls=100)
    await asyncio.gather(*(watched.look() for _ in range(4)))
    calls = {"metric": "aws_calls_per_month", "threshold": 100}
    calls |= {"used": 100, "allowed": 100}
    runs = {"metric": "executions_per_month", "threshold": 80}
    runs |= {"used": 800, "allowed": 1000}
    told = [("usage.reached", calls), ("usage.near", runs)]
    assert await watched.notices() == told
    await use(watched.database, watched.tenant, executions=1000)
    await watched.look()
    runs = runs | {"threshold": 100, "used": 1000}
    assert await watched.notices() == [*told, ("usage.reached", runs)]
