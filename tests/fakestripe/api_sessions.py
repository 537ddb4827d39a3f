"""Checkout and portal sessions, webhook endpoints and test clocks."""

import secrets
from typing import Any, Literal

from fastapi import APIRouter, Request
from pydantic import Field

from tests.fakestripe import life
from tests.fakestripe.api_billing import AutomaticTax, NewItem, TrialSettings
from tests.fakestripe.api_sales import Listing, books_of, page
from tests.fakestripe.books import API_VERSION, DAY, HOUR, Books, Json, shown
from tests.fakestripe.forms import Metadata, Parameters, Part, read
from tests.fakestripe.gate import StripeRoute
from tests.fakestripe.refusals import invalid
from tests.fakestripe.session_shapes import checkout_session, portal_session
from tests.fakestripe.subscriptions import sold

router = APIRouter(prefix="/v1", route_class=StripeRoute)


class SubscriptionData(Part):
    description: str | None = None
    metadata: Metadata = Field(default_factory=dict)
    trial_end: int | None = None
    trial_period_days: int | None = Field(None, ge=1)
    trial_settings: TrialSettings | None = None


class CustomerUpdate(Part):
    address: Literal["auto", "never"] = "never"
    name: Literal["auto", "never"] = "never"


class Switch(Part):
    enabled: bool


class NewCheckout(Parameters):
    mode: Literal["subscription"]
    line_items: list[NewItem] = Field(min_length=1)
    success_url: str
    allow_promotion_codes: bool | None = None
    automatic_tax: AutomaticTax | None = None
    billing_address_collection: Literal["auto", "required"] | None = None
    cancel_url: str | None = None
    client_reference_id: str | None = Field(None, max_length=200)
    customer: str | None = None
    customer_email: str | None = None
    customer_update: CustomerUpdate | None = None
    expires_at: int | None = None
    locale: str | None = None
    metadata: Metadata = Field(default_factory=dict)
    payment_method_collection: Literal["always", "if_required"] = "always"
    payment_method_types: list[Literal["card"]] = Field(default_factory=list)
    subscription_data: SubscriptionData = Field(default_factory=SubscriptionData)
    tax_id_collection: Switch | None = None


@router.post("/checkout/sessions")
async def create_checkout(request: Request) -> Json:
    books, asked = books_of(request), await read(request, NewCheckout)
    if asked.customer is not None:
        books.get("customer", asked.customer, "customer")
        if asked.customer_email is not None:
            raise invalid(
                "You may only specify one of these parameters: customer, "
                "customer_email.",
                "customer",
            )
    prices = [
        (sold(books, one.price, "line_items[0][price]"), one.quantity)
        for one in asked.line_items
    ]
    now = books.now()
    expires_at = asked.expires_at or now + DAY
    if not now + HOUR // 2 <= expires_at <= now + DAY:
        raise invalid(
            "The `expires_at` timestamp must be between 30 minutes and 24 hours "
            "from Checkout Session creation.",
            "expires_at",
        )
    made = checkout_session(books, prices, expires_at, _members(asked))
    made["url"] = f"{request.app.state.url}/pay/{made['id']}"
    books.add(made)
    books.checkouts[made["id"]] = asked
    return shown(books, made, asked.expand)


def _members(asked: NewCheckout) -> dict[str, Any]:
    names = {
        "allow_promotion_codes",
        "billing_address_collection",
        "cancel_url",
        "client_reference_id",
        "customer",
        "customer_email",
        "locale",
        "metadata",
        "payment_method_collection",
        "success_url",
    }
    members = asked.model_dump(include=names)
    if asked.automatic_tax and asked.automatic_tax.enabled:
        members["automatic_tax"] = {
            "enabled": True,
            "liability": {"type": "self"},
            "provider": "stripe",
            "status": "requires_location_inputs",
        }
    return members


@router.get("/checkout/sessions/{id}")
async def retrieve_checkout(request: Request, id: str) -> Json:
    books, asked = books_of(request), await read(request, Parameters)
    return shown(books, books.get("checkout.session", id), asked.expand)


class CheckoutListing(Listing):
    customer: str | None = None
    status: str | None = None
    subscription: str | None = None


@router.get("/checkout/sessions")
async def list_checkouts(request: Request) -> Json:
    books, asked = books_of(request), await read(request, CheckoutListing)
    by = asked.model_dump(include={"customer", "status", "subscription"})
    found = books.every("checkout.session", **by)
    return page(books, asked, found, "/v1/checkout/sessions")


@router.post("/checkout/sessions/{id}/expire")
async def expire_checkout(request: Request, id: str) -> Json:
    books, asked = books_of(request), await read(request, Parameters)
    session = books.get("checkout.session", id)
    if session["status"] != "open":
        raise invalid(
            'Only Checkout Sessions with a status in ["open"] can be expired.'
        )
    life.expire_session(books, session)
    return shown(books, session, asked.expand)


class NewPortal(Parameters):
    customer: str
    configuration: str | None = None
    locale: str | None = None
    return_url: str | None = None


@router.post("/billing_portal/sessions")
async def create_portal(request: Request) -> Json:
    books, asked = books_of(request), await read(request, NewPortal)
    customer = books.get("customer", asked.customer, "customer")
    made = portal_session(books, customer, asked.return_url)
    made["url"] = f"{request.app.state.url}/portal/{made['id']}"
    books.add(made)
    return shown(books, made, asked.expand)


class NewEndpoint(Parameters):
    url: str
    enabled_events: list[str] = Field(min_length=1)
    api_version: Literal["2026-10-28.endive"] | None = None
    description: str | None = None
    metadata: Metadata = Field(default_factory=dict)


@router.post("/webhook_endpoints")
async def create_endpoint(request: Request) -> Json:
    """Its secret is shown this once."""
    books, asked = books_of(request), await read(request, NewEndpoint)
    made = endpoint(books, asked.url, asked.enabled_events)
    made.update(description=asked.description, metadata=asked.metadata)
    secret = f"whsec_{secrets.token_hex(16)}"
    request.app.state.post.secrets[made["id"]] = secret
    return {**made, "secret": secret}


def endpoint(books: Books, url: str, events: list[str]) -> Json:
    return books.add(
        {
            "id": books.new_id("we"),
            "object": "webhook_endpoint",
            "api_version": API_VERSION,
            "application": None,
            "created": books.now(),
            "description": None,
            "enabled_events": events,
            "livemode": False,
            "metadata": {},
            "status": "enabled",
            "url": url,
        }
    )


@router.get("/webhook_endpoints")
async def list_endpoints(request: Request) -> Json:
    books, asked = books_of(request), await read(request, Listing)
    found = books.every("webhook_endpoint")
    return page(books, asked, found, "/v1/webhook_endpoints")


@router.delete("/webhook_endpoints/{id}")
async def delete_endpoint(request: Request, id: str) -> Json:
    books = books_of(request)
    books.get("webhook_endpoint", id)
    del books.objects[id]
    return {"id": id, "object": "webhook_endpoint", "deleted": True}


class NewClock(Parameters):
    frozen_time: int
    name: str | None = None


@router.post("/test_helpers/test_clocks")
async def create_clock(request: Request) -> Json:
    books, asked = books_of(request), await read(request, NewClock)
    made: Json = {
        "id": books.new_id("clock"),
        "object": "test_helpers.test_clock",
        "created": books.now(),
        "deletes_after": books.now() + 30 * DAY,
        "frozen_time": asked.frozen_time,
        "livemode": False,
        "name": asked.name,
        "status": "ready",
        "status_details": {},
    }
    return shown(books, books.add(made, "test_helpers.test_clock.created"), [])


class Advance(Parameters):
    frozen_time: int


@router.post("/test_helpers/test_clocks/{id}/advance")
async def advance_clock(request: Request, id: str) -> Json:
    """What falls due meanwhile has happened by the next time one looks."""
    books, asked = books_of(request), await read(request, Advance)
    it = books.get("test_helpers.test_clock", id)
    if asked.frozen_time <= it["frozen_time"]:
        raise invalid("A test clock can only be advanced.", "frozen_time")
    with books.change(it, "test_helpers.test_clock.advancing"):
        it["status"] = "advancing"
    answer = {**it, "status_details": {"advancing": dict(it["status_details"])}}
    answer["status_details"]["advancing"] = {"target_frozen_time": asked.frozen_time}
    life.advance(books, id, asked.frozen_time)
    with books.change(it, "test_helpers.test_clock.ready"):
        it["status"] = "ready"
    return answer


@router.get("/test_helpers/test_clocks/{id}")
async def retrieve_clock(request: Request, id: str) -> Json:
    books, asked = books_of(request), await read(request, Parameters)
    return shown(books, books.get("test_helpers.test_clock", id), asked.expand)
