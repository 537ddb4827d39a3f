"""Invoices: drawn up, finalized, paid, or not paid and asked for again."""

from tests.fakestripe import cards
from tests.fakestripe.books import HOUR, Books, Json
from tests.fakestripe.invoice_shapes import invoice, line
from tests.fakestripe.refusals import invalid

DRAFT_FOR = HOUR


def lines_of(books: Books, sub: Json) -> list[Json]:
    """What a subscription's items cost in their present period. A trial is free."""
    is_free = sub["status"] == "trialing"
    return [
        line(
            books,
            item,
            0 if is_free else item["price"]["unit_amount"] * item["quantity"],
            (item["current_period_start"], item["current_period_end"]),
        )
        for item in sub["items"]["data"]
    ]


def draw_up(books: Books, sub: Json, lines: list[Json], reason: str) -> Json:
    """A draft with these lines and whatever was left to be billed."""
    customer = books.get("customer", sub["customer"])
    lines = [*books.pending.pop(sub["id"], []), *lines]
    made = invoice(
        books,
        sub,
        customer,
        lines,
        reason=reason,
        tax=_tax(books, sub, customer, sum(one["amount"] for one in lines)),
        now=books.now(sub["test_clock"]),
    )
    books.add(made, "invoice.created")
    with books.change(sub):
        sub["latest_invoice"] = made["id"]
    return made


def _tax(books: Books, sub: Json, customer: Json, subtotal: int) -> int:
    """Half a minor unit is rounded up; a credit is not taxed."""
    if not sub["automatic_tax"]["enabled"]:
        return 0
    country = (customer["address"] or {}).get("country")
    percent = books.rules.taxes.get(str(country), 0)
    return (max(subtotal, 0) * percent * 2 + 100) // 200


def later(books: Books, made: Json) -> None:
    """Leave a draft to be finalized by itself in an hour."""
    made["automatically_finalizes_at"] = made["created"] + DRAFT_FOR


def finalize(books: Books, made: Json) -> None:
    """Ask for the money from now on."""
    if made["status"] != "draft":
        raise invalid("This invoice is already finalized, you can't re-finalize it.")
    customer = books.get("customer", made["customer"])
    now = books.now(made["test_clock"])
    balance = min(made["total"] + customer["balance"], 0)
    number = f"{customer['invoice_prefix']}-{customer['next_invoice_sequence']:04d}"
    with books.change(made, "invoice.finalized"):
        made["status"] = "open"
        made["number"] = number
        made["ending_balance"] = balance
        made["effective_at"] = made["status_transitions"]["finalized_at"] = now
        made["automatically_finalizes_at"] = None
    with books.change(customer):
        customer["balance"] = balance
        customer["next_invoice_sequence"] += 1
        customer["currency"] = made["currency"]


def collect(books: Books, made: Json, number: str | None = None) -> bool:
    """Try to take the money of an open invoice, of the card with `number` or of the one
    that the subscription or the customer has: was it paid?"""
    if made["status"] != "open":
        raise invalid("Invoice is already paid or cannot be paid.")
    if made["amount_due"] == 0:
        _paid(books, made)
        return True
    number = number or card_of(books, subscription_of(books, made))
    with books.change(made):
        made["attempted"] = True
        made["attempt_count"] += 1
    if number is not None and cards.pays(number):
        _paid(books, made)
        return True
    books.tell("invoice.payment_failed", made)
    return False


def _paid(books: Books, made: Json) -> None:
    now = books.now(made["test_clock"])
    with books.change(made, "invoice.paid"):
        made["status"] = "paid"
        made["amount_paid"] = made["amount_due"]
        made["amount_remaining"] = 0
        made["next_payment_attempt"] = None
        made["status_transitions"]["paid_at"] = now
    books.tell("invoice.payment_succeeded", made)


def void(books: Books, made: Json) -> None:
    if made["status"] not in {"open", "uncollectible"}:
        raise invalid("You can only void open or uncollectible invoices.")
    with books.change(made, "invoice.voided"):
        made["status"] = "void"
        made["next_payment_attempt"] = None
        made["status_transitions"]["voided_at"] = books.now(made["test_clock"])


def leave(books: Books, sub: Json) -> None:
    """Nothing of an ended subscription is asked for any more."""
    for made in invoices_of(books, sub):
        if made["status"] in {"draft", "open"}:
            with books.change(made):
                made["auto_advance"] = False
                made["automatically_finalizes_at"] = None
                made["next_payment_attempt"] = None


def invoices_of(books: Books, sub: Json) -> list[Json]:
    return [
        made
        for made in books.every("invoice", customer=sub["customer"])
        if made["parent"]["subscription_details"]["subscription"] == sub["id"]
    ]


def subscription_of(books: Books, made: Json) -> Json:
    id = made["parent"]["subscription_details"]["subscription"]
    return books.get("subscription", id)


def card_of(books: Books, sub: Json) -> str | None:
    """The number of the card that pays for a subscription, if there is one."""
    customer = books.get("customer", sub["customer"])
    default = customer["invoice_settings"]["default_payment_method"]
    method = sub["default_payment_method"] or default
    return books.cards.get(method) if method else None
