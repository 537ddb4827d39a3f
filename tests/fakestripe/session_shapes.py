"""Checkout and portal sessions in the shape of Stripe's API."""

from tests.fakestripe.books import Books, Json

PORTAL_CONFIGURATION = "bpc_fake"


def checkout_session(
    books: Books, prices: list[tuple[Json, int]], expires_at: int, members: Json
) -> Json:
    subtotal = sum(price["unit_amount"] * quantity for price, quantity in prices)
    id = books.new_id("cs_test")
    return {
        "id": id,
        "object": "checkout.session",
        "adaptive_pricing": None,
        "after_expiration": None,
        "amount_subtotal": subtotal,
        "amount_total": subtotal,
        "automatic_tax": {
            "enabled": False,
            "liability": None,
            "provider": None,
            "status": None,
        },
        "client_secret": None,
        "collected_information": None,
        "consent": None,
        "consent_collection": None,
        "created": books.now(),
        "currency": prices[0][0]["currency"],
        "currency_conversion": None,
        "custom_fields": [],
        "custom_text": {
            "after_submit": None,
            "shipping_address": None,
            "submit": None,
            "terms_of_service_acceptance": None,
        },
        "customer_creation": None if members["customer"] else "always",
        "customer_details": None,
        "discounts": [],
        "expires_at": expires_at,
        "invoice": None,
        "invoice_creation": None,
        "livemode": False,
        "mode": "subscription",
        "payment_intent": None,
        "payment_link": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "payment_status": "unpaid",
        "permissions": None,
        "phone_number_collection": {"enabled": False},
        "recovered_from": None,
        "saved_payment_method_options": None,
        "setup_intent": None,
        "shipping_address_collection": None,
        "shipping_cost": None,
        "shipping_options": [],
        "status": "open",
        "submit_type": None,
        "subscription": None,
        "total_details": {
            "amount_discount": 0,
            "amount_shipping": 0,
            "amount_tax": 0,
        },
        "ui_mode": "hosted_page",
        "url": None,
        "wallet_options": None,
        **members,
    }


def portal_session(books: Books, customer: Json, return_url: str | None) -> Json:
    return {
        "id": books.new_id("bps"),
        "object": "billing_portal.session",
        "configuration": PORTAL_CONFIGURATION,
        "created": books.now(),
        "customer": customer["id"],
        "flow": None,
        "livemode": False,
        "locale": None,
        "on_behalf_of": None,
        "return_url": return_url,
        "url": "",
    }
