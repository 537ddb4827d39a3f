"""A shop in the fake, through the official library: most tests of it begin here."""

from dataclasses import dataclass
from typing import Any

from stripe import StripeClient
from stripe.params import CustomerCreateParams
from stripe.params.checkout import SessionCreateParams

from tests.fakestripe.books import API_VERSION
from tests.fakestripe.server import Backstage


def library(backstage: Backstage, key: str | None = None) -> StripeClient:
    """The official client, led to the fake. It tries nothing again by itself."""
    return StripeClient(
        key or backstage.key,
        base_addresses={"api": backstage.url},
        stripe_version=API_VERSION,
        max_network_retries=0,
    )


@dataclass(frozen=True)
class Shop:
    stripe: StripeClient
    team: str  # 49.00 a month
    business: str  # 499.00 a month


def make_shop(backstage: Backstage) -> Shop:
    client = library(backstage)

    def price(name: str, amount: int) -> str:
        made = client.v1.prices.create(
            {
                "currency": "eur",
                "unit_amount": amount,
                "recurring": {"interval": "month"},
                "product_data": {"name": name},
            }
        )
        return made.id

    return Shop(client, price("Team", 4_900), price("Business", 49_900))


def customer(shop: Shop, card: str | None = "pm_card_visa", **given: Any) -> str:
    asked: CustomerCreateParams = {"email": "carla@customer.example", **given}  # type: ignore[typeddict-item] # the test names members
    if card:
        asked["payment_method"] = card
        asked["invoice_settings"] = {"default_payment_method": card}
    return shop.stripe.v1.customers.create(asked).id


def checkout(shop: Shop, customer: str, **more: Any) -> Any:
    """A checkout of the Team plan."""
    asked: SessionCreateParams = {
        "mode": "subscription",
        "customer": customer,
        "line_items": [{"price": shop.team, "quantity": 1}],
        "success_url": "http://127.0.0.1:9/done?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://127.0.0.1:9/back",
        **more,  # type: ignore[typeddict-item] # the test names members
    }
    return shop.stripe.v1.checkout.sessions.create(asked)
