"""What Stripe says of a customer, and the plan that follows from it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.integrations.stripe_client import StripeSubscription
from app.models.subscription import SubscriptionStatus
from app.services.decisions.entitlement import (
    Doubt,
    Entitlement,
    Ours,
    entitlement,
    size_of,
)

PLANS = {"price_t": "team", "price_b": "business"}
OURS = Ours(
    "cus_1",
    None,
    livemode=False,
    plan_of_price=PLANS,
    size_of_plan={"team": (20, 200), "business": (300, 5000)},
    default_plan="free",
)
BORN = datetime(2030, 1, 1, tzinfo=UTC)
SAID = StripeSubscription(
    id="sub_1",
    customer_id="cus_1",
    livemode=False,
    status="active",
    price_ids=("price_t",),
    created_at=BORN,
    current_period_end=BORN + timedelta(days=30),
    cancel_at_period_end=False,
    cancel_at=None,
    trial_start=None,
    trial_end=None,
    latest_invoice=None,
)


@pytest.mark.parametrize(
    ("status", "plan"),
    [
        ("trialing", "team"),
        ("active", "team"),
        ("past_due", "team"),
        ("unpaid", "free"),
        ("canceled", "free"),
        ("incomplete", "free"),
        ("incomplete_expired", "free"),
        ("paused", "free"),
    ],
)
def test_access_follows_the_status(status: str, plan: str) -> None:
    one = replace(SAID, status=status)
    expected = Entitlement(plan, SubscriptionStatus(status), one)
    assert entitlement([one], OURS) == expected


def test_who_never_subscribed_has_the_default_plan() -> None:
    assert entitlement([], OURS) == Entitlement("free", SubscriptionStatus.NONE)


@pytest.mark.parametrize(
    ("doubtful", "reason"),
    [
        ({"price_ids": ("price_x",)}, "sub_1 has the unknown price 'price_x'"),
        (
            {"price_ids": ("price_t", "price_x")},
            "sub_1 has the unknown price 'price_x'",
        ),
        ({"price_ids": ("price_t", "price_b")}, "sub_1 has the prices of 2 plans"),
        ({"price_ids": ()}, "sub_1 has the prices of 0 plans"),
        ({"status": "frozen"}, "sub_1 has the unknown status 'frozen'"),
        ({"status": "none"}, "sub_1 has the unknown status 'none'"),
        ({"status": "complimentary"}, "sub_1 has the unknown status 'complimentary'"),
        ({"livemode": True}, "sub_1 is of live mode"),
        ({"customer_id": "cus_2"}, "sub_1 is of another customer"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_is_not_known_is_doubted_and_never_guessed(
    doubtful: dict[str, Any], reason: str
) -> None:
    assert entitlement([replace(SAID, **doubtful)], OURS) == Doubt(reason)


def test_a_subscription_that_is_not_told_of_any_more_is_missed() -> None:
    knowing = replace(OURS, known_id="sub_1")
    assert isinstance(entitlement([SAID], knowing), Entitlement)
    other = replace(SAID, id="sub_2")
    for said in ([], [other]):
        assert entitlement(said, knowing) == Doubt("sub_1 is not among them")


def test_what_ended_needs_no_known_price() -> None:
    ended = replace(SAID, status="canceled", price_ids=("price_x",))
    found = entitlement([ended], OURS)
    assert isinstance(found, Entitlement)
    assert found.plan_code == "free"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("active", "canceled"),
        ("trialing", "past_due"),
        ("past_due", "unpaid"),
        ("unpaid", "incomplete"),
        ("incomplete", "canceled"),
    ],
)
def test_of_several_the_one_that_gives_most_counts(first: str, second: str) -> None:
    best = replace(SAID, status=first)
    younger = replace(
        SAID, id="sub_2", status=second, created_at=BORN + timedelta(days=1)
    )
    for order in permutations([best, younger]):
        found = entitlement(order, OURS)
        assert isinstance(found, Entitlement)
        assert found.source == best


def test_of_equals_the_newest_counts() -> None:
    newer = replace(SAID, id="sub_0", created_at=BORN + timedelta(1))
    for order in permutations([SAID, newer]):
        assert entitlement(order, OURS) == Entitlement(
            "team", SubscriptionStatus.ACTIVE, newer
        )


def test_a_smaller_plan_that_is_bought_beside_a_larger_one_takes_nothing_away() -> None:
    larger = replace(SAID, id="sub_0", price_ids=("price_b",))
    newer = replace(SAID, created_at=BORN + timedelta(1))
    for order in permutations([larger, newer]):
        assert entitlement(order, OURS) == Entitlement(
            "business", SubscriptionStatus.ACTIVE, larger
        )


def test_one_that_is_not_understood_may_be_the_larger() -> None:
    unknown = replace(SAID, id="sub_0", price_ids=("price_x",))
    for order in permutations([SAID, unknown]):
        assert entitlement(order, OURS) == Doubt(
            "sub_0 has the unknown price 'price_x'"
        )


def test_no_limit_is_the_largest() -> None:
    few = {
        "aws_accounts": 20,
        "enabled_tasks": 1,
        "executions_per_month": 1,
        "history_days": 1,
    }
    assert size_of(few) < size_of(few | {"history_days": 2})
    assert size_of(few | {"history_days": 9}) < size_of(few | {"aws_accounts": None})


@given(
    st.lists(
        st.builds(
            replace,
            st.just(SAID),
            id=st.sampled_from(["sub_1", "sub_2", "sub_3"]),
            status=st.sampled_from([*SubscriptionStatus, "frozen"]),
            price_ids=st.lists(
                st.sampled_from(["price_t", "price_b", "price_x"]), max_size=2
            ).map(tuple),
            created_at=st.datetimes(timezones=st.just(UTC)),
        ),
        max_size=4,
        unique_by=lambda one: one.id,
    )
)
def test_a_plan_is_only_had_by_a_price_that_buys_it(
    said: list[StripeSubscription],
) -> None:
    found = entitlement(said, OURS)
    if isinstance(found, Entitlement) and found.plan_code != "free":
        bought = {
            OURS.plan_of_price[price]
            for one in said
            if one.status in {"trialing", "active", "past_due"}
            for price in one.price_ids
            if price in OURS.plan_of_price
        }
        assert found.plan_code in bought
    assert found == entitlement(said[::-1], OURS)
