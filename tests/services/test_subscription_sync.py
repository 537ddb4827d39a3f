"""What Stripe says of a customer becomes what its organization has."""

from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.core.settings import Settings
from app.integrations.stripe_client import (
    StripeAway,
    StripeKeyRefused,
    StripeNotConfigured,
)
from app.models.subscription import SubscriptionPlan, SubscriptionStatus
from app.models.task import Task
from tests.builders import make_account, make_task
from tests.fakestripe.server import Backstage
from tests.personae import People
from tests.subscriber import Subscriber, make_subscriber

FAILS = "pm_card_chargeCustomerFail"


@pytest.fixture
async def acme(
    database: Database, configured: Settings, backstage: Backstage, people: People
) -> Subscriber:
    return await make_subscriber(
        database, configured, backstage, people.alice.organization_id
    )


async def test_what_is_paid_for_is_had(acme: Subscriber) -> None:
    bought = acme.buy()
    row = await acme.sync()
    assert (row.plan_code, row.status) == ("team", SubscriptionStatus.ACTIVE)
    assert row.stripe_subscription_id == bought.id
    assert row.current_period_end is not None
    ends = bought["items"].data[0].current_period_end
    assert row.current_period_end.timestamp() == ends
    assert row.sync_doubt is None
    assert row.synced_at is not None


async def test_amounts_and_tax_stay_whole_numbers_of_their_currency(
    acme: Subscriber,
) -> None:
    address = {"address": {"country": "DE"}}
    acme.shop.stripe.v1.customers.update(acme.customer_id, address)  # type: ignore[arg-type] # as its members say
    acme.buy(automatic_tax={"enabled": True})
    row = await acme.sync()
    [invoice] = acme.shop.stripe.v1.invoices.list({"customer": acme.customer_id}).data
    assert invoice.total_taxes
    assert row.invoice_tax == sum(tax.amount for tax in invoice.total_taxes) > 0
    assert (row.currency, row.invoice_total) == (invoice.currency, invoice.total)
    assert (row.latest_invoice_id, row.latest_invoice_status) == (invoice.id, "paid")
    assert isinstance(row.invoice_total, int)


async def test_each_change_is_on_record_once(acme: Subscriber) -> None:
    bought = acme.buy()
    await acme.sync()
    await acme.sync()
    [event] = await acme.recorded()
    assert (event.action, event.actor) == ("subscription.change", "stripe")
    assert event.detail["plan_code"] == ["free", "team"]
    assert event.detail["status"] == ["none", "active"]
    assert event.detail["stripe_subscription_id"] == [None, bought.id]


async def test_who_never_bought_has_the_default_plan(acme: Subscriber) -> None:
    row = await acme.sync()
    assert (row.plan_code, row.status) == ("free", SubscriptionStatus.NONE)
    assert await acme.recorded() == []


async def test_a_changed_plan_is_followed_up_and_down(acme: Subscriber) -> None:
    bought = acme.buy()
    items = [{"id": bought["items"].data[0].id, "price": acme.shop.business}]
    await acme.sync()
    acme.shop.stripe.v1.subscriptions.update(bought.id, {"items": items})  # type: ignore[arg-type] # as its members say
    assert (await acme.sync()).plan_code == "business"
    acme.shop.stripe.v1.subscriptions.cancel(bought.id)
    row = await acme.sync()
    assert (row.plan_code, row.status) == ("free", SubscriptionStatus.CANCELED)


async def test_what_ends_with_its_period_says_so_and_is_had_until_then(
    acme: Subscriber, backstage: Backstage
) -> None:
    bought = acme.buy()
    ending = {"cancel_at_period_end": True}
    acme.shop.stripe.v1.subscriptions.update(bought.id, ending)  # type: ignore[arg-type] # as its members say
    row = await acme.sync()
    assert (row.plan_code, row.cancel_at_period_end) == ("team", True)
    assert row.cancels_at == row.current_period_end
    backstage.move_clock(days=32)
    row = await acme.sync()
    assert (row.plan_code, row.status) == ("free", SubscriptionStatus.CANCELED)


async def test_a_trial_has_its_plan_and_is_remembered(
    acme: Subscriber, backstage: Backstage
) -> None:
    bought = acme.buy(trial_period_days=14)
    row = await acme.sync()
    assert (row.plan_code, row.status) == ("team", SubscriptionStatus.TRIALING)
    assert row.trial_used_at is not None
    assert row.trial_until == row.trial_used_at + timedelta(days=14)
    acme.shop.stripe.v1.subscriptions.cancel(bought.id)
    acme.buy()
    again = await acme.sync()
    assert again.status is SubscriptionStatus.ACTIVE
    assert again.trial_used_at == row.trial_used_at


async def test_past_due_begins_when_it_is_learnt_and_ends_when_it_is_paid(
    acme: Subscriber, backstage: Backstage
) -> None:
    failing = acme.shop.stripe.v1.payment_methods.attach(
        FAILS, {"customer": acme.customer_id}
    )
    acme.buy(trial_period_days=10, default_payment_method=failing.id)
    await acme.sync()
    backstage.move_clock(days=11)
    row = await acme.sync()
    assert (row.plan_code, row.status) == ("team", SubscriptionStatus.PAST_DUE)
    assert row.past_due_since == row.synced_at
    later = await acme.sync()
    assert later.past_due_since == row.past_due_since
    [due, _] = acme.shop.stripe.v1.invoices.list({"customer": acme.customer_id}).data
    good = acme.shop.stripe.v1.payment_methods.attach(
        "pm_card_visa", {"customer": acme.customer_id}
    )
    acme.shop.stripe.v1.invoices.pay(due.id, {"payment_method": good.id})
    row = await acme.sync()
    assert (row.status, row.past_due_since) == (SubscriptionStatus.ACTIVE, None)


async def test_a_smaller_plan_pauses_the_newest_excess(
    acme: Subscriber, owner: AsyncSession
) -> None:
    bought = acme.buy()
    await acme.sync()
    free = update(SubscriptionPlan).where(SubscriptionPlan.code == "free")
    few = {"aws_accounts": 1, "enabled_tasks": 1, "members": None}
    limits = dict.fromkeys(await _limits(owner)) | few
    await owner.execute(free.values(limits=limits))
    account = await make_account(owner, acme.organization_id)
    for name in ("older", "newer"):
        accounts = (account,)
        await make_task(owner, acme.organization_id, accounts=accounts, name=name)
    await owner.commit()
    acme.shop.stripe.v1.subscriptions.cancel(bought.id)
    await acme.sync()
    rows = await owner.execute(
        select(Task.name, Task.enabled, Task.disabled_reason).order_by(Task.id)
    )
    assert [tuple(row) for row in rows] == [
        ("older", True, None),
        ("newer", False, "plan_limit"),
    ]


async def _limits(owner: AsyncSession) -> dict[str, int | None]:
    plan = select(SubscriptionPlan.limits).where(SubscriptionPlan.code == "free")
    return (await owner.scalars(plan)).one()


async def test_an_unknown_price_changes_nothing_until_it_is_known(
    acme: Subscriber, owner: AsyncSession
) -> None:
    bought = acme.buy()
    await acme.sync()
    price = acme.shop.stripe.v1.prices.create(
        {
            "currency": "eur",
            "unit_amount": 1,
            "recurring": {"interval": "month"},
            "product_data": {"name": "Somebody's own"},
        }
    )
    item = bought["items"].data[0].id
    foreign = {"items": [{"id": item, "price": price.id}]}
    acme.shop.stripe.v1.subscriptions.update(bought.id, foreign)  # type: ignore[arg-type] # as its members say
    for _ in range(2):
        row = await acme.sync()
        assert (row.plan_code, row.status) == ("team", SubscriptionStatus.ACTIVE)
        assert row.sync_doubt == f"{bought.id} has the unknown price '{price.id}'"
    events = [event.action for event in await acme.recorded()]
    assert events == ["subscription.change", "subscription.doubt"]
    async with acme.database.unit_of_work(Login.OWNER) as session:
        business = update(SubscriptionPlan).where(SubscriptionPlan.code == "business")
        await session.execute(business.values(stripe_price_id=price.id))
    row = await acme.sync()
    assert (row.plan_code, row.sync_doubt) == ("business", None)


async def test_who_bought_at_an_old_price_keeps_the_plan(acme: Subscriber) -> None:
    acme.buy()
    async with acme.database.unit_of_work(Login.OWNER) as session:
        team = update(SubscriptionPlan).where(SubscriptionPlan.code == "team")
        await session.execute(team.values(stripe_price_id="price_dearer"))
    assert (await acme.sync()).plan_code == "team"


async def test_a_price_never_buys_another_plan(
    acme: Subscriber, owner: AsyncSession
) -> None:
    business = update(SubscriptionPlan).where(SubscriptionPlan.code == "business")
    with pytest.raises(IntegrityError, match="buys another plan"):
        await owner.execute(business.values(stripe_price_id=acme.shop.team))
    await owner.rollback()


async def test_what_the_operator_gave_is_not_taken_away(acme: Subscriber) -> None:
    gift = {"status": SubscriptionStatus.COMPLIMENTARY, "plan_code": "business"}
    await acme.change(**gift)
    bought = acme.buy()
    row = await acme.sync()
    assert (row.plan_code, row.status) == ("business", gift["status"])
    assert row.stripe_subscription_id == bought.id


async def test_who_is_not_known_in_another_account_of_stripes_keeps_its_plan(
    acme: Subscriber, backstage: Backstage
) -> None:
    acme.buy()
    await acme.sync()
    backstage.reset()
    row = await acme.sync()
    assert (row.plan_code, row.status) == ("team", SubscriptionStatus.ACTIVE)
    assert row.sync_doubt == "Stripe refused to tell (resource_missing)"


async def test_a_refusal_of_stripes_takes_no_plan_away(
    acme: Subscriber, backstage: Backstage
) -> None:
    acme.buy()
    await acme.sync()
    backstage.order_fault(status=404, path="/v1/subscriptions")
    row = await acme.sync()
    assert (row.plan_code, row.sync_doubt) == ("team", "Stripe refused to tell (None)")
    assert (await acme.sync()).sync_doubt is None


async def test_without_a_customer_nobody_is_asked(
    acme: Subscriber, backstage: Backstage
) -> None:
    await acme.change(stripe_customer_id=None)
    before = backstage.look()["requests"]
    await acme.sync()
    assert backstage.look()["requests"] == before


async def test_where_stripe_errs_nothing_changes_and_it_can_be_asked_again(
    acme: Subscriber, backstage: Backstage
) -> None:
    acme.buy()
    for status in (500, 429, 409, None):
        backstage.order_fault(status=status, path="/v1/subscriptions")
        with pytest.raises(StripeAway):
            await acme.sync()
    row = await acme.row()
    assert (row.plan_code, row.synced_at, row.sync_doubt) == ("free", None, None)
    assert (await acme.sync()).plan_code == "team"


async def test_a_refused_key_changes_nothing(acme: Subscriber) -> None:
    acme.buy()
    rolled = {"stripe_api_key": SecretStr("sk_test_rolled")}
    with pytest.raises(StripeKeyRefused):
        await acme.sync(acme.settings.model_copy(update=rolled))
    keyless = acme.settings.model_copy(update={"stripe_api_key": None})
    with pytest.raises(StripeNotConfigured):
        await acme.sync(keyless)
    assert (await acme.row()).plan_code == "free"
