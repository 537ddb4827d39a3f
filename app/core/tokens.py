"""Access tokens (JWT) and the opaque tokens of sessions and mails. The only module
that knows python-jose (docs/decisions/0001)."""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from uuid import UUID

from jose import jwt
from jose.exceptions import JOSEError

from app.core.clock import now
from app.core.errors import InvalidToken
from app.core.settings import Settings

_ALGORITHM = "HS256"
_AUDIENCE = "cloudrota-api"
_MAX_TOKEN_LENGTH = 2048
# The library skips what is no letter of a signature.
_FORM = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
# None lives longer, or was made later than now by the clock of a machine of ours.
_LONGEST = timedelta(days=1)
_CLOCKS_DIFFER_BY = timedelta(minutes=1)
_UNREADABLE = (
    *(JOSEError, KeyError, ValueError, TypeError, AttributeError),
    OverflowError,  # of a time that is none
)


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """`expires_at` is known of claims that were read from a token."""

    user_id: UUID
    organization_id: UUID
    session_id: UUID
    expires_at: datetime | None = field(default=None, compare=False)

    @property
    def signature(self) -> str:
        """How logs and events name who did it."""
        return f"user:{self.user_id}"


def issue_access_token(settings: Settings, claims: AccessClaims) -> tuple[str, int]:
    """A signed token and the seconds it lives."""
    lifetime = timedelta(minutes=settings.access_token_minutes)
    issued = now()
    payload = {
        "sub": str(claims.user_id),
        "org": str(claims.organization_id),
        "sid": str(claims.session_id),
        "iss": settings.public_url,
        "aud": _AUDIENCE,
        "iat": issued,
        "exp": issued + lifetime,
    }
    secret = settings.secret_key.get_secret_value()
    token = jwt.encode(payload, secret, algorithm=_ALGORITHM)
    return token, int(lifetime.total_seconds())


def read_access_token(settings: Settings, token: str) -> AccessClaims:
    """The claims of a token that is ours, whole and not expired; else InvalidToken."""
    if len(token) > _MAX_TOKEN_LENGTH:
        raise InvalidToken("The token is too long.")
    if _FORM.fullmatch(token) is None:
        raise _refused()
    secret = settings.secret_key.get_secret_value()
    try:
        claims = _verified(secret, settings.public_url, token)
    except _UNREADABLE as error:
        raise _refused() from error
    assert claims.expires_at is not None
    if claims.expires_at <= now():
        raise _refused()
    return claims


@lru_cache(maxsize=4096)
def _verified(secret: str, issuer: str, token: str) -> AccessClaims:
    """What is signed stays so: only when it ends is asked anew of a token that was
    verified. What fails is not remembered."""
    required = {f"require_{claim}": True for claim in ("exp", "iat", "sub")}
    payload = jwt.decode(
        token,
        secret,
        algorithms=[_ALGORITHM],
        audience=_AUDIENCE,
        issuer=issuer,
        options={**required, "require_aud": True, "require_iss": True},
    )
    return AccessClaims(
        UUID(payload["sub"]),
        UUID(payload["org"]),
        UUID(payload["sid"]),
        _end(payload["iat"], payload["exp"]),
    )


def _end(issued: float, ends: float) -> datetime:
    """When a token ends; ValueError if no token of ours is issued then or lives so
    long."""
    latest = (now() + _CLOCKS_DIFFER_BY).timestamp()
    if issued > latest or ends - issued > _LONGEST.total_seconds():
        raise ValueError("it is of another time")
    return datetime.fromtimestamp(ends, UTC)


def _refused() -> InvalidToken:
    return InvalidToken("The token is expired, forged or not ours.")


def derive_token(settings: Settings, purpose: str, *parts: str) -> str:
    """An opaque 256-bit token that only we can make: the HMAC of what it stands for.

    It can be made again from the row it belongs to, so that neither the database nor
    a queue ever holds it in plain text.
    """
    message = "\x00".join((purpose, *parts)).encode()
    key = settings.secret_key.get_secret_value().encode()
    digest = hmac.digest(key, message, "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def hash_token(token: str) -> bytes:
    """What the database stores of an opaque token (it has 256 random bits, so a
    plain hash is enough)."""
    return hashlib.sha256(token.encode()).digest()
