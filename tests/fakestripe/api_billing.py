"""Subscriptions, invoices and events: the calls that create, read, change and list."""

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import Field

from tests.fakestripe import billing, cards, subscriptions
from tests.fakestripe.api_sales import Listing, alter, books_of, page
from tests.fakestripe.books import DAY, Books, Json, shown
from tests.fakestripe.forms import Emptied, Metadata, Parameters, Part, read
from tests.fakestripe.gate import StripeRoute
from tests.fakestripe.refusals import invalid, missing
from tests.fakestripe.subscriptions import Wanted

router = APIRouter(prefix="/v1", route_class=StripeRoute)

PaymentBehavior = Literal[
    "allow_incomplete", "default_incomplete", "error_if_incomplete"
]
Proration = Literal["always_invoice", "create_prorations", "none"]


class NewItem(Part):
    price: str
    quantity: int = Field(1, ge=1)


class AutomaticTax(Part):
    enabled: bool


class EndBehavior(Part):
    missing_payment_method: Literal["cancel", "create_invoice", "pause"]


class TrialSettings(Part):
    end_behavior: EndBehavior


class NewSubscription(Parameters):
    customer: str
    items: list[NewItem] = Field(min_length=1)
    automatic_tax: AutomaticTax | None = None
    cancel_at_period_end: bool = False
    default_payment_method: str | None = None
    description: str | None = None
    metadata: Metadata = Field(default_factory=dict)
    payment_behavior: PaymentBehavior = "allow_incomplete"
    trial_end: int | None = None
    trial_period_days: int | None = Field(None, ge=0)
    trial_settings: TrialSettings | None = None


@router.post("/subscriptions")
async def create_subscription(request: Request) -> Json:
    books, asked = books_of(request), await read(request, NewSubscription)
    customer = books.get("customer", asked.customer, "customer")
    now = books.now(customer["test_clock"])
    trial_end = asked.trial_end
    if asked.trial_period_days:
        trial_end = now + asked.trial_period_days * DAY
    members = asked.model_dump(
        include={"default_payment_method", "description", "metadata", "trial_settings"},
        exclude_unset=True,
    )
    if asked.automatic_tax:
        members["automatic_tax"] = taxed(enabled=asked.automatic_tax.enabled)
    made = subscriptions.begin(
        books,
        customer,
        Wanted(
            [(one.price, one.quantity) for one in asked.items],
            trial_end,
            asked.payment_behavior,
            members,
        ),
    )
    if asked.cancel_at_period_end:
        subscriptions.cancel_later(books, made, is_so=True)
    return shown(books, made, asked.expand)


def taxed(*, enabled: bool) -> Json:
    return {
        "disabled_reason": None,
        "enabled": enabled,
        "liability": {"type": "self"} if enabled else None,
    }


class OtherItem(Part):
    id: str | None = None
    price: str | None = None
    quantity: int | None = Field(None, ge=1)


class OtherSubscription(Parameters):
    items: list[OtherItem] = Field(default_factory=list)
    cancel_at_period_end: bool | None = None
    default_payment_method: Emptied[str] = None
    description: Emptied[str] = None
    metadata: Emptied[Metadata] = None
    proration_behavior: Proration = "create_prorations"
    trial_end: Literal["now"] | int | None = None


@router.post("/subscriptions/{id}")
async def update_subscription(request: Request, id: str) -> Json:
    books, asked = books_of(request), await read(request, OtherSubscription)
    sub = books.get("subscription", id)
    if sub["status"] in subscriptions.ENDED:
        raise invalid(
            "A canceled subscription can only update its cancellation_details and "
            "metadata."
        )
    alter(
        books,
        sub,
        asked.model_dump(
            include={"default_payment_method", "description", "metadata"},
            exclude_unset=True,
        ),
    )
    if asked.cancel_at_period_end is not None:
        with books.change(sub):
            subscriptions.cancel_later(books, sub, is_so=asked.cancel_at_period_end)
    if asked.trial_end is not None:
        _end_trial(books, sub, asked.trial_end)
    if asked.items:
        changes = [one.model_dump(exclude_none=True) for one in asked.items]
        subscriptions.swap(books, sub, changes, asked.proration_behavior)
    return shown(books, sub, asked.expand)


def _end_trial(books: Books, sub: Json, at: int | Literal["now"]) -> None:
    if sub["status"] != "trialing":
        raise invalid("The fake moves the end of a trial only during it.", "trial_end")
    now = books.now(sub["test_clock"])
    end = now if at == "now" else at
    with books.change(sub):
        sub["trial_end"] = sub["billing_cycle_anchor"] = end
        for item in sub["items"]["data"]:
            item["current_period_end"] = end
    if at == "now":
        subscriptions.renew(books, sub)


class Ending(Parameters):
    invoice_now: bool = False
    prorate: bool = False


@router.delete("/subscriptions/{id}")
async def cancel_subscription(request: Request, id: str) -> Json:
    books, asked = books_of(request), await read(request, Ending)
    if asked.invoice_now or asked.prorate:
        raise invalid("The fake ends subscriptions without a last invoice.")
    sub = books.get("subscription", id)
    subscriptions.end(books, sub, reason="cancellation_requested")
    return shown(books, sub, asked.expand)


@router.get("/subscriptions/{id}")
async def retrieve_subscription(request: Request, id: str) -> Json:
    books, asked = books_of(request), await read(request, Parameters)
    return shown(books, books.get("subscription", id), asked.expand)


class SubscriptionListing(Listing):
    customer: str | None = None
    price: str | None = None
    status: str | None = None
    test_clock: str | None = None


@router.get("/subscriptions")
async def list_subscriptions(request: Request) -> Json:
    """Those that ended are left out unless they are asked for. A deleted customer is
    still known."""
    books, asked = books_of(request), await read(request, SubscriptionListing)
    if asked.customer and asked.customer not in books.objects:
        raise missing("customer", asked.customer, "customer")
    found = [
        sub
        for sub in books.every(
            "subscription", customer=asked.customer, test_clock=asked.test_clock
        )
        if _is_wanted(sub, asked.status)
        and (asked.price is None or asked.price in _prices(sub))
    ]
    return page(books, asked, found, "/v1/subscriptions")


def _is_wanted(sub: Json, status: str | None) -> bool:
    if status == "all":
        return True
    if status == "ended":
        return sub["status"] in subscriptions.ENDED
    if status is None:
        return str(sub["status"]) != "canceled"
    return str(sub["status"]) == status


def _prices(sub: Json) -> list[str]:
    return [item["price"]["id"] for item in sub["items"]["data"]]


class InvoiceListing(Listing):
    customer: str | None = None
    status: str | None = None
    subscription: str | None = None


@router.get("/invoices")
async def list_invoices(request: Request) -> Json:
    books, asked = books_of(request), await read(request, InvoiceListing)
    found = books.every("invoice", customer=asked.customer, status=asked.status)
    if asked.subscription:
        sub = books.get("subscription", asked.subscription, "subscription")
        ids = [one["id"] for one in billing.invoices_of(books, sub)]
        found = [one for one in found if one["id"] in ids]
    return page(books, asked, found, "/v1/invoices")


@router.get("/invoices/{id}")
async def retrieve_invoice(request: Request, id: str) -> Json:
    books, asked = books_of(request), await read(request, Parameters)
    return shown(books, books.get("invoice", id), asked.expand)


class Payment(Parameters):
    payment_method: str | None = None


@router.post("/invoices/{id}/pay")
async def pay_invoice(request: Request, id: str) -> Json:
    books, asked = books_of(request), await read(request, Payment)
    made = books.get("invoice", id)
    number = None
    if asked.payment_method:
        method = books.get("payment_method", asked.payment_method, "payment_method")
        number = books.cards[method["id"]]
    if not subscriptions.settle(books, made, number):
        raise cards.refusal(number or cards.DECLINED)
    return shown(books, made, asked.expand)


@router.post("/invoices/{id}/void")
async def void_invoice(request: Request, id: str) -> Json:
    books, asked = books_of(request), await read(request, Parameters)
    made = books.get("invoice", id)
    billing.void(books, made)
    sub = billing.subscription_of(books, made)
    if sub["status"] == "incomplete":
        subscriptions.expire(books, sub)
    return shown(books, made, asked.expand)


class Since(Part):
    gt: int | None = None
    gte: int | None = None
    lt: int | None = None
    lte: int | None = None

    def admits(self, at: int) -> bool:
        return (
            (self.gt is None or at > self.gt)
            and (self.gte is None or at >= self.gte)
            and (self.lt is None or at < self.lt)
            and (self.lte is None or at <= self.lte)
        )


class EventListing(Listing):
    created: Since | None = None
    type: str | None = None
    types: list[str] | None = None


@router.get("/events")
async def list_events(request: Request) -> Json:
    books, asked = books_of(request), await read(request, EventListing)
    types = asked.types or ([asked.type] if asked.type else None)
    found = [
        event
        for event in books.every("event")
        if (types is None or event["type"] in types)
        and (asked.created is None or asked.created.admits(event["created"]))
    ]
    return page(books, asked, found, "/v1/events")


@router.get("/events/{id}")
async def retrieve_event(request: Request, id: str) -> Json:
    books, asked = books_of(request), await read(request, Parameters)
    found = books.events.get(id)
    if found is None:
        raise missing("event", id)
    return shown(books, found, asked.expand)
