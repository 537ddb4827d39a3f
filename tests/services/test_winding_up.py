"""What becomes of the subscription of an organization that is to be deleted."""

from collections.abc import Awaitable, Callable

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.core.settings import Settings
from app.integrations.stripe_client import StripeAway, StripeClient
from app.models.organization import Organization
from app.models.outbox import OutboxMessage
from app.models.subscription import StripeEvent, StripeEventOutcome, Subscription
from app.services import deletions
from app.services.artifacts import storage
from app.services.outbox import OutboxKind
from app.tasks.erase import erase_due
from tests.api.authenticating import MoveClock
from tests.conftest import Client
from tests.fakestripe.server import Backstage
from tests.personae import People
from tests.subscriber import Subscriber, make_subscriber

DELETION = "/api/v1/organization/deletion"
Ask = Callable[[str], Awaitable[None]]


@pytest.fixture
async def acme(
    app: FastAPI,
    database: Database,
    configured: Settings,
    backstage: Backstage,
    people: People,
) -> Subscriber:
    one = await make_subscriber(
        database, configured, backstage, people.alice.organization_id
    )
    app.state.settings = one.settings
    return one


@pytest.fixture
def ask(client: Client, people: People) -> Ask:
    """`ask("POST")` has Acme deleted, `ask("DELETE")` takes that back."""

    async def send(method: str) -> None:
        body = {"name": "Acme"} if method == "POST" else None
        answer = await client(people.alice).request(method, DELETION, json=body)
        assert answer.is_success, answer.text

    return send


async def wind_up(acme: Subscriber) -> None:
    await deletions.wind_up(acme.database, acme.settings, acme.organization_id)


async def posted(acme: Subscriber) -> int:
    kind = OutboxMessage.kind == OutboxKind.SUBSCRIPTION_WIND_UP
    async with acme.database.unit_of_work(Login.OWNER) as session:
        return len((await session.scalars(select(OutboxMessage).where(kind))).all())


def ends(acme: Subscriber, id: str) -> bool:
    return acme.shop.stripe.v1.subscriptions.retrieve(id).cancel_at_period_end


async def test_nobody_pays_for_a_further_period(acme: Subscriber, ask: Ask) -> None:
    bought = acme.buy()
    await ask("POST")
    assert await posted(acme) == 1
    await wind_up(acme)
    await wind_up(acme)
    assert ends(acme, bought.id)
    row = await acme.sync()
    assert (row.plan_code, row.cancel_at_period_end) == ("team", True), "until then"
    await ask("DELETE")
    assert await posted(acme) == 2
    await wind_up(acme)
    assert not ends(acme, bought.id)


async def test_what_somebody_had_cancelled_stays_cancelled(
    acme: Subscriber, ask: Ask
) -> None:
    bought = acme.buy(cancel_at_period_end=True)
    for method in ("POST", "DELETE"):
        await ask(method)
        await wind_up(acme)
    assert ends(acme, bought.id)


async def test_what_stripe_did_not_hear_is_said_again(
    acme: Subscriber, ask: Ask, backstage: Backstage
) -> None:
    bought = acme.buy()
    await ask("POST")
    await wind_up(acme)
    await ask("DELETE")
    backstage.order_fault(status=500, path="/v1/subscriptions")
    with pytest.raises(StripeAway):
        await wind_up(acme)
    await wind_up(acme)
    assert not ends(acme, bought.id)


async def test_without_a_customer_stripe_is_not_asked(
    acme: Subscriber, ask: Ask, backstage: Backstage
) -> None:
    await acme.change(stripe_customer_id=None)
    before = len(backstage.look()["requests"])
    await ask("POST")
    assert await posted(acme) == 0
    await wind_up(acme)
    assert len(backstage.look()["requests"]) == before


async def test_with_the_rows_goes_what_stripe_told_of_the_customer(
    acme: Subscriber, ask: Ask, owner: AsyncSession, move_clock: MoveClock
) -> None:
    mine = select(Subscription.stripe_customer_id).where(
        Subscription.organization_id == acme.organization_id
    )
    customers = [await owner.scalar(mine), "cus_anothers"]
    for number, customer_id in enumerate(customers * 2):
        about = StripeEvent(
            id=f"evt_{number}",
            type="invoice.paid",
            livemode=False,
            customer_id=customer_id,
            outcome=StripeEventOutcome.FOLLOWED,
            happened_at=func.app_now(),
        )
        owner.add(about)
    await owner.commit()
    files, stripe = storage(acme.settings), StripeClient.of(acme.settings)
    await ask("POST")
    for day in ("15 days", "16 days"):
        await move_clock(day)
        told = (await erase_due(acme.database, files, stripe))["erased"]
    assert told[str(acme.organization_id)]["stripe_events"] == 2
    left = select(StripeEvent.customer_id).distinct()
    assert (await owner.scalars(left)).all() == ["cus_anothers"]


async def test_with_the_rows_the_customer_goes_and_its_subscription_ends(
    acme: Subscriber, ask: Ask, backstage: Backstage, move_clock: MoveClock
) -> None:
    bought = acme.buy()
    files, stripe = storage(acme.settings), StripeClient.of(acme.settings)
    await ask("POST")
    await move_clock("15 days")
    await erase_due(acme.database, files, stripe)
    await move_clock("16 days")
    tenant = str(acme.organization_id)
    # Neither without Stripe nor while it is away do the rows go that name the customer.
    told = await erase_due(acme.database, files)
    assert list(told["waiting"]) == [tenant]
    backstage.order_fault(status=500, path="/v1/customers")
    told = await erase_due(acme.database, files, stripe)
    assert list(told["waiting"]) == [tenant]
    assert not told["erased"]
    # Done there, and not heard of: it is done again.
    backstage.order_fault(status=200, path="/v1/customers")
    backstage.order_fault(status=None, after=True, path="/v1/customers")
    told = await erase_due(acme.database, files, stripe)
    assert list(told["waiting"]) == [tenant]
    customer = acme.shop.stripe.v1.customers.retrieve(acme.customer_id)
    assert getattr(customer, "deleted", False)
    told = await erase_due(acme.database, files, stripe)
    assert tenant in told["erased"]
    assert acme.shop.stripe.v1.subscriptions.retrieve(bought.id).status == "canceled"
    async with acme.database.unit_of_work(Login.OWNER) as session:
        assert await session.get(Organization, acme.organization_id) is None
