"""Refresh tokens: the session, its user and the token's generation in the clear, and
an HMAC over them, so that any one we ever made is recognised without being stored."""

import re
from dataclasses import dataclass
from hmac import compare_digest
from uuid import UUID

from app.core.errors import InvalidToken
from app.core.settings import Settings
from app.core.tokens import derive_token

_FORM = re.compile(
    r"(?P<session>[0-9a-f]{32})\.(?P<user>[0-9a-f]{32})"
    r"\.(?P<generation>[0-9]{1,9})\.[A-Za-z0-9_-]{43}"
)


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """One generation of a session's token. That its HMAC is right does not yet say
    that it may be used: the hash stored with the session decides."""

    session_id: UUID
    user_id: UUID
    generation: int

    def text(self, settings: Settings) -> str:
        parts = (self.session_id.hex, self.user_id.hex, str(self.generation))
        return ".".join((*parts, derive_token(settings, "refresh", *parts)))


def read(settings: Settings, text: str) -> RefreshToken:
    """The token, if we made it; else InvalidToken, before the database is asked."""
    found = _FORM.fullmatch(text)
    if found is None:
        raise InvalidToken("This is no refresh token.")
    token = RefreshToken(
        UUID(found["session"]), UUID(found["user"]), int(found["generation"])
    )
    if not compare_digest(token.text(settings), text):
        raise InvalidToken("This refresh token is forged.")
    return token
