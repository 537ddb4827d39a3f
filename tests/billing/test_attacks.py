"""What somebody tries who knows the code, Stripe's events, or another's organization:
only the subscription that is fetched for the customer we keep counts."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.models.outbox import OutboxMessage
from app.models.subscription import StripeEvent, StripeEventOutcome
from tests.billing.world import SECRET, WEBHOOK, World
from tests.fakestripe.buying import checkout, customer


async def subscribed(world: World, **more: Any) -> tuple[UUID, str]:
    """An organization that has bought the Team plan, and nobody has told us yet."""
    buyer = customer(world.shop, card=None)
    organization = await world.settle_in(buyer)
    world.backstage.pay(checkout(world.shop, buyer, **more).url)
    return organization, buyer


def event(world: World, type: str) -> str:
    """The latest of a type."""
    found = [one["id"] for one in world.backstage.events() if one["type"] == type]
    return str(found[-1])


async def plan(world: World, organization: UUID) -> str:
    return (await world.standing(organization)).plan_code


async def kept(owner: AsyncSession, id: str) -> StripeEvent:
    return (await owner.scalars(select(StripeEvent).where(StripeEvent.id == id))).one()


async def asked(owner: AsyncSession) -> int:
    """How many jobs events have asked for."""
    jobs = select(func.count()).where(OutboxMessage.kind.like("subscription.%"))
    return await owner.scalar(jobs) or 0


@pytest.mark.parametrize(
    "knobs",
    [{"signature": "wrong"}, {"signature": "missing"}, {"age_seconds": 301}],
    ids=["wrong", "missing", "old"],
)
async def test_what_is_not_freshly_signed_is_refused_and_leaves_nothing(
    world: World, owner: AsyncSession, knobs: dict[str, Any]
) -> None:
    organization, _ = await subscribed(world)
    bought = event(world, "customer.subscription.created")
    answer = await world.receive(bought, **knobs)
    assert (answer.status_code, answer.json()["code"]) == (422, "not-from-stripe")
    assert await owner.scalar(select(func.count()).select_from(StripeEvent)) == 0
    assert await asked(owner) == 0
    await world.work()
    assert await plan(world, organization) == "free"


async def test_one_changed_byte_breaks_the_signature(world: World) -> None:
    await subscribed(world)
    bought = event(world, "customer.subscription.created")
    [(body, headers)] = world.backstage.sign([bought], SECRET)
    changed = body.replace("incomplete", "active____")
    answer = await world.http.post(WEBHOOK, content=changed, headers=headers)
    assert answer.status_code == 422


async def test_a_genuine_event_sent_again_after_the_end_brings_nothing_back(
    world: World, owner: AsyncSession
) -> None:
    organization, buyer = await subscribed(world)
    bought = event(world, "customer.subscription.updated")
    await world.receive_all([bought])
    await world.work()
    assert await plan(world, organization) == "team"
    [sub] = world.subscriptions(buyer)
    world.shop.stripe.v1.subscriptions.cancel(sub["id"])
    await world.receive_all([event(world, "customer.subscription.deleted")])
    await world.work()
    assert await plan(world, organization) == "free"
    jobs = await asked(owner)
    await world.receive_all([bought] * 3)
    await world.work()
    assert await plan(world, organization) == "free"
    assert await asked(owner) == jobs


async def test_a_cancellation_that_overtakes_a_change_stays_one(world: World) -> None:
    organization, buyer = await subscribed(world)
    [sub] = world.subscriptions(buyer)
    update = world.shop.stripe.v1.subscriptions.update
    update(sub["id"], {"metadata": {"any": "change"}})
    changed = event(world, "customer.subscription.updated")
    world.shop.stripe.v1.subscriptions.cancel(sub["id"])
    ended = event(world, "customer.subscription.deleted")
    for arrived in (ended, changed):
        await world.receive_all([arrived])
        await world.work()
        assert await plan(world, organization) == "free"


async def test_an_unknown_customers_event_is_kept_aside_and_asks_for_nothing(
    world: World, owner: AsyncSession
) -> None:
    stranger = customer(world.shop, card=None)
    world.backstage.pay(checkout(world.shop, stranger).url)
    arrived = event(world, "customer.subscription.created")
    assert (await world.receive(arrived)).is_success
    found = await kept(owner, arrived)
    assert (found.outcome, await asked(owner)) == (StripeEventOutcome.QUARANTINED, 0)
    assert found.reason


async def test_naming_anothers_organization_at_the_checkout_gives_and_takes_nothing(
    world: World, owner: AsyncSession
) -> None:
    victim, _ = await subscribed(world)
    await world.receive_all([event(world, "customer.subscription.created")])
    await world.work()
    before = await world.standing(victim)
    mallory = customer(world.shop, card=None)
    evil = await world.settle_in(mallory)
    session = checkout(world.shop, mallory, client_reference_id=str(victim))
    world.backstage.pay(session.url)
    paid = event(world, "checkout.session.completed")
    assert (await world.receive(paid)).is_success
    await world.work()
    found = await kept(owner, paid)
    assert (found.outcome, bool(found.reason)) == (StripeEventOutcome.QUARANTINED, True)
    after = await world.standing(victim)
    assert (after.plan_code, after.stripe_customer_id, after.synced_attempt) == (
        before.plan_code,
        before.stripe_customer_id,
        before.synced_attempt,
    )
    assert await plan(world, evil) == "free"


@pytest.mark.parametrize(
    "knobs", [{"livemode": True}, {"account": "acct_other"}], ids=["mode", "account"]
)
async def test_what_is_of_another_mode_or_account_is_kept_aside(
    world: World, owner: AsyncSession, knobs: dict[str, Any]
) -> None:
    organization, _ = await subscribed(world)
    arrived = event(world, "customer.subscription.created")
    assert (await world.receive(arrived, **knobs)).is_success
    found = await kept(owner, arrived)
    assert (found.outcome, await asked(owner)) == (StripeEventOutcome.QUARANTINED, 0)
    await world.work()
    assert await plan(world, organization) == "free"


async def test_having_paid_grants_nothing_until_it_is_fetched(world: World) -> None:
    organization, _ = await subscribed(world)
    assert await plan(world, organization) == "free"
    await world.reconcile()
    await world.work()
    assert await plan(world, organization) == "team"


@pytest.mark.parametrize(
    ("currency", "country", "amount", "tax"),
    [("eur", "DE", 4_900, 931), ("jpy", "FR", 4_999, 1_000), ("eur", "US", 4_900, 0)],
    ids=["cents", "no minor unit", "untaxed"],
)
async def test_money_is_kept_as_whole_minor_units_as_stripe_says_them(
    world: World, currency: str, country: str, amount: int, tax: int
) -> None:
    made = world.shop.stripe.v1.prices.create(
        {
            "currency": currency,
            "unit_amount": amount,
            "recurring": {"interval": "month"},
            "product_data": {"name": "Team"},
        }
    )
    await world.sell("team", made.id)
    buyer = customer(world.shop, card=None, address={"country": country})
    organization = await world.settle_in(buyer)
    session = checkout(
        world.shop,
        buyer,
        line_items=[{"price": made.id, "quantity": 1}],
        automatic_tax={"enabled": True},
    )
    world.backstage.pay(session.url)
    await world.receive_all([event(world, "invoice.paid")])
    await world.work()
    row = await world.standing(organization)
    assert (row.currency, row.invoice_total, row.invoice_tax) == (
        currency,
        amount + tax,
        tax,
    )
