"""The official library is the judge of the fake's answers."""

from typing import Any

import httpx
import pytest
import stripe

from tests.fakestripe.books import API_VERSION
from tests.fakestripe.buying import checkout, customer, make_shop
from tests.fakestripe.library_types import faults
from tests.fakestripe.server import Backstage


def raw(backstage: Backstage, path: str) -> dict[str, Any]:
    """As it comes, before the library makes objects of it."""
    headers = {"Authorization": f"Bearer {backstage.key}"}
    answer = httpx.get(f"{backstage.url}/v1/{path}", headers=headers, trust_env=False)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def test_the_fake_speaks_the_version_of_the_library() -> None:
    assert stripe.api_version == API_VERSION


def test_a_whole_life_is_told_in_the_librarys_types(backstage: Backstage) -> None:
    shop = make_shop(backstage)
    buyer = customer(shop, card=None, address={"country": "DE"})
    session = checkout(
        shop,
        buyer,
        client_reference_id="organization-1",
        automatic_tax={"enabled": True},
        subscription_data={"trial_period_days": 14, "metadata": {"is": "kept"}},
    )
    lapsed = checkout(shop, buyer)
    backstage.pay(session.url, country="DE")
    portal = shop.stripe.v1.billing_portal.sessions.create({"customer": buyer})
    [sub] = shop.stripe.v1.subscriptions.list({"customer": buyer}).data
    backstage.press(portal.url, "plan", sub=sub.id, price=shop.business)
    backstage.move_clock(days=20)
    backstage.press(portal.url, "card", card="4000000000000341")
    backstage.move_clock(days=80)
    clock = shop.stripe.v1.test_helpers.test_clocks.create(
        {"frozen_time": 1_800_000_000}
    )
    shop.stripe.v1.customers.delete(customer(shop, test_clock=clock.id))
    shop.stripe.v1.test_helpers.test_clocks.advance(
        clock.id, {"frozen_time": 1_800_100_000}
    )
    events = raw(backstage, "events?limit=100")
    told = {event["type"] for event in events["data"]}
    assert {
        *("checkout.session.completed", "checkout.session.expired"),
        *("customer.created", "customer.updated", "customer.deleted"),
        *("customer.subscription.created", "customer.subscription.updated"),
        *("customer.subscription.trial_will_end", "customer.subscription.deleted"),
        *("invoice.created", "invoice.finalized", "invoice.paid"),
        *("invoice.payment_failed", "payment_method.attached"),
        "test_helpers.test_clock.ready",
    } <= told
    objects = [
        *("products", "prices", "customers", "subscriptions?status=all", "invoices"),
        *("checkout/sessions", "payment_methods", f"checkout/sessions/{lapsed.id}"),
        f"test_helpers/test_clocks/{clock.id}",
    ]
    wrong = {one for path in objects for one in faults(raw(backstage, path))}
    assert wrong | set(faults(events)) == set()


@pytest.mark.parametrize(
    ("member", "value", "sentence"),
    [
        ("name", 7, "product.name is 7 and not of <class 'str'>"),
        ("name", None, "product.name is null"),
        ("active", "yes", "product.active is 'yes' and not of <class 'bool'>"),
        ("type", "thing", "product.type is 'thing'"),
        ("price", 1, "product.price is not known to the library"),
        ("images", [1], "product.images[0] is 1 and not of <class 'str'>"),
    ],
    ids=["number", "null", "word", "no such word", "no such member", "list"],
)
def test_the_judge_sees_what_is_not_stripes(
    backstage: Backstage, member: str, value: object, sentence: str
) -> None:
    make_shop(backstage)
    [product, *_] = raw(backstage, "products")["data"]
    assert faults(product) == []
    assert faults({**product, member: value}) == [sentence]


def test_the_judge_misses_what_must_be_there(backstage: Backstage) -> None:
    make_shop(backstage)
    [product, *_] = raw(backstage, "products")["data"]
    del product["name"]
    assert faults(product) == ["product.name is missing"]
