"""What the secrets in the settings must be: long, random, and no example's. Each
refusal is a ValueError that names the variable."""

import re
from base64 import b64decode

from pydantic import SecretStr

MIN_SECRET_BYTES = 32
# Of 32 random bytes some 30 differ.
MIN_KEY_BYTES_THAT_DIFFER = 12
_WEAK = re.compile(r"change|secret|example|default|password|^(.)\1*$", re.IGNORECASE)
_KMS_KEY = re.compile(
    r"arn:aws:kms:[a-z]{2}(?:-[a-z]+)+-\d:\d{12}:key/[A-Za-z0-9-]{1,128}", re.ASCII
)


def is_an_examples(text: str) -> bool:
    return _WEAK.search(text) is not None


def refuse_guessable(name: str, secret: SecretStr, *, is_local: bool) -> None:
    """Of the secrets that are texts; in development only short ones are refused."""
    text = secret.get_secret_value()
    if len(text.encode()) < MIN_SECRET_BYTES:
        raise ValueError(f"{name} needs at least {MIN_SECRET_BYTES} bytes")
    if not is_local and is_an_examples(text):
        raise ValueError(f"{name} looks like an example, not like a secret")


def refuse_no_key(name: str, key: SecretStr, *, is_local: bool) -> None:
    """Of the keys of 32 bytes in base64; in development they need not be random."""
    try:
        plain = b64decode(key.get_secret_value(), validate=True)
    except ValueError as error:
        raise ValueError(f"{name} is not base64") from error
    if len(plain) != MIN_SECRET_BYTES:
        raise ValueError(f"{name} needs {MIN_SECRET_BYTES} bytes")
    if not is_local:
        refuse_not_random(name, plain)


def refuse_not_random(name: str, plain: bytes) -> None:
    if len(set(plain)) < MIN_KEY_BYTES_THAT_DIFFER:
        raise ValueError(f"{name} has a key that is not random")


def refuse_alias(name: str, arn: str) -> None:
    """Of a key in KMS: an alias may be pointed elsewhere, and would be two keys under
    one id."""
    if not _KMS_KEY.fullmatch(arn):
        raise ValueError(
            f"{name} takes ARNs of keys, not of aliases:"
            " arn:aws:kms:<region>:<12 digits>:key/<id>"
        )
