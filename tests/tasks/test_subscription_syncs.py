"""Subscriptions are fetched by a worker: when an event hints at one, and each night for
all that are customers, so that a lost event is made good."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database
from app.core.settings import Settings
from app.models.outbox import OutboxMessage, OutboxStatus
from app.models.subscription import (
    StripeEvent,
    StripeEventOutcome,
    SubscriptionStatus,
)
from app.services.outbox import OutboxKind
from app.tasks import housekeeping, outbox
from app.tasks.worker import Worker
from tests.fakestripe.server import Backstage
from tests.personae import People
from tests.subscriber import Subscriber, make_subscriber

MoveClock = Callable[[str], Awaitable[None]]
OF_SYNCS = OutboxMessage.kind == OutboxKind.SUBSCRIPTION_SYNC


@pytest.fixture
async def acme(
    database: Database, configured: Settings, backstage: Backstage, people: People
) -> Subscriber:
    return await make_subscriber(
        database, configured, backstage, people.alice.organization_id
    )


@pytest.fixture
async def selling(worker: Worker, acme: Subscriber) -> Worker:
    """A worker of a deployment that sells at the fake."""
    worker.settings = acme.settings
    return worker


async def asked(owner: AsyncSession) -> list[OutboxMessage]:
    await owner.rollback()
    return [
        *await owner.scalars(
            select(OutboxMessage).where(OF_SYNCS).order_by(OutboxMessage.id)
        )
    ]


async def test_each_night_all_that_are_customers_are_fetched_and_nobody_else(
    database: Database, acme: Subscriber, owner: AsyncSession, move_clock: MoveClock
) -> None:
    for _ in range(2):
        await housekeeping.tidy(database)
    [message] = await asked(owner)
    assert message.organization_id == acme.organization_id
    await move_clock("1 day")
    await housekeeping.tidy(database)
    assert len(await asked(owner)) == 2


async def test_a_night_makes_good_for_events_that_were_lost(
    selling: Worker, acme: Subscriber, owner: AsyncSession
) -> None:
    acme.buy()
    await housekeeping.tidy(selling.database)
    [message] = await asked(owner)
    await outbox.deliver(selling, message.id)
    [message] = await asked(owner)
    assert message.status is OutboxStatus.DONE
    row = await acme.row()
    assert (row.plan_code, row.status) == ("team", SubscriptionStatus.ACTIVE)


async def test_while_stripe_is_away_it_is_tried_again(
    selling: Worker, acme: Subscriber, backstage: Backstage, owner: AsyncSession
) -> None:
    acme.buy()
    await housekeeping.tidy(selling.database)
    [message] = await asked(owner)
    backstage.order_fault(status=None, path="/v1/subscriptions")
    await outbox.deliver(selling, message.id)
    [message] = await asked(owner)
    assert (message.status, message.attempts) == (OutboxStatus.PENDING, 1)
    assert message.error is not None
    assert message.error.startswith("StripeAway: ")
    assert acme.settings.stripe_api_key is not None
    assert acme.settings.stripe_api_key.get_secret_value() not in message.error
    await outbox.deliver(selling, message.id)
    assert (await acme.row()).plan_code == "team"


async def test_events_are_kept_for_ninety_days(
    database: Database, owner: AsyncSession
) -> None:
    for days in (89, 91):
        owner.add(
            StripeEvent(
                id=f"evt_{days}",
                type="invoice.paid",
                livemode=False,
                outcome=StripeEventOutcome.NOTED,
                happened_at=func.app_now(),
            )
        )
        await owner.flush()
        await owner.execute(
            update(StripeEvent)
            .where(StripeEvent.id == f"evt_{days}")
            .values(received_at=func.app_now() - func.make_interval(0, 0, 0, days))
        )
    await owner.commit()
    done = await housekeeping.tidy(database)
    assert done["stripe_events"] == 1
    assert (await owner.scalars(select(StripeEvent.id))).all() == ["evt_89"]
