"""Subscriptions: begun, changed, renewed, unpaid, ended."""

from dataclasses import dataclass, field
from typing import Any

from tests.fakestripe import billing, cards, shapes
from tests.fakestripe.books import Books, Json
from tests.fakestripe.invoice_shapes import line
from tests.fakestripe.refusals import Refused, invalid, missing

ENDED = {"canceled", "incomplete_expired"}


@dataclass
class Wanted:
    """What a new subscription is to be."""

    prices: list[tuple[str, int]]
    trial_end: int | None = None
    payment_behavior: str = "allow_incomplete"
    members: Json = field(default_factory=dict)


def begin(books: Books, customer: Json, wanted: Wanted) -> Json:
    """A subscription with its first invoice, paid unless the card or `payment_behavior`
    is against it."""
    now = books.now(customer["test_clock"])
    prices = [(sold(books, id), quantity) for id, quantity in wanted.prices]
    sub = shapes.subscription(books, customer, now, **wanted.members)
    first = prices[0][0]
    sub["currency"] = first["currency"]
    end = shapes.next_period(first, now, now)
    if wanted.trial_end is not None:
        sub["status"], end = "trialing", wanted.trial_end
        sub["trial_start"], sub["trial_end"] = now, end
        sub["billing_cycle_anchor"] = end
    items = [shapes.item(books, sub["id"], *one, (now, end)) for one in prices]
    sub["items"] = shapes.listed(
        items, f"/v1/subscription_items?subscription={sub['id']}"
    )
    _may_begin(books, sub, wanted)
    books.add(sub, "customer.subscription.created")
    made = billing.draw_up(
        books, sub, billing.lines_of(books, sub), "subscription_create"
    )
    billing.finalize(books, made)
    if made["amount_due"] == 0 or wanted.payment_behavior != "default_incomplete":
        settle(books, made)
    return sub


def _may_begin(books: Books, sub: Json, wanted: Wanted) -> None:
    costs = sum(one["amount"] for one in billing.lines_of(books, sub))
    if not costs or wanted.payment_behavior == "default_incomplete":
        return
    number = billing.card_of(books, sub)
    if number is None:
        raise invalid(
            "This customer has no attached payment source or default payment method.",
            code="resource_missing",
        )
    if wanted.payment_behavior == "error_if_incomplete" and not cards.pays(number):
        raise cards.refusal(number)


def sold(books: Books, id: str, param: str = "items[0][price]") -> Json:
    """The price, if it can be subscribed to."""
    found = books.get("price", id, param)
    if not found["active"]:
        raise invalid(
            "The price specified is inactive. This field only accepts active prices.",
            param,
        )
    return found


def settle(books: Books, made: Json, number: str | None = None) -> bool:
    """Collect an invoice; the subscription becomes what follows from that."""
    paid = billing.collect(books, made, number)
    sub = billing.subscription_of(books, made)
    if paid:
        is_latest = sub["latest_invoice"] == made["id"]
        if is_latest and sub["status"] in {"incomplete", "past_due", "unpaid"}:
            _become(books, sub, "active")
            _delinquent(books, sub, is_so=False)
    elif sub["status"] in {"active", "past_due", "unpaid"}:
        _dun(books, sub, made)
    return paid


def _dun(books: Books, sub: Json, made: Json) -> None:
    retries, number = books.rules.retries, made["attempt_count"] - 1
    if sub["latest_invoice"] == made["id"] and sub["status"] == "active":
        _become(books, sub, "past_due")
        _delinquent(books, sub, is_so=True)
    with books.change(made):
        now = books.now(sub["test_clock"])
        left = number < len(retries) and made["auto_advance"]
        made["next_payment_attempt"] = now + retries[number] if left else None
    if left or sub["status"] != "past_due":
        return
    if books.rules.unpaid_becomes == "canceled":
        end(books, sub, reason="payment_failed")
    else:
        _become(books, sub, books.rules.unpaid_becomes)


def _delinquent(books: Books, sub: Json, *, is_so: bool) -> None:
    customer = books.get("customer", sub["customer"])
    with books.change(customer):
        customer["delinquent"] = is_so


def _become(books: Books, sub: Json, status: str) -> None:
    with books.change(sub):
        sub["status"] = status


def renew(books: Books, sub: Json) -> None:
    """The period, or the trial, is over."""
    if sub["cancel_at_period_end"]:
        end(books, sub, reason="cancellation_requested")
        return
    if sub["status"] == "trialing" and billing.card_of(books, sub) is None:
        behavior = sub["trial_settings"]["end_behavior"]["missing_payment_method"]
        if behavior == "cancel":
            end(books, sub, reason="cancellation_requested")
            return
        if behavior == "pause":
            with books.change(sub, "customer.subscription.paused"):
                sub["status"] = "paused"
            return
    with books.change(sub):
        if sub["status"] == "trialing":
            sub["status"] = "active"
        for item in sub["items"]["data"]:
            was = item["current_period_end"]
            item["current_period_start"] = was
            item["current_period_end"] = shapes.next_period(
                item["price"], sub["billing_cycle_anchor"], was
            )
    made = billing.draw_up(
        books, sub, billing.lines_of(books, sub), "subscription_cycle"
    )
    if sub["status"] == "unpaid":
        made["auto_advance"] = False
    else:
        billing.later(books, made)


def end(books: Books, sub: Json, reason: str) -> None:
    """Now, for good."""
    if sub["status"] in ENDED:
        raise missing("subscription", sub["id"])
    now = books.now(sub["test_clock"])
    with books.change(sub, "customer.subscription.deleted"):
        sub["status"] = "canceled"
        sub["ended_at"] = now
        sub["canceled_at"] = sub["canceled_at"] or now
        sub["cancellation_details"]["reason"] = reason
    billing.leave(books, sub)


def expire(books: Books, sub: Json) -> None:
    """The first payment did not come within 23 hours."""
    with books.change(sub):
        sub["status"] = "incomplete_expired"
        sub["ended_at"] = books.now(sub["test_clock"])
    for made in billing.invoices_of(books, sub):
        if made["status"] == "open":
            billing.void(books, made)


def cancel_later(books: Books, sub: Json, *, is_so: bool) -> None:
    """At the end of the period, or after all not."""
    sub["cancel_at_period_end"] = is_so
    sub["cancel_at"] = period_end(sub) if is_so else None
    sub["canceled_at"] = books.now(sub["test_clock"]) if is_so else None
    reason = "cancellation_requested" if is_so else None
    sub["cancellation_details"]["reason"] = reason


def period_end(sub: Json) -> int:
    return int(min(one["current_period_end"] for one in sub["items"]["data"]))


def swap(books: Books, sub: Json, changes: list[dict[str, Any]], prorate: str) -> None:
    """Another price or quantity for an item. What was paid for the old one is credited
    and the rest of the period of the new one charged: with the next invoice, or at once
    where `prorate` is always_invoice or the interval is another."""
    at_once = prorate == "always_invoice"
    with books.change(sub):
        for change in changes:
            at_once |= _swap_item(books, sub, change, prorate)
    if at_once and sub["status"] != "trialing":
        made = billing.draw_up(books, sub, [], "subscription_update")
        billing.finalize(books, made)
        settle(books, made)


def _swap_item(books: Books, sub: Json, change: dict[str, Any], prorate: str) -> bool:
    """Is it billed at once?"""
    item = _item(sub, change.get("id"))
    now = books.now(sub["test_clock"])
    old = dict(item)
    price = sold(books, change["price"]) if change.get("price") else item["price"]
    if price["currency"] != sub["currency"]:
        raise invalid("All prices on a subscription must have the same currency.")
    item["price"], item["plan"] = price, shapes.plan_of(price)
    item["quantity"] = change.get("quantity") or item["quantity"]
    if sub["status"] == "trialing":
        return False
    resets = _interval(price) != _interval(old["price"])
    if resets:
        sub["billing_cycle_anchor"] = item["current_period_start"] = now
        item["current_period_end"] = shapes.next_period(price, now, now)
    if prorate != "none" or resets:
        _prorate(books, sub, old, item, now)
    return resets


def _prorate(books: Books, sub: Json, old: Json, new: Json, now: int) -> None:
    lines = books.pending.setdefault(sub["id"], [])
    for item, sign in ((old, -1), (new, 1)):
        start, end = item["current_period_start"], item["current_period_end"]
        whole = item["price"]["unit_amount"] * item["quantity"]
        share = (whole * (end - now) * 2 + end - start) // (2 * (end - start))
        lines.append(line(books, item, sign * share, (now, end), proration=True))


def _interval(price: Json) -> tuple[str, int]:
    recurring = price["recurring"]
    return recurring["interval"], recurring["interval_count"]


def _item(sub: Json, id: str | None) -> Json:
    items: list[Json] = sub["items"]["data"]
    if id is None:
        raise invalid("The fake changes items by their id.", "items[0][id]")
    for item in items:
        if item["id"] == id:
            return item
    raise Refused(
        404,
        f"No such subscription item: '{id}'",
        code="resource_missing",
        param="items[0][id]",
    )
