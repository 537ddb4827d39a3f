"""What a person does on the hosted pages: pays at a checkout, changes things in the
portal."""

from typing import Any

from tests.fakestripe import billing, cards, subscriptions
from tests.fakestripe.api_billing import taxed
from tests.fakestripe.api_sales import keep_card
from tests.fakestripe.books import DAY, Books, Json
from tests.fakestripe.refusals import invalid
from tests.fakestripe.shapes import customer as customer_shape
from tests.fakestripe.subscriptions import Wanted


def needs_card(books: Books, session: Json) -> bool:
    """Is there anything to pay now, or was a card asked for in any case?"""
    always = session["payment_method_collection"] == "always"
    is_trial = _trial_end(books, session, 0) is not None
    return bool(always or (not is_trial and session["amount_total"]))


def complete(
    books: Books, session: Json, *, number: str, country: str, email: str
) -> None:
    """Pay: the subscription begins, and the session is over. Raises Refused, and
    nothing has happened."""
    if session["status"] != "open":
        raise invalid("This checkout is over.")
    if number or needs_card(books, session):
        number = cards.keepable(number)
    customer = _customer(books, session, email)
    now = books.now(customer["test_clock"])
    trial_end = _trial_end(books, session, now)
    if number and trial_end is None and not cards.pays(number):
        raise cards.refusal(number)
    if customer["id"] not in books.objects:
        books.add(customer, "customer.created")
    if country:
        with books.change(customer):
            empty = dict.fromkeys(("city", "line1", "line2", "postal_code", "state"))
            customer["address"] = {**empty, "country": country.upper()}
    members = _members(books, session)
    if number:
        members["default_payment_method"] = keep_card(books, number, customer)["id"]
    wanted = books.checkouts[session["id"]]
    prices = [(one.price, one.quantity) for one in wanted.line_items]
    sub = subscriptions.begin(
        books, customer, Wanted(prices, trial_end, members=members)
    )
    _finish(books, session, customer, sub)


def _customer(books: Books, session: Json, email: str) -> Json:
    if session["customer"] is not None:
        return books.get("customer", session["customer"])
    return customer_shape(books, email=session["customer_email"] or email)


def _trial_end(books: Books, session: Json, now: int) -> int | None:
    data = books.checkouts[session["id"]].subscription_data
    if data.trial_period_days is not None:
        return int(now + data.trial_period_days * DAY)
    end: int | None = data.trial_end
    return end


def _members(books: Books, session: Json) -> dict[str, Any]:
    data = books.checkouts[session["id"]].subscription_data
    members: dict[str, Any] = data.model_dump(
        include={"description", "metadata", "trial_settings"}, exclude_unset=True
    )
    if session["automatic_tax"]["enabled"]:
        members["automatic_tax"] = taxed(enabled=True)
    return members


def _finish(books: Books, session: Json, customer: Json, sub: Json) -> None:
    made = books.get("invoice", sub["latest_invoice"])
    tax = made["total"] - made["subtotal"]
    with books.change(session, "checkout.session.completed"):
        session["status"] = "complete"
        session["url"] = None
        session["customer"] = customer["id"]
        session["customer_details"] = {
            "address": customer["address"],
            "business_name": None,
            "email": customer["email"],
            "individual_name": None,
            "name": customer["name"],
            "phone": None,
            "tax_exempt": "none",
            "tax_ids": [],
        }
        session["invoice"] = made["id"]
        session["subscription"] = sub["id"]
        session["amount_total"] = made["total"]
        session["total_details"]["amount_tax"] = tax
        if session["automatic_tax"]["enabled"]:
            session["automatic_tax"]["status"] = "complete"
        free = made["amount_due"] == 0
        session["payment_status"] = "no_payment_required" if free else "paid"


def change_card(books: Books, customer: Json, number: str) -> None:
    """The card that pays from now on. What is open stays so until it is tried again."""
    method = keep_card(books, number, customer)
    with books.change(customer):
        customer["invoice_settings"]["default_payment_method"] = method["id"]
    for sub in living(books, customer):
        with books.change(sub):
            sub["default_payment_method"] = method["id"]


def change_plan(books: Books, customer: Json, sub_id: str, price: str) -> None:
    sub = _of(books, customer, sub_id)
    item = sub["items"]["data"][0]["id"]
    subscriptions.swap(books, sub, [{"id": item, "price": price}], "create_prorations")


def cancel_later(books: Books, customer: Json, sub_id: str, *, is_so: bool) -> None:
    sub = _of(books, customer, sub_id)
    with books.change(sub):
        subscriptions.cancel_later(books, sub, is_so=is_so)


def pay_open(books: Books, customer: Json, invoice_id: str) -> None:
    made = books.get("invoice", invoice_id)
    if made["customer"] != customer["id"]:
        raise invalid("This is another customer's invoice.")
    if not subscriptions.settle(books, made):
        sub = billing.subscription_of(books, made)
        raise cards.refusal(billing.card_of(books, sub) or cards.DECLINED)


def living(books: Books, customer: Json) -> list[Json]:
    """The customer's subscriptions that have not ended."""
    return [
        sub
        for sub in books.every("subscription", customer=customer["id"])
        if sub["status"] not in subscriptions.ENDED
    ]


def _of(books: Books, customer: Json, sub_id: str) -> Json:
    for sub in living(books, customer):
        if sub["id"] == sub_id:
            return sub
    raise invalid("There is no such subscription.")
