"""A smaller plan deletes nothing for thirty days that the larger one kept, and says
when it will; whoever made the plan smaller."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.db import Database, Login
from app.core.settings import Settings
from app.models.outbox import OutboxMessage
from app.models.run import TaskExecution
from app.models.subscription import Subscription
from app.services import plan_edits, subscription_mails
from app.services.outbox import OutboxKind
from tests.conftest import Client
from tests.mailbox import Mailbox
from tests.personae import People
from tests.plans import make_plan, subscribe
from tests.services.purging import MoveClock, an_end, ids_of, purge

LIMITS = {"none": None, "large": 400, "middle": 90, "small": 7}


@pytest.fixture
async def acme(database: Database, people: People) -> UUID:
    """On a plan that keeps 400 days, among others."""
    async with database.unit_of_work(Login.OWNER) as session:
        for code, days in LIMITS.items():
            await make_plan(session, code, history_days=days)
        await subscribe(session, people.alice.organization_id, "large")
    return people.alice.organization_id


async def become(database: Database, acme: UUID, plan: str) -> None:
    mine = update(Subscription).where(Subscription.organization_id == acme)
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(mine.values(plan_code=plan))


async def kept(database: Database, acme: UUID) -> int | None:
    """For how many days, as the worker's login sees it."""
    async with database.unit_of_work(
        Login.WORKER, organization_id=acme, actor="retention"
    ) as session:
        both = select(func.app_now(), func.kept_since())
        present, since = (await session.execute(both)).one()
        return None if since is None else round((present - since) / timedelta(days=1))


async def test_history_goes_thirty_days_after_a_smaller_plan_and_not_before(
    database: Database,
    people: People,
    owner: AsyncSession,
    acme: UUID,
    move_clock: MoveClock,
) -> None:
    old = await an_end(database, people.alice, age=timedelta(days=60))
    young = await an_end(database, people.alice, age=timedelta(days=-29), number=1)
    await become(database, acme, "small")
    await move_clock("29 days")
    await purge(database, people.alice)
    assert await ids_of(owner, TaskExecution) == {old, young}
    await move_clock("30 days 1 minute")
    await purge(database, people.alice)
    assert await ids_of(owner, TaskExecution) == {young}


@pytest.mark.parametrize(
    ("steps", "days"),
    [
        (["small"], 400),
        (["middle"], 400),
        (["small", "20 days", "middle", "40 days"], 90),
        (["middle", "20 days", "small", "40 days"], 400),
        (["middle", "40 days", "small", "50 days"], 90),
        (["small", "large", "20 days"], 400),
        (["none"], None),
        (["none", "small", "29 days"], None),
        (["none", "small", "31 days"], 7),
        (["small", "31 days", "large", "32 days"], 400),
    ],
)
async def test_the_greatest_of_what_was_kept_is_held(
    database: Database,
    acme: UUID,
    move_clock: MoveClock,
    steps: list[str],
    days: int | None,
) -> None:
    """A larger plan does not prolong what is held, a smaller one does."""
    for step in steps:
        if step in LIMITS:
            await become(database, acme, step)
        else:
            await move_clock(step)
    assert await kept(database, acme) == days


async def test_the_subscription_names_the_day_and_what_goes(
    database: Database, people: People, client: Client, acme: UUID
) -> None:
    alice = client(people.alice)
    url = "/api/v1/subscription"
    assert (await alice.get(url)).json()["held_history"] is None
    await become(database, acme, "small")
    held = (await alice.get(url)).json()["held_history"]
    assert (held["days"], held["then_days"]) == (400, 7)
    until = datetime.fromisoformat(held["until"])
    assert abs(until - now() - timedelta(days=30)) < timedelta(minutes=1)
    before = datetime.fromisoformat(held["goes_before"])
    assert until - before == timedelta(days=7)
    await become(database, acme, "large")
    assert (await alice.get(url)).json()["held_history"] is None


async def test_a_plan_that_the_operator_makes_smaller_is_held_and_mailed_once(
    database: Database,
    configured: Settings,
    acme: UUID,
    owner: AsyncSession,
    mailbox: Mailbox,
) -> None:
    for _ in range(2):
        (concerned,) = await plan_edits.edit(
            database, "large", limits={"history_days": 5}, actor="operator:root"
        )
        assert concerned == acme
        await plan_edits.refit(database, configured, acme, actor="operator:root")
    assert await kept(database, acme) == 400
    mails = select(OutboxMessage.id).where(
        OutboxMessage.organization_id == acme,
        OutboxMessage.kind == OutboxKind.MAIL_PLAN_CHANGED,
    )
    (message_id,) = await owner.scalars(mails)
    kind = OutboxKind.MAIL_PLAN_CHANGED
    await subscription_mails.tell(
        database, configured, acme, kind=kind, message_id=message_id
    )
    text = " ".join(mailbox.mails()[-1].text.split())
    assert "History of 400 days is kept until" in text
    assert "Then the plan keeps 5 days: what ended before" in text
