"""What two fakes of Stripe by different hands agree on: each test is run on ours and on
localstripe, which knows no prices, checkouts, portal or clocks."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import stripe
from stripe import StripeClient
from stripe.params import SubscriptionCreateParams

from tests.aws.loopback import Loopback
from tests.demo.client import wait_for
from tests.fakestripe.buying import library, make_shop
from tests.fakestripe.second_judge import localstripe
from tests.fakestripe.server import Backstage

SECRET = "whsec_of_both"


@dataclass(frozen=True)
class Fake:
    """One of the two; `item` is what a subscription is of."""

    url: str
    client: StripeClient
    item: dict[str, str]
    add_endpoint: Callable[[str], None]

    def buyer(self, card: str | None = "pm_card_visa") -> str:
        """A customer, with a card that is made and attached as a browser would."""
        id = self.client.v1.customers.create({"email": "carla@customer.example"}).id
        if card is not None:
            self.give_card(id, card)
        return id

    def give_card(self, id: str, card: str) -> None:
        customers = self.client.v1.customers
        method = self.client.v1.payment_methods.attach(card, {"customer": id}).id
        customers.update(id, {"invoice_settings": {"default_payment_method": method}})

    def subscribe(self, buyer: str, **more: Any) -> stripe.Subscription:
        asked: SubscriptionCreateParams = {
            "customer": buyer,
            "items": [self.item],
            **more,  # type: ignore[typeddict-item] # the test names members
        }
        return self.client.v1.subscriptions.create(asked)

    def status(self, sub: stripe.Subscription) -> str:
        return self.client.v1.subscriptions.retrieve(sub.id).status

    def invoice(self, buyer: str) -> stripe.Invoice:
        [made] = self.client.v1.invoices.list({"customer": buyer}).data
        return made


@pytest.fixture(scope="session")
def other(server_directory: Path) -> Iterator[str]:
    directory = server_directory / "localstripe"
    directory.mkdir()
    with localstripe(directory) as url:
        yield url


@pytest.fixture(params=["ours", "localstripe"])
def fake(request: pytest.FixtureRequest) -> Fake:
    if request.param == "ours":
        backstage: Backstage = request.getfixturevalue("backstage")
        shop = make_shop(backstage)

        def tell(url: str) -> None:
            backstage.add_endpoint(url, SECRET)

        return Fake(backstage.url, shop.stripe, {"price": shop.team}, tell)
    return _localstripe(request.getfixturevalue("other"))


def _localstripe(url: str) -> Fake:
    httpx.delete(f"{url}/_config/data", trust_env=False).raise_for_status()
    client = library(Backstage(url))
    client.v1.plans.create(
        {
            "id": "team",
            "amount": 4_900,
            "currency": "eur",
            "interval": "month",
            "product": {"name": "Team"},
        }
    )

    def tell(hook: str) -> None:
        body = {"url": hook, "secret": SECRET}
        path = f"{url}/_config/webhooks/only"
        httpx.post(path, json=body, trust_env=False).raise_for_status()

    return Fake(url, client, {"plan": "team"}, tell)


def test_a_card_that_works_makes_it_active_and_paid(fake: Fake) -> None:
    buyer = fake.buyer()
    sub = fake.subscribe(buyer)
    made = fake.invoice(buyer)
    assert (sub.status, sub.customer) == ("active", buyer)
    assert (made.status, made.total, made.currency) == ("paid", 4_900, "eur")
    assert (made.amount_due, made.amount_paid) == (4_900, 4_900)
    assert sub.latest_invoice == made.id


def test_a_card_that_fails_leaves_it_incomplete_until_another_pays(fake: Fake) -> None:
    buyer = fake.buyer("pm_card_chargeCustomerFail")
    sub = fake.subscribe(buyer)
    assert (sub.status, fake.invoice(buyer).status) == ("incomplete", "open")
    fake.give_card(buyer, "pm_card_visa")
    fake.client.v1.invoices.pay(fake.invoice(buyer).id)
    assert (fake.status(sub), fake.invoice(buyer).status) == ("active", "paid")


def test_a_voided_first_invoice_ends_what_was_incomplete(fake: Fake) -> None:
    buyer = fake.buyer("pm_card_chargeCustomerFail")
    sub = fake.subscribe(buyer)
    fake.client.v1.invoices.void_invoice(fake.invoice(buyer).id)
    assert fake.status(sub) == "incomplete_expired"


def test_the_end_can_be_set_and_taken_back(fake: Fake) -> None:
    sub = fake.subscribe(fake.buyer())
    update = fake.client.v1.subscriptions.update
    for is_so in (True, False):
        update(sub.id, {"cancel_at_period_end": is_so})
        found = fake.client.v1.subscriptions.retrieve(sub.id)
        assert (found.cancel_at_period_end, found.status) == (is_so, "active")


def test_what_was_cancelled_is_only_in_the_list_of_all(fake: Fake) -> None:
    buyer = fake.buyer()
    sub = fake.subscribe(buyer)
    fake.client.v1.subscriptions.cancel(sub.id)
    found = fake.client.v1.subscriptions.retrieve(sub.id)
    assert found.status == "canceled"
    assert found.ended_at is not None
    lists = fake.client.v1.subscriptions.list
    assert lists({"customer": buyer}).data == []
    assert len(lists({"customer": buyer, "status": "all"}).data) == 1


def test_metadata_are_merged(fake: Fake) -> None:
    made = fake.client.v1.customers.create({"metadata": {"a": "1"}})
    fake.client.v1.customers.update(made.id, {"metadata": {"b": "2"}})
    found = fake.client.v1.customers.retrieve(made.id).metadata
    assert found is not None
    assert found.to_dict() == {"a": "1", "b": "2"}


def test_what_is_not_there_is_404(fake: Fake) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        fake.client.v1.subscriptions.retrieve("sub_0")
    assert refused.value.http_status == 404


def test_without_a_key_nothing_is_said(fake: Fake) -> None:
    stranger = library(Backstage(fake.url), "x")
    with pytest.raises(stripe.AuthenticationError):
        stranger.v1.customers.list()


def test_events_come_signed_with_the_object_in_them(fake: Fake) -> None:
    with Loopback() as receiver:
        fake.add_endpoint(f"{receiver.url}/hook")
        sub = fake.subscribe(fake.buyer())
        fake.client.v1.subscriptions.cancel(sub.id)

        def deleted() -> stripe.Event | None:
            for one in list(receiver.received):
                event: stripe.Event = stripe.Webhook.construct_event(
                    one.body, one.headers["stripe-signature"], SECRET
                )
                of_this = event.data.object["id"] == sub.id
                if of_this and event.type == "customer.subscription.deleted":
                    return event
            return None

        event = wait_for(deleted, "the event", within=20)
    assert event.data.object["status"] == "canceled"
