"""Which passwords are refused: short ones and well-known ones. How a password is
composed is nobody's business."""

from functools import lru_cache
from pathlib import Path

MIN_LENGTH = 12
MIN_LENGTH_WITH_MFA = 8
_MIN_LOCAL_PART = 4  # a shorter one is in many good passwords by chance
_COMMON = Path(__file__).with_name("common_passwords.txt")


def needs_mfa(password: str) -> bool:
    """It is too short to stand without a second factor."""
    return len(password) < MIN_LENGTH


def weakness(password: str, *, email: str, with_mfa: bool = False) -> str | None:
    """Why the password is refused, as a sentence; None if it is not."""
    shortest = MIN_LENGTH_WITH_MFA if with_mfa else MIN_LENGTH
    lowered = password.lower()
    local_part = email.partition("@")[0]
    if len(password) < shortest:
        return f"Use at least {shortest} characters."
    if "cloudrota" in lowered:
        return "Leave out the name of this product."
    if len(local_part) >= _MIN_LOCAL_PART and local_part in lowered:
        return "Leave out your e-mail address."
    if lowered in _common_passwords():
        return "This is one of the first passwords that anybody would try."
    return None


@lru_cache(maxsize=1)
def _common_passwords() -> frozenset[str]:
    return frozenset(_COMMON.read_text("utf-8").splitlines())
