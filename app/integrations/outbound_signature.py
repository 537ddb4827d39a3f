"""How a receiver knows that a message is ours and fresh: the headers of the Standard
Webhooks specification, an HMAC-SHA256 over id, time and body."""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime

from app.core.secret import Secret

SECRET_BEGINNING = "whsec_"  # noqa: S105 — how a secret begins, not a secret
_VERSION = "v1"


def signed_headers(
    secrets: Sequence[Secret], *, message_id: str, at: datetime, body: bytes
) -> Mapping[str, str]:
    """The headers that sign `body`, once with each of `secrets` (two in rotation),
    which are `whsec_` and base64. A repeat keeps its id and gets a new time."""
    seconds = str(int(at.timestamp()))
    message = b".".join((message_id.encode(), seconds.encode(), body))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": seconds,
        "webhook-signature": " ".join(_sign(secret, message) for secret in secrets),
    }


def _sign(secret: Secret, message: bytes) -> str:
    text = secret.reveal().removeprefix(SECRET_BEGINNING)
    key = base64.b64decode(text, validate=True)
    digest = hmac.new(key, message, hashlib.sha256).digest()
    return f"{_VERSION},{base64.b64encode(digest).decode()}"
