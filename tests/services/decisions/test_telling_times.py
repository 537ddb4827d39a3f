"""Digests and quiet hours, also where the clocks change."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.decisions.telling_times import (
    Digest,
    QuietHours,
    next_digest,
    quiet_until,
)

BERLIN = "Europe/Berlin"
NIGHT = QuietHours(time(22), time(7), BERLIN)
NOON = QuietHours(time(12), time(13, 30), BERLIN)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("quiet", "instant", "until"),
    [
        (NIGHT, "2026-07-01T21:59:59+02:00", None),
        (NIGHT, "2026-07-01T22:00:00+02:00", "2026-07-02T07:00:00+02:00"),
        (NIGHT, "2026-07-02T06:59:59+02:00", "2026-07-02T07:00:00+02:00"),
        (NIGHT, "2026-07-02T07:00:00+02:00", None),
        (NOON, "2026-07-02T12:30:00+02:00", "2026-07-02T13:30:00+02:00"),
        (NOON, "2026-07-02T13:30:00+02:00", None),
        # A night of nine hours has ten real ones when the clocks go back.
        (NIGHT, "2026-10-24T22:00:00+02:00", "2026-10-25T07:00:00+01:00"),
        # The end is skipped on the last Sunday of March: the first instant after.
        (
            QuietHours(time(22), time(2, 30), BERLIN),
            "2026-03-29T01:30:00+01:00",
            "2026-03-29T03:00:00+02:00",
        ),
        # The end is shown twice: the first one counts.
        (
            QuietHours(time(22), time(2, 30), BERLIN),
            "2026-10-25T02:10:00+02:00",
            "2026-10-25T02:30:00+02:00",
        ),
        (
            QuietHours(time(22), time(2, 30), BERLIN),
            "2026-10-25T02:10:00+01:00",
            None,
        ),
    ],
)
def test_it_is_quiet_until(quiet: QuietHours, instant: str, until: str | None) -> None:
    assert quiet_until(quiet, at(instant)) == (until and at(until))


@pytest.mark.parametrize(
    ("digest", "now", "sent"),
    [
        (
            Digest("daily", time(9), BERLIN),
            "2026-07-01T08:59:59+02:00",
            "2026-07-01T09:00:00+02:00",
        ),
        (
            Digest("daily", time(9), BERLIN),
            "2026-07-01T09:00:00+02:00",
            "2026-07-02T09:00:00+02:00",
        ),
        (
            Digest("weekly", time(9), BERLIN, day=0),
            "2026-07-01T09:00:00+02:00",  # a Wednesday
            "2026-07-06T09:00:00+02:00",
        ),
        (
            Digest("daily", time(2, 30), BERLIN),
            "2026-03-28T12:00:00+01:00",
            "2026-03-29T03:00:00+02:00",
        ),
    ],
)
def test_a_digest_is_sent_at(digest: Digest, now: str, sent: str) -> None:
    assert next_digest(digest, at(now)) == at(sent)


CLOCKS = st.times().map(lambda one: one.replace(microsecond=0, tzinfo=None))
INSTANTS = st.integers(0, 2 * 366 * 86_400).map(
    lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
ZONES = st.sampled_from([BERLIN, "UTC", "America/St_Johns", "Australia/Lord_Howe"])


@given(
    CLOCKS, st.timedeltas(timedelta(minutes=1), timedelta(hours=20)), ZONES, INSTANTS
)
def test_quiet_hours_end_within_a_day_and_a_clock_change(
    begin: time, length: timedelta, timezone: str, instant: datetime
) -> None:
    until = (datetime.combine(instant, begin) + length).time().replace(microsecond=0)
    quiet = QuietHours(begin, until, timezone)
    end = quiet_until(quiet, instant)
    if end is not None:
        assert instant < end <= instant + timedelta(hours=25)
        assert quiet_until(quiet, end) is None
