"""Invoices and their lines in the shape of Stripe's API. Amounts are integers of the
currency's minor unit."""

from typing import Any

from tests.fakestripe.books import Books, Json
from tests.fakestripe.shapes import listed


def line(
    books: Books,
    item: Json,
    amount: int,
    period: tuple[int, int],
    *,
    proration: bool = False,
) -> Json:
    """What one item of a subscription costs in a period."""
    price = item["price"]
    return {
        "id": books.new_id("il"),
        "object": "line_item",
        "amount": amount,
        "currency": price["currency"],
        "description": price["nickname"],
        "discount_amounts": [],
        "discountable": not proration,
        "discounts": [],
        "invoice": None,
        "livemode": False,
        "metadata": {},
        "parent": {
            "invoice_item_details": None,
            "subscription_item_details": {
                "invoice_item": None,
                "proration": proration,
                "proration_details": {"credited_items": None},
                "subscription": item["subscription"],
                "subscription_item": item["id"],
            },
            "type": "subscription_item_details",
        },
        "period": {"start": period[0], "end": period[1]},
        "pretax_credit_amounts": [],
        "pricing": {
            "price_details": {"price": price["id"], "product": price["product"]},
            "type": "price_details",
            "unit_amount_decimal": price["unit_amount_decimal"],
        },
        "quantity": item["quantity"],
        "subscription": item["subscription"],
        "subtotal": amount,
        "taxes": [],
    }


def invoice(
    books: Books,
    sub: Json,
    customer: Json,
    lines: list[Json],
    *,
    reason: str,
    tax: int,
    now: int,
) -> Json:
    """A draft. What the customer has to their credit is a negative balance."""
    id = books.new_id("in")
    subtotal = sum(one["amount"] for one in lines)
    total = subtotal + tax
    owed = total + customer["balance"]
    for one in lines:
        one["invoice"] = id
    made = {
        "id": id,
        "object": "invoice",
        "account_country": "DE",
        "account_name": "A fake of Stripe",
        "account_tax_ids": None,
        "amount_due": max(owed, 0),
        "amount_overpaid": 0,
        "amount_paid": 0,
        "amount_remaining": max(owed, 0),
        "amount_shipping": 0,
        "application": None,
        "attempt_count": 0,
        "attempted": False,
        "auto_advance": True,
        "automatically_finalizes_at": None,
        "billing_reason": reason,
        "collection_method": "charge_automatically",
        "created": now,
        "currency": sub["currency"],
        "custom_fields": None,
        "default_payment_method": None,
        "default_source": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": [],
        "due_date": None,
        "effective_at": None,
        "ending_balance": None,
        "footer": None,
        "from_invoice": None,
        "hosted_invoice_url": None,
        "invoice_pdf": None,
        "issuer": {"type": "self"},
        "last_finalization_error": None,
        "latest_revision": None,
        "lines": listed(lines, f"/v1/invoices/{id}/lines"),
        "livemode": False,
        "metadata": {},
        "next_payment_attempt": None,
        "number": None,
        "on_behalf_of": None,
        "parent": {
            "quote_details": None,
            "subscription_details": {
                "metadata": dict(sub["metadata"]),
                "subscription": sub["id"],
            },
            "type": "subscription_details",
        },
        "payment_settings": {
            "default_mandate": None,
            "payment_method_options": None,
            "payment_method_types": None,
        },
        "period_end": now,
        "period_start": now,
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "receipt_number": None,
        "rendering": None,
        "shipping_cost": None,
        "shipping_details": None,
        "starting_balance": customer["balance"],
        "statement_descriptor": None,
        "status": "draft",
        "status_transitions": {
            "finalized_at": None,
            "marked_uncollectible_at": None,
            "paid_at": None,
            "voided_at": None,
        },
        "subtotal": subtotal,
        "subtotal_excluding_tax": subtotal,
        "test_clock": sub["test_clock"],
        "total": total,
        "total_discount_amounts": [],
        "total_excluding_tax": subtotal,
        "total_pretax_credit_amounts": [],
        "webhooks_delivered_at": None,
    }
    return {**made, **_of_customer(customer), **_taxes(sub, subtotal, tax)}


def _of_customer(customer: Json) -> dict[str, Any]:
    return {
        "customer": customer["id"],
        "customer_address": customer["address"],
        "customer_email": customer["email"],
        "customer_name": customer["name"],
        "customer_phone": customer["phone"],
        "customer_shipping": None,
        "customer_tax_exempt": customer["tax_exempt"],
        "customer_tax_ids": [],
    }


def _taxes(sub: Json, subtotal: int, tax: int) -> dict[str, Any]:
    enabled = sub["automatic_tax"]["enabled"]
    taxed = {
        "amount": tax,
        "tax_behavior": "exclusive",
        "tax_rate_details": None,
        "taxability_reason": "standard_rated",
        "taxable_amount": subtotal,
        "type": "tax_rate_details",
    }
    return {
        "automatic_tax": {
            "disabled_reason": None,
            "enabled": enabled,
            "liability": {"type": "self"} if enabled else None,
            "provider": "stripe" if enabled else None,
            "status": "complete" if enabled else None,
        },
        "total_taxes": [taxed] if enabled else [],
    }
