"""Customers, and Stripe's pages for them: the checkout and the customer portal. Cards,
invoices and addresses stay there."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import stripe

from app.core.errors import Invalid
from app.integrations.stripe_client import StripeClient

# Written on a subscription that is to end because its organization is.
_FOR_DELETION = "ends_for_deletion"
_GOING = {"trialing", "active", "past_due", "unpaid"}


@dataclass(frozen=True, slots=True)
class Order:
    """What a checkout is about. `key` makes it the same one when it is asked again."""

    organization_id: UUID
    customer_id: str
    price_id: str
    trial_days: int
    success_url: str
    cancel_url: str
    key: str | None


@dataclass(frozen=True, slots=True)
class Checkout:
    """A page that can be paid on, once, until it expires."""

    id: str
    url: str
    expires_at: datetime


async def make_customer(client: StripeClient, organization_id: UUID) -> str:
    """The id of the organization's customer, which is one however often it is asked
    for within a day. It has no name and no address: those are given to Stripe."""
    name = str(organization_id)

    def make(api: stripe.StripeClient) -> str:
        made = api.v1.customers.create(
            {"metadata": {"organization_id": name}},
            {"idempotency_key": f"customer-{name}"},
        )
        return made.id

    return await client.ask(make)


async def delete_customer(client: StripeClient, customer_id: str) -> None:
    """Its subscriptions end at once. One that is gone already is as good."""

    def delete(api: stripe.StripeClient) -> bool:
        found = api.v1.customers.retrieve(customer_id)
        if not getattr(found, "deleted", False):
            api.v1.customers.delete(customer_id)
        return True

    await client.ask(delete)


async def open_checkout(client: StripeClient, order: Order) -> Checkout:
    def make(api: stripe.StripeClient) -> Checkout:
        options: Any = {"idempotency_key": order.key} if order.key else {}
        made = api.v1.checkout.sessions.create(_asked(order), options)
        return Checkout(
            made.id, str(made.url), datetime.fromtimestamp(made.expires_at, UTC)
        )

    return await client.ask(make)


def _asked(order: Order) -> Any:
    about = {"organization_id": str(order.organization_id)}
    bought: dict[str, Any] = {"metadata": about}
    if order.trial_days:
        bought["trial_period_days"] = order.trial_days
    return {
        "mode": "subscription",
        "customer": order.customer_id,
        "client_reference_id": str(order.organization_id),
        "line_items": [{"price": order.price_id, "quantity": 1}],
        "subscription_data": bought,
        "success_url": order.success_url,
        "cancel_url": order.cancel_url,
    }


async def close_others(client: StripeClient, checkout: Checkout, customer: str) -> None:
    """Nobody can pay on another page of the customer's any more. Raises StripeRefused
    where somebody just did."""

    def close(api: stripe.StripeClient) -> bool:
        listed = api.v1.checkout.sessions.list(
            {"customer": customer, "status": "open", "limit": 100}
        )
        for other in list(listed.auto_paging_iter()):
            if other.id != checkout.id:
                api.v1.checkout.sessions.expire(other.id)
        return True

    await client.ask(close)


async def open_portal(
    client: StripeClient, customer_id: str, *, return_url: str, key: str | None
) -> str:
    """The address of the customer's own page, which works for a few minutes."""

    def make(api: stripe.StripeClient) -> str:
        options: Any = {"idempotency_key": key} if key else {}
        made = api.v1.billing_portal.sessions.create(
            {"customer": customer_id, "return_url": return_url}, options
        )
        return made.url

    return await client.ask(make)


async def end_with_its_period(
    client: StripeClient, customer_id: str, *, wanted: bool
) -> int:
    """Let what the customer has go on no longer than it is paid for; or, if that was so
    ordered here and not by somebody in the portal, go on again. How many changed."""

    def change(api: stripe.StripeClient) -> int:
        changed = 0
        listed = api.v1.subscriptions.list({"customer": customer_id, "limit": 100})
        for one in list(listed.auto_paging_iter()):
            is_ours = one.metadata.to_dict().get(_FOR_DELETION) == "yes"
            if one.status not in _GOING or one.cancel_at_period_end == wanted:
                continue
            if not wanted and not is_ours:
                continue
            mark = {_FOR_DELETION: "yes" if wanted else ""}
            api.v1.subscriptions.update(
                one.id, {"cancel_at_period_end": wanted, "metadata": mark}
            )
            changed += 1
        return changed

    return await client.ask(change)


async def must_sell(client: StripeClient, price_id: str) -> None:
    """Raises Invalid where the price cannot be subscribed to."""

    def look(api: stripe.StripeClient) -> bool:
        price = api.v1.prices.retrieve(price_id)
        return price.active and price.recurring is not None

    if not await client.ask(look):
        raise Invalid(f"{price_id} is archived, or not for subscriptions.")
