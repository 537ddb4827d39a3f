"""API keys as text: `cr_live_<id>_<secret><checksum>`. A scanner that finds one knows
it for what it is without asking us; what names it in lists is all before the secret."""

import hmac
import re
import secrets
import string
import zlib
from dataclasses import dataclass, field

from app.core.tokens import hash_token

BEGINNING = "cr_"
_LETTERS = string.digits + string.ascii_letters
_ID_LENGTH = 12
_SECRET_LENGTH = 43  # 256 bits
_CHECKSUM_LENGTH = 6
_FORM = re.compile(
    rf"({BEGINNING}live_[0-9A-Za-z]{{{_ID_LENGTH}}})"
    rf"_[0-9A-Za-z]{{{_SECRET_LENGTH + _CHECKSUM_LENGTH}}}"
)


@dataclass(frozen=True, slots=True)
class NewKey:
    """`prefix` is no secret; `text` is, and is shown once."""

    prefix: str
    text: str = field(repr=False)


def make() -> NewKey:
    prefix = f"{BEGINNING}live_{_random(_ID_LENGTH)}"
    text = f"{prefix}_{_random(_SECRET_LENGTH)}"
    return NewKey(prefix, text + _checksum(text))


def prefix_of(text: str) -> str | None:
    """What a key is looked up by; None for what is none of ours, or mistyped."""
    found = _FORM.fullmatch(text)
    if found is None or _checksum(text[:-_CHECKSUM_LENGTH]) != text[-_CHECKSUM_LENGTH:]:
        return None
    return found[1]


def is_of(text: str, secret_hash: bytes) -> bool:
    """Whether a row with this hash is the key's, in a time that does not tell."""
    return hmac.compare_digest(hash_token(text), secret_hash)


def _random(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def _checksum(text: str) -> str:
    """CRC-32, the most significant letter first."""
    number, letters = zlib.crc32(text.encode()), ""
    for _ in range(_CHECKSUM_LENGTH):
        number, rest = divmod(number, len(_LETTERS))
        letters = _LETTERS[rest] + letters
    return letters
