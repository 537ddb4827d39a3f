"""Products, prices, customers, cards: the calls that create, read, change and list."""

from typing import Any, Literal

from fastapi import APIRouter, Request
from pydantic import Field

from tests.fakestripe import cards, shapes, subscriptions
from tests.fakestripe.books import Books, Json, shown
from tests.fakestripe.forms import Emptied, Metadata, Parameters, Part, read
from tests.fakestripe.gate import StripeRoute
from tests.fakestripe.refusals import invalid, missing

router = APIRouter(prefix="/v1", route_class=StripeRoute)


def books_of(request: Request) -> Books:
    books: Books = request.app.state.books
    return books


class Listing(Parameters):
    limit: int = Field(10, ge=1, le=100)
    starting_after: str | None = None
    ending_before: str | None = None


def page(books: Books, asked: Listing, found: list[Json], url: str) -> Json:
    """One page of what was found, the newest first."""
    ids = [one["id"] for one in found]
    for param in ("starting_after", "ending_before"):
        cursor = getattr(asked, param)
        if cursor is not None and cursor not in ids:
            raise missing("object", cursor, param)
    if asked.starting_after:
        found = found[ids.index(asked.starting_after) + 1 :]
    elif asked.ending_before:
        found = found[: ids.index(asked.ending_before)][-asked.limit :]
    listed = shapes.listed(found[: asked.limit], url, more=len(found) > asked.limit)
    return shown(books, listed, asked.expand)


def merged(old: Metadata, new: Metadata | None) -> Metadata:
    """Metadata are changed key by key; an empty value takes the key away."""
    if new is None:
        return {}
    return {key: value for key, value in {**old, **new}.items() if value != ""}


def alter(books: Books, it: Json, given: dict[str, Any]) -> None:
    """Set plain members."""
    with books.change(it):
        if "metadata" in given:
            given["metadata"] = merged(it["metadata"], given["metadata"])
        it.update(given)


class NewProduct(Parameters):
    name: str
    id: str | None = None
    active: bool = True
    description: str | None = None
    metadata: Metadata = Field(default_factory=dict)
    tax_code: str | None = None


@router.post("/products")
async def create_product(request: Request) -> Json:
    books, asked = books_of(request), await read(request, NewProduct)
    if asked.id in books.objects:
        raise invalid("Product already exists.", "id", "resource_already_exists")
    made = books.add(shapes.product(books, **asked.given()), "product.created")
    return shown(books, made, asked.expand)


class OtherProduct(Parameters):
    name: str = ""
    active: bool = True
    description: Emptied[str] = None
    metadata: Emptied[Metadata] = None


@router.post("/products/{id}")
async def update_product(request: Request, id: str) -> Json:
    books, asked = books_of(request), await read(request, OtherProduct)
    it = books.get("product", id)
    alter(books, it, asked.given())
    return shown(books, it, asked.expand)


class Recurring(Part):
    interval: Literal["day", "week", "month", "year"]
    interval_count: int = Field(1, ge=1)
    usage_type: Literal["licensed"] = "licensed"


class ProductData(Part):
    name: str
    metadata: Metadata = Field(default_factory=dict)


class NewPrice(Parameters):
    currency: str = Field(min_length=3, max_length=3)
    unit_amount: int = Field(ge=0)
    recurring: Recurring
    product: str | None = None
    product_data: ProductData | None = None
    active: bool = True
    lookup_key: str | None = None
    nickname: str | None = None
    metadata: Metadata = Field(default_factory=dict)
    tax_behavior: Literal["exclusive", "unspecified"] = "unspecified"


@router.post("/prices")
async def create_price(request: Request) -> Json:
    books, asked = books_of(request), await read(request, NewPrice)
    given = asked.given()
    if data := given.pop("product_data", None):
        product = books.add(shapes.product(books, **data), "product.created")
        given["product"] = product["id"]
    books.get("product", given.get("product", ""), "product")
    given["currency"] = asked.currency.lower()
    made = books.add(shapes.price(books, **given), "price.created")
    return shown(books, made, asked.expand)


class OtherPrice(Parameters):
    active: bool = True
    nickname: Emptied[str] = None
    metadata: Emptied[Metadata] = None


@router.post("/prices/{id}")
async def update_price(request: Request, id: str) -> Json:
    books, asked = books_of(request), await read(request, OtherPrice)
    it = books.get("price", id)
    alter(books, it, asked.given())
    return shown(books, it, asked.expand)


class PriceListing(Listing):
    active: bool | None = None
    product: str | None = None
    lookup_keys: list[str] | None = None


@router.get("/prices")
async def list_prices(request: Request) -> Json:
    books, asked = books_of(request), await read(request, PriceListing)
    found = [
        one
        for one in books.every("price", active=asked.active, product=asked.product)
        if asked.lookup_keys is None or one["lookup_key"] in asked.lookup_keys
    ]
    return page(books, asked, found, "/v1/prices")


class ProductListing(Listing):
    active: bool | None = None


@router.get("/products")
async def list_products(request: Request) -> Json:
    books, asked = books_of(request), await read(request, ProductListing)
    return page(
        books, asked, books.every("product", active=asked.active), "/v1/products"
    )


class Address(Part):
    city: str | None = None
    country: str | None = None
    line1: str | None = None
    line2: str | None = None
    postal_code: str | None = None
    state: str | None = None


class InvoiceSettings(Part):
    default_payment_method: Emptied[str] = None


class OtherCustomer(Parameters):
    address: Emptied[Address] = None
    description: Emptied[str] = None
    email: Emptied[str] = None
    invoice_settings: InvoiceSettings | None = None
    metadata: Emptied[Metadata] = None
    name: Emptied[str] = None
    phone: Emptied[str] = None
    preferred_locales: list[str] = Field(default_factory=list)


class NewCustomer(OtherCustomer):
    test_clock: str | None = None
    payment_method: str | None = None


def _given_of_customer(asked: OtherCustomer) -> dict[str, Any]:
    given = asked.given()
    if asked.address is not None:
        given["address"] = asked.address.model_dump()
    return given


@router.post("/customers")
async def create_customer(request: Request) -> Json:
    books, asked = books_of(request), await read(request, NewCustomer)
    given = _given_of_customer(asked)
    if asked.test_clock is not None:
        books.get("test_helpers.test_clock", asked.test_clock, "test_clock")
    method, settings = (
        given.pop("payment_method", None),
        given.pop("invoice_settings", {}),
    )
    made = shapes.customer(books, **given)
    made["metadata"] = made["metadata"] or {}
    if method is not None:
        method = attach(books, method, made)["id"]
    if default := settings.get("default_payment_method"):
        made["invoice_settings"]["default_payment_method"] = method or default
    books.add(made, "customer.created")
    return shown(books, made, asked.expand)


@router.post("/customers/{id}")
async def update_customer(request: Request, id: str) -> Json:
    books, asked = books_of(request), await read(request, OtherCustomer)
    it = books.get("customer", id)
    given = _given_of_customer(asked)
    if settings := given.pop("invoice_settings", None):
        default = settings.get("default_payment_method")
        if default is not None:
            _must_be_of(books, default, it)
        with books.change(it):
            it["invoice_settings"]["default_payment_method"] = default
    alter(books, it, given)
    return shown(books, it, asked.expand)


@router.get("/customers/{id}")
async def retrieve_customer(request: Request, id: str) -> Json:
    """A deleted customer is answered as one."""
    books, asked = books_of(request), await read(request, Parameters)
    if id not in books.objects:
        raise missing("customer", id)
    return shown(books, books.objects[id], asked.expand)


class CustomerListing(Listing):
    email: str | None = None
    test_clock: str | None = None


@router.get("/customers")
async def list_customers(request: Request) -> Json:
    books, asked = books_of(request), await read(request, CustomerListing)
    found = books.every("customer", email=asked.email, test_clock=asked.test_clock)
    return page(books, asked, found, "/v1/customers")


@router.delete("/customers/{id}")
async def delete_customer(request: Request, id: str) -> Json:
    """The subscriptions end with it, at once."""
    books = books_of(request)
    it = books.get("customer", id)
    for sub in books.every("subscription", customer=id):
        if sub["status"] not in subscriptions.ENDED:
            subscriptions.end(books, sub, reason="cancellation_requested")
    books.tell("customer.deleted", it)
    gone = {"id": id, "object": "customer", "deleted": True}
    books.objects[id] = gone
    return gone


class Attachment(Parameters):
    customer: str


@router.post("/payment_methods/{id}/attach")
async def attach_payment_method(request: Request, id: str) -> Json:
    books, asked = books_of(request), await read(request, Attachment)
    customer = books.get("customer", asked.customer, "customer")
    return shown(books, attach(books, id, customer), asked.expand)


class PaymentMethodListing(Listing):
    customer: str | None = None
    type: Literal["card"] = "card"


@router.get("/payment_methods")
async def list_payment_methods(request: Request) -> Json:
    books, asked = books_of(request), await read(request, PaymentMethodListing)
    found = books.every("payment_method", customer=asked.customer)
    return page(books, asked, found, "/v1/payment_methods")


def attach(books: Books, id: str, customer: Json) -> Json:
    """A card of the customer's: one of the test tokens makes a new one each time."""
    if id in cards.TOKENS:
        return keep_card(books, cards.TOKENS[id], customer)
    method = books.get("payment_method", id)
    if method["customer"] not in {None, customer["id"]}:
        raise invalid("The payment method belongs to another customer.")
    with books.change(method, "payment_method.attached"):
        method["customer"] = customer["id"]
    return method


def keep_card(books: Books, number: str, customer: Json) -> Json:
    now = books.now(customer["test_clock"])
    method = shapes.payment_method(books, cards.keepable(number), now)
    method["customer"] = customer["id"]
    return books.add(method, "payment_method.attached")


def _must_be_of(books: Books, id: str, customer: Json) -> None:
    if books.get("payment_method", id)["customer"] != customer["id"]:
        raise invalid("The customer does not have this payment method.")


def reader(path: str, kind: str) -> None:
    """`GET path/{id}` of one kind."""

    @router.get(f"/{path}/{{id}}", name=f"retrieve {kind}")
    async def retrieve(request: Request, id: str) -> Json:
        books, asked = books_of(request), await read(request, Parameters)
        return shown(books, books.get(kind, id), asked.expand)


reader("products", "product")
reader("prices", "price")
reader("payment_methods", "payment_method")
