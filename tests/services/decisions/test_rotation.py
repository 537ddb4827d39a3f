"""What each generation of a refresh token is worth, and when."""

from datetime import UTC, datetime, timedelta

import pytest

from app.models.user import UserSession
from app.services.decisions.rotation import GRACE, Rotation, decide

NOW = datetime(2026, 3, 29, 1, 59, 59, tzinfo=UTC)
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


def _session(**changes: object) -> UserSession:
    facts = {
        "token_hash": b"present",
        "previous_token_hash": b"previous",
        "rotated_at": NOW,
        "expires_at": NOW + timedelta(days=1),
        "revoked_at": None,
        **changes,
    }
    return UserSession(**facts)


@pytest.mark.parametrize(
    ("presented", "later", "expected"),
    [
        (b"present", timedelta(), Rotation.ADVANCE),
        (b"present", timedelta(hours=23), Rotation.ADVANCE),
        (b"present", timedelta(days=1), Rotation.ENDED),
        (b"previous", timedelta(), Rotation.REPEAT),
        (b"previous", GRACE, Rotation.REPEAT),
        (b"previous", GRACE + SECOND, Rotation.REUSED),
        (b"older", timedelta(), Rotation.REUSED),
        (b"older", timedelta(days=2), Rotation.ENDED),
    ],
)
def test_decides_by_generation_and_time(
    presented: bytes, later: timedelta, expected: Rotation
) -> None:
    assert decide(_session(), presented, NOW + later, idle=DAY) is expected


@pytest.mark.parametrize("presented", [b"present", b"previous", b"older"])
def test_what_nobody_used_for_long_is_over_before_its_day(presented: bytes) -> None:
    hour = timedelta(hours=1)
    last = NOW + hour - SECOND
    assert decide(_session(), presented, last, idle=hour) is not Rotation.ENDED
    assert decide(_session(), presented, NOW + hour, idle=hour) is Rotation.ENDED


@pytest.mark.parametrize("presented", [b"present", b"previous", b"older"])
def test_a_revoked_session_is_over_for_every_token(presented: bytes) -> None:
    assert decide(_session(revoked_at=NOW), presented, NOW, idle=DAY) is Rotation.ENDED


def test_a_session_never_rotated_has_no_previous_token() -> None:
    fresh = _session(previous_token_hash=None)
    assert decide(fresh, b"previous", NOW, idle=DAY) is Rotation.REUSED
