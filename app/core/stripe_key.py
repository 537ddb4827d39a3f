"""Stripe's keys, which say themselves whether they move real money."""

import re
from typing import Annotated

from pydantic import AfterValidator, SecretStr

_KEY = re.compile(r"(?:sk|rk)_(live|test)_[A-Za-z0-9_]+", re.ASCII)


def is_live(key: SecretStr) -> bool:
    """Whether what it makes and sees is real. ValueError where it is no key."""
    match = _KEY.fullmatch(key.get_secret_value())
    if match is None:
        raise ValueError(
            "STRIPE_API_KEY is sk_live_…, sk_test_…, rk_live_… or rk_test_…"
        )
    return match[1] == "live"


def _checked(key: SecretStr) -> SecretStr:
    is_live(key)
    return key


StripeKey = Annotated[SecretStr, AfterValidator(_checked)]
