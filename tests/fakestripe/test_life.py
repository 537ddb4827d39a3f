"""What becomes of subscriptions as time passes, payments fail and people decide."""

from typing import Any

import pytest
import stripe
from stripe import Invoice, Subscription
from stripe.params import SubscriptionCreateParams

from tests.fakestripe.buying import Shop, checkout, customer, make_shop
from tests.fakestripe.server import Backstage

FAILS = "pm_card_chargeCustomerFail"
DAY = 86_400


@pytest.fixture
def shop(backstage: Backstage) -> Shop:
    return make_shop(backstage)


def subscribe(shop: Shop, buyer: str, **more: Any) -> Subscription:
    asked: SubscriptionCreateParams = {
        "customer": buyer,
        "items": [{"price": shop.team}],
        **more,  # type: ignore[typeddict-item] # the test names members
    }
    return shop.stripe.v1.subscriptions.create(asked)


def status(shop: Shop, sub: Subscription) -> str:
    return shop.stripe.v1.subscriptions.retrieve(sub.id).status


def item_of(sub: Subscription) -> Any:
    return sub["items"].data[0]


def invoices(shop: Shop, sub: Subscription) -> list[Invoice]:
    return shop.stripe.v1.invoices.list({"subscription": sub.id}).data


def told(shop: Shop) -> list[str]:
    events = shop.stripe.v1.events.list({"limit": 100}).auto_paging_iter()
    return [str(event.type) for event in events][::-1]


def test_a_subscription_renews_each_month_for_what_it_costs(
    shop: Shop, backstage: Backstage
) -> None:
    sub = subscribe(shop, customer(shop))
    first = item_of(sub).current_period_end
    backstage.move_clock(days=63)
    again = shop.stripe.v1.subscriptions.retrieve(sub.id)
    assert again.status == "active"
    assert item_of(again).current_period_end > first
    assert [(one.total, one.status) for one in invoices(shop, sub)] == [
        (4_900, "paid")
    ] * 3


@pytest.mark.parametrize(
    ("ends_in", "expected"),
    [("canceled", "canceled"), ("unpaid", "unpaid"), ("past_due", "past_due")],
)
def test_a_card_that_fails_is_tried_again_and_then_given_up(
    shop: Shop, backstage: Backstage, ends_in: str, expected: str
) -> None:
    backstage.set_rules(unpaid_becomes=ends_in)
    buyer = customer(shop)
    sub = subscribe(shop, buyer)
    failing = shop.stripe.v1.payment_methods.attach(FAILS, {"customer": buyer})
    shop.stripe.v1.subscriptions.update(sub.id, {"default_payment_method": failing.id})
    backstage.move_clock(days=32)
    assert status(shop, sub) == "past_due"
    assert shop.stripe.v1.customers.retrieve(buyer).delinquent
    backstage.move_clock(days=15)
    assert status(shop, sub) == expected
    [renewal, _] = invoices(shop, sub)
    assert (renewal.attempt_count, renewal.status) == (4, "open")
    assert told(shop).count("invoice.payment_failed") == 4


def test_what_is_still_open_of_an_unpaid_subscription_is_tried_to_its_end(
    shop: Shop, backstage: Backstage
) -> None:
    """Two invoices fail, the older one first and for longer."""
    backstage.set_rules(unpaid_becomes="unpaid", retries=(DAY, 40 * DAY))
    buyer = customer(shop)
    sub = subscribe(shop, buyer)
    failing = shop.stripe.v1.payment_methods.attach(FAILS, {"customer": buyer})
    shop.stripe.v1.subscriptions.update(sub.id, {"default_payment_method": failing.id})
    backstage.move_clock(days=120)
    assert status(shop, sub) == "unpaid"
    tries = [one.attempt_count for one in invoices(shop, sub) if one.status == "open"]
    assert tries == [3] * len(tries)
    assert len(tries) > 1


def test_a_card_that_works_again_ends_the_dunning(
    shop: Shop, backstage: Backstage
) -> None:
    buyer = customer(shop, FAILS)
    sub = subscribe(shop, buyer, trial_period_days=10)
    backstage.move_clock(days=11)
    assert status(shop, sub) == "past_due"
    portal = shop.stripe.v1.billing_portal.sessions.create({"customer": buyer})
    backstage.press(portal.url, "card", card="4242424242424242")
    assert status(shop, sub) == "past_due"
    backstage.move_clock(days=3)
    assert status(shop, sub) == "active"
    assert not shop.stripe.v1.customers.retrieve(buyer).delinquent


def test_a_person_can_pay_what_is_open(shop: Shop, backstage: Backstage) -> None:
    buyer = customer(shop, FAILS)
    sub = subscribe(shop, buyer, trial_period_days=10)
    backstage.move_clock(days=11)
    [open_, _] = invoices(shop, sub)
    with pytest.raises(stripe.CardError):
        shop.stripe.v1.invoices.pay(open_.id)
    good = shop.stripe.v1.payment_methods.attach("pm_card_visa", {"customer": buyer})
    shop.stripe.v1.invoices.pay(open_.id, {"payment_method": good.id})
    assert status(shop, sub) == "active"


def test_a_trial_is_free_and_its_end_is_told_three_days_before(
    shop: Shop, backstage: Backstage
) -> None:
    sub = subscribe(shop, customer(shop), trial_period_days=14)
    assert (sub.status, invoices(shop, sub)[0].total) == ("trialing", 0)
    backstage.move_clock(days=10)
    assert "customer.subscription.trial_will_end" not in told(shop)
    backstage.move_clock(days=1, seconds=60)
    backstage.move_clock(days=1)
    assert told(shop).count("customer.subscription.trial_will_end") == 1
    backstage.move_clock(days=3)
    assert [one.total for one in invoices(shop, sub)] == [4_900, 0]


@pytest.mark.parametrize(
    ("behavior", "expected"),
    [("cancel", "canceled"), ("pause", "paused"), ("create_invoice", "past_due")],
)
def test_a_trial_without_a_card_ends_as_was_asked_for(
    shop: Shop, backstage: Backstage, behavior: str, expected: str
) -> None:
    sub = subscribe(
        shop,
        customer(shop, card=None),
        trial_period_days=7,
        trial_settings={"end_behavior": {"missing_payment_method": behavior}},
    )
    backstage.move_clock(days=8)
    assert status(shop, sub) == expected


def test_a_first_payment_that_fails_is_waited_for_and_then_forgotten(
    shop: Shop, backstage: Backstage
) -> None:
    sub = subscribe(shop, customer(shop, FAILS))
    assert sub.status == "incomplete"
    backstage.move_clock(days=1)
    assert status(shop, sub) == "incomplete_expired"
    assert [one.status for one in invoices(shop, sub)] == ["void"]


def test_what_is_cancelled_ends_with_its_period_unless_it_is_taken_back(
    shop: Shop, backstage: Backstage
) -> None:
    kept, gone = (subscribe(shop, customer(shop)) for _ in range(2))
    for one in (kept, gone):
        shop.stripe.v1.subscriptions.update(one.id, {"cancel_at_period_end": True})
    shop.stripe.v1.subscriptions.update(kept.id, {"cancel_at_period_end": False})
    backstage.move_clock(days=32)
    assert (status(shop, kept), status(shop, gone)) == ("active", "canceled")


def test_what_ended_is_left_out_of_lists_and_ends_once(shop: Shop) -> None:
    buyer = customer(shop)
    sub = subscribe(shop, buyer)
    shop.stripe.v1.subscriptions.cancel(sub.id)
    list_ = shop.stripe.v1.subscriptions.list
    assert list_({"customer": buyer}).data == []
    assert len(list_({"customer": buyer, "status": "all"}).data) == 1
    with pytest.raises(stripe.InvalidRequestError):
        shop.stripe.v1.subscriptions.cancel(sub.id)


def test_a_dearer_plan_is_charged_for_the_rest_of_the_period_to_the_cent(
    shop: Shop, backstage: Backstage
) -> None:
    clocks = shop.stripe.v1.test_helpers.test_clocks
    clock = clocks.create({"frozen_time": 1_777_593_600})  # 1 May 2026, 31 days
    sub = subscribe(shop, customer(shop, test_clock=clock.id))
    third = 1_777_593_600 + 31 * 86_400 // 3
    clocks.advance(clock.id, {"frozen_time": third})
    shop.stripe.v1.subscriptions.update(
        sub.id,
        {
            "items": [{"id": item_of(sub).id, "price": shop.business}],
            "proration_behavior": "always_invoice",
        },
    )
    [change, _] = invoices(shop, sub)
    assert [one.amount for one in change.lines.data] == [-3_267, 33_267]
    assert (change.total, change.status) == (30_000, "paid")


@pytest.mark.parametrize(
    ("country", "tax"), [("DE", 931), ("FR", 980), ("US", 0)], ids=["DE", "FR", "US"]
)
def test_tax_is_a_whole_number_beside_the_price(
    shop: Shop, country: str, tax: int
) -> None:
    buyer = customer(shop, address={"country": country})
    sub = subscribe(shop, buyer, automatic_tax={"enabled": True})
    [made] = invoices(shop, sub)
    assert (made.subtotal, made.total, made.currency) == (4_900, 4_900 + tax, "eur")
    assert made.total_taxes is not None
    assert [one.amount for one in made.total_taxes] == [tax]


def test_a_test_clock_moves_only_its_own(shop: Shop, backstage: Backstage) -> None:
    clocks = shop.stripe.v1.test_helpers.test_clocks
    clock = clocks.create({"frozen_time": 1_800_000_000})
    mine = subscribe(shop, customer(shop, test_clock=clock.id), trial_period_days=7)
    other = subscribe(shop, customer(shop), trial_period_days=7)
    assert mine.created == 1_800_000_000
    answer = clocks.advance(clock.id, {"frozen_time": 1_800_000_000 + 8 * 86_400})
    assert (answer.status, clocks.retrieve(clock.id).status) == ("advancing", "ready")
    assert (status(shop, mine), status(shop, other)) == ("active", "trialing")


def test_events_say_what_it_was_before(shop: Shop) -> None:
    sub = subscribe(shop, customer(shop))
    shop.stripe.v1.subscriptions.update(sub.id, {"cancel_at_period_end": True})
    [event] = shop.stripe.v1.events.list({"limit": 1}).data
    assert event.type == "customer.subscription.updated"
    before = event.data.previous_attributes
    assert before is not None
    assert before["cancel_at_period_end"] is False


class TestCheckout:
    def test_paying_begins_the_subscription_and_ends_the_session(
        self, shop: Shop, backstage: Backstage
    ) -> None:
        buyer = customer(shop, card=None)
        session = checkout(shop, buyer, client_reference_id="organization-1")
        page = backstage.pay(session.url)
        assert page.status_code == 303
        assert page.headers["location"].endswith(f"?session={session.id}")
        done = shop.stripe.v1.checkout.sessions.retrieve(
            session.id, {"expand": ["subscription"]}
        )
        assert (done.status, done.payment_status) == ("complete", "paid")
        assert done.client_reference_id == "organization-1"
        assert isinstance(done.subscription, Subscription)
        assert done.subscription.status == "active"
        assert backstage.pay(session.url).status_code == 410
        assert len(shop.stripe.v1.subscriptions.list({"customer": buyer}).data) == 1

    @pytest.mark.parametrize(
        "card", ["4000000000000002", "4000 0000 0000 0341", "5555555555554444", ""]
    )
    def test_a_card_that_is_not_taken_leaves_everything_as_it_was(
        self, shop: Shop, backstage: Backstage, card: str
    ) -> None:
        buyer = customer(shop, card=None)
        session = checkout(shop, buyer)
        assert backstage.pay(session.url, card=card).status_code == 402
        assert shop.stripe.v1.subscriptions.list({"customer": buyer}).data == []
        assert backstage.pay(session.url).status_code == 303

    def test_a_trial_can_begin_without_a_card(
        self, shop: Shop, backstage: Backstage
    ) -> None:
        buyer = customer(shop, card=None)
        session = checkout(
            shop,
            buyer,
            payment_method_collection="if_required",
            subscription_data={"trial_period_days": 14},
        )
        assert backstage.pay(session.url, card="").status_code == 303
        [sub] = shop.stripe.v1.subscriptions.list({"customer": buyer}).data
        assert (sub.status, sub.default_payment_method) == ("trialing", None)

    def test_a_session_is_open_for_a_day(
        self, shop: Shop, backstage: Backstage
    ) -> None:
        session = checkout(shop, customer(shop))
        backstage.move_clock(days=1, seconds=1)
        assert backstage.pay(session.url).status_code == 410
        assert told(shop)[-1] == "checkout.session.expired"

    def test_the_page_says_that_it_is_a_fake(
        self, shop: Shop, backstage: Backstage
    ) -> None:
        session = checkout(shop, customer(shop))
        assert "Test checkout" in backstage.look_at(session.url)


class TestPortal:
    def test_the_plan_is_changed_cancelled_and_kept(
        self, shop: Shop, backstage: Backstage
    ) -> None:
        buyer = customer(shop)
        sub = subscribe(shop, buyer)
        portal = shop.stripe.v1.billing_portal.sessions.create(
            {"customer": buyer, "return_url": "http://127.0.0.1:9/billing"}
        )
        retrieve = shop.stripe.v1.subscriptions.retrieve
        backstage.press(portal.url, "plan", sub=sub.id, price=shop.business)
        assert item_of(retrieve(sub.id)).price.id == shop.business
        backstage.press(portal.url, "cancel", sub=sub.id)
        assert retrieve(sub.id).cancel_at_period_end
        backstage.press(portal.url, "resume", sub=sub.id)
        assert not retrieve(sub.id).cancel_at_period_end
        page = backstage.look_at(portal.url)
        assert "Business" in page
        assert "http://127.0.0.1:9/billing" in page

    def test_nobody_changes_what_is_anothers(
        self, shop: Shop, backstage: Backstage
    ) -> None:
        theirs = subscribe(shop, customer(shop))
        portal = shop.stripe.v1.billing_portal.sessions.create(
            {"customer": customer(shop)}
        )
        assert backstage.press(portal.url, "cancel", sub=theirs.id).status_code == 402
        assert not shop.stripe.v1.subscriptions.retrieve(theirs.id).cancel_at_period_end
