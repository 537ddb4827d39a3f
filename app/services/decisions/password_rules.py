"""Which passwords are refused: short ones and well-known ones. How a password is
composed is nobody's business."""

from functools import lru_cache
from pathlib import Path

MIN_LENGTH = 12
_MIN_LOCAL_PART = 4  # a shorter one is in many good passwords by chance
_COMMON = Path(__file__).with_name("common_passwords.txt")


def weakness(password: str, *, email: str) -> str | None:
    """Why the password is refused, as a sentence; None if it is not."""
    lowered = password.lower()
    local_part = email.partition("@")[0]
    if len(password) < MIN_LENGTH:
        return f"Use at least {MIN_LENGTH} characters."
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
