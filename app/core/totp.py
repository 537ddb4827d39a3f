"""Codes of an authenticator app (RFC 6238). The only module that knows pyotp, so that
the library can be changed in one file."""

import re
from datetime import datetime

from pyotp import TOTP, random_base32
from pyotp.exceptions import OTPVerificationError

from app.core.secret import Secret

ISSUER = "Cloudrota"
_NEIGHBOURS = 1  # clocks differ, and people are slow
_CODE = re.compile(r"[0-9]{6}")


def new_secret() -> Secret:
    """160 random bits in base32, as apps take it."""
    return Secret(random_base32())


def uri_of(secret: Secret, account: str) -> str:
    """What apps read from a QR code; it holds the secret."""
    made: str = TOTP(secret.reveal()).provisioning_uri(name=account, issuer_name=ISSUER)
    return made


def is_code(text: str) -> bool:
    """It has the form of a code, right or wrong."""
    return _CODE.fullmatch(text) is not None


def step_of(secret: Secret, code: str, now: datetime) -> int | None:
    """The number of the 30 seconds whose code this is, if these are the present ones or
    their neighbours; None if it is no code of theirs."""
    try:
        step: int = TOTP(secret.reveal()).verify_and_get_timecode(
            code, for_time=now, valid_window=_NEIGHBOURS
        )
    except OTPVerificationError:
        return None
    return step
