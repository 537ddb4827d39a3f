"""Webhooks as a receiver meets them, and what can be made to go wrong on the way."""

import json
from collections.abc import Iterator

import pytest
import stripe

from tests.aws.loopback import Answer, Loopback, Received
from tests.fakestripe.buying import Shop, customer, make_shop
from tests.fakestripe.server import Backstage

SECRET = "whsec_of_the_receiver"


@pytest.fixture
def shop(backstage: Backstage) -> Shop:
    return make_shop(backstage)


@pytest.fixture
def receiver(shop: Shop, backstage: Backstage) -> Iterator[Loopback]:
    with Loopback() as receiver:
        backstage.set_post(held=True, retries=0)
        backstage.add_endpoint(f"{receiver.url}/hook", SECRET)
        yield receiver


def ids(receiver: Loopback) -> list[str]:
    return [json.loads(one.body)["id"] for one in receiver.received]


def opened(one: Received, secret: str = SECRET) -> stripe.Event:
    signature = one.headers.get("stripe-signature", "")
    event: stripe.Event = stripe.Webhook.construct_event(one.body, signature, secret)
    return event


def happenings(shop: Shop, backstage: Backstage, number: int = 3) -> list[str]:
    """That many events, which wait."""
    for _ in range(number):
        customer(shop, card=None)
    letters = backstage.look()["letters"]
    assert {one["status"] for one in letters} == {"waiting"}
    return [one["event"] for one in letters]


def test_what_is_held_goes_out_signed_when_it_is_released(
    shop: Shop, backstage: Backstage, receiver: Loopback
) -> None:
    events = happenings(shop, backstage)
    assert receiver.received == []
    backstage.release()
    assert [opened(one).id for one in receiver.received] == events
    assert backstage.release() == []


def test_without_a_hand_on_it_the_post_goes_out_by_itself(
    shop: Shop, backstage: Backstage, receiver: Loopback
) -> None:
    backstage.set_post(delay_seconds=0.01)
    customer(shop, card=None)
    [letter] = backstage.settled()
    assert (letter["status"], letter["answers"]) == ("delivered", [200])
    assert ids(receiver) == [letter["event"]]


def test_events_come_twice_out_of_order_or_not_at_all(
    shop: Shop, backstage: Backstage, receiver: Loopback
) -> None:
    first, second, third = happenings(shop, backstage)
    letters = backstage.release([third, first, third])
    assert ids(receiver) == [third, first, third]
    assert {one["event"]: one["status"] for one in letters} == {
        first: "delivered",
        second: "lost",
        third: "delivered",
    }


def test_the_knobs_double_drop_and_shuffle(
    shop: Shop, backstage: Backstage, receiver: Loopback
) -> None:
    happenings(shop, backstage, 8)
    backstage.set_post(held=True, copies=2, drop=["customer.created"])
    backstage.release()
    assert receiver.received == []
    events = {one["event"] for one in backstage.look()["letters"]}
    for _ in range(8):
        customer(shop, card=None)
    fresh = [
        one["event"]
        for one in backstage.look()["letters"]
        if one["event"] not in events
    ]
    backstage.set_post(copies=2, reorder=True, held=False)
    backstage.settled()
    came = ids(receiver)
    assert sorted(came) == sorted(fresh * 2)
    assert came[::2] != fresh


@pytest.mark.parametrize(
    ("knobs", "reason"),
    [
        ({"signature": "wrong"}, "No signatures found matching"),
        ({"signature": "missing"}, "No Stripe-Signature header"),
        ({"age_seconds": 301}, "Timestamp outside the tolerance zone"),
    ],
    ids=["wrong", "missing", "old"],
)
def test_a_bad_signature_is_one_to_the_library(
    shop: Shop,
    backstage: Backstage,
    receiver: Loopback,
    knobs: dict[str, object],
    reason: str,
) -> None:
    happenings(shop, backstage, 1)
    backstage.set_post(held=True, **knobs)
    backstage.release()
    [came] = receiver.received
    with pytest.raises(stripe.SignatureVerificationError, match=reason):
        opened(came)


def test_an_event_can_say_that_it_is_of_live_mode_and_of_another_account(
    shop: Shop, backstage: Backstage, receiver: Loopback
) -> None:
    happenings(shop, backstage, 1)
    backstage.set_post(held=True, livemode=True, account="acct_other")
    backstage.release()
    event = opened(receiver.received[0])
    assert (event.livemode, event.account) == (True, "acct_other")


def test_what_a_receiver_refuses_is_sent_again_and_then_given_up(
    shop: Shop, backstage: Backstage, receiver: Loopback
) -> None:
    def refuse(_: Received) -> Answer:
        return (500, {}, b"") if len(receiver.received) < 3 else (200, {}, b"")

    receiver.answer = refuse
    happenings(shop, backstage, 1)
    backstage.set_post(held=True, retries=1)
    [letter] = backstage.release()
    assert (letter["status"], letter["answers"]) == ("failed", [500, 500])
    [again] = backstage.resend(letter["event"])
    assert (again["status"], again["answers"]) == ("delivered", [200])


def test_an_endpoint_is_told_what_it_wants_with_a_secret_of_its_own(
    shop: Shop, backstage: Backstage, receiver: Loopback
) -> None:
    endpoint = shop.stripe.v1.webhook_endpoints.create(
        {"url": f"{receiver.url}/own", "enabled_events": ["customer.deleted"]}
    )
    assert endpoint.secret is not None
    shop.stripe.v1.customers.delete(customer(shop, card=None))
    backstage.release()
    [told] = [one for one in receiver.received if one.path == "/own"]
    assert opened(told, endpoint.secret).type == "customer.deleted"


def test_an_event_can_be_signed_for_a_test_that_delivers_it_itself(
    shop: Shop, backstage: Backstage, receiver: Loopback
) -> None:
    [event] = happenings(shop, backstage, 1)
    [(body, headers)] = backstage.sign([event], "whsec_any")
    signed = stripe.Webhook.construct_event(
        body, headers["Stripe-Signature"], "whsec_any"
    )
    assert signed.id == event
