"""What a presented refresh token is worth: decided from its session as it stands."""

from datetime import datetime, timedelta
from enum import StrEnum

from app.models.user import UserSession

# Two tabs, or a client whose answer was lost, come twice with one token.
GRACE = timedelta(seconds=10)


class Rotation(StrEnum):
    ADVANCE = "advance"  # the present token: replace it
    REPEAT = "repeat"  # its predecessor, just now: answer the same successor again
    ENDED = "ended"  # the session is over
    REUSED = "reused"  # a token used up before: somebody kept a copy


def decide(
    session: UserSession, presented_hash: bytes, now: datetime, *, idle: timedelta
) -> Rotation:
    """For a token that we did make, for this session, at some time. A session that
    nobody refreshed for as long as `idle` is over."""
    if session.revoked_at is not None or session.expires_at <= now:
        return Rotation.ENDED
    if session.rotated_at + idle <= now:
        return Rotation.ENDED
    if presented_hash == session.token_hash:
        return Rotation.ADVANCE
    is_previous = presented_hash == session.previous_token_hash
    if is_previous and now - session.rotated_at <= GRACE:
        return Rotation.REPEAT
    return Rotation.REUSED
