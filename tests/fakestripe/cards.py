"""The card numbers that Stripe documents for tests, and what becomes of each. No other
number is taken: nobody's real card is typed into a fake."""

from tests.fakestripe.refusals import Refused, declined, invalid

GOOD = "4242424242424242"
# Can be kept for later, and fails whenever it is charged.
FAILS_LATER = "4000000000000341"
DECLINED = "4000000000000002"

TOKENS = {
    "pm_card_visa": GOOD,
    "tok_visa": GOOD,
    "pm_card_chargeCustomerFail": FAILS_LATER,
    "tok_chargeCustomerFail": FAILS_LATER,
    "pm_card_chargeDeclined": DECLINED,
    "tok_chargeDeclined": DECLINED,
}


def keepable(number: str) -> str:
    """The number, if a customer can have this card; raises Refused."""
    number = number.replace(" ", "")
    if number == DECLINED:
        raise refusal(number)
    if number not in {GOOD, FAILS_LATER}:
        raise invalid(
            "This is a fake of Stripe: only its test cards are taken, such as "
            "4242 4242 4242 4242.",
            "card[number]",
            "incorrect_number",
        )
    return number


def pays(number: str) -> bool:
    return number == GOOD


def refusal(number: str) -> Refused:
    return declined(
        "Your card was declined.",
        "generic_decline" if number != FAILS_LATER else "insufficient_funds",
    )
