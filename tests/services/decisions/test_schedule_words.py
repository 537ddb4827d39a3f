"""Schedules told to people."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given

from app.services.decisions.schedule_input import new_schedule
from app.services.decisions.schedule_words import clock_change_rule, in_words, preview
from app.services.decisions.schedules import Cron, Schedule
from tests.services.decisions.test_expressions import cron_expressions

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def made(data: dict[str, Any]) -> Schedule:
    return new_schedule(data, default_timezone="Europe/Berlin", now=NOW)


def cron(expression: str) -> Schedule:
    return made({"kind": "cron", "expression": expression})


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"kind": "on_demand"}, "Only when asked."),
        ({"kind": "daily", "time": "09:00"}, "Every day at 09:00, Europe/Berlin."),
        (
            {"kind": "weekly", "days": ["fri", "mon", "wed"], "time": "09:00"},
            "Every Monday, Wednesday and Friday at 09:00, Europe/Berlin.",
        ),
        (
            {
                "kind": "weekly",
                "days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
                "time": "09:00",
                "timezone": "UTC",
            },
            "Every day at 09:00, UTC.",
        ),
        (
            {"kind": "monthly", "day": "last", "time": "09:00"},
            "Every month on its last day at 09:00, Europe/Berlin.",
        ),
        (
            {"kind": "monthly", "day": 28, "time": "09:00"},
            "Every month on day 28 at 09:00, Europe/Berlin.",
        ),
        (
            {"kind": "monthly", "day": 29, "time": "09:00"},
            (
                "Every month on day 29 (its last day where it is shorter) at 09:00,"
                " Europe/Berlin."
            ),
        ),
        (
            {"kind": "once", "at": "2026-12-24T18:00"},
            "Once, at 2026-12-24 18:00:00, Europe/Berlin.",
        ),
        (
            {
                "kind": "daily",
                "time": "09:00",
                "starts_at": "2026-07-01T00:00",
                "ends_at": "2026-08-01T00:00Z",
                "jitter_seconds": 90,
            },
            (
                "Every day at 09:00, Europe/Berlin, from 2026-07-01 00:00:00, until"
                " just before 2026-08-01 02:00:00, started up to 90 seconds later."
            ),
        ),
    ],
)
def test_a_schedule_is_one_sentence(data: dict[str, Any], words: str) -> None:
    assert in_words(made(data)) == words


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("0 9 * * 1-5", "At 09:00 on Monday through Friday, Europe/Berlin."),
        (
            "0 9 21,31 * *",
            "At 09:00 on the 21st and the 31st day of month, Europe/Berlin.",
        ),
        (
            "0 9 13 * 5",
            "At 09:00 on the 13th day of month, and also on Friday, Europe/Berlin.",
        ),
        (
            "cron(0 9 ? * MON-FRI *)",
            "At 09:00 on Monday through Friday, Europe/Berlin.",
        ),
        (
            "cron(0 9 15W * ? 2027-2029)",
            (
                "At 09:00 on the 15th day of every month, or the weekday nearest to it,"
                " only in 2027-2029, Europe/Berlin."
            ),
        ),
        ("rate(1 day)", "Every day, counted from 2026-01-01 00:00:00 UTC."),
        ("rate(90 minutes)", "Every 90 minutes, counted from 2026-01-01 00:00:00 UTC."),
        ("at(2026-12-24T18:00:00)", "Once, at 2026-12-24 18:00:00, Europe/Berlin."),
    ],
)
def test_an_expression_is_one_sentence(expression: str, words: str) -> None:
    assert in_words(cron(expression)) == words


@given(cron_expressions())
def test_every_expression_has_words(expression: str) -> None:
    assert in_words(Schedule(Cron(expression), "UTC")).endswith(", UTC.")


def notes(schedule: Schedule, day: str, count: int = 1) -> list[str | None]:
    now = datetime.fromisoformat(f"{day}T00:00Z")
    return [occurrence.note for occurrence in preview(schedule, now, count)]


def test_a_preview_shows_both_clocks() -> None:
    daily = made({"kind": "daily", "time": "09:00"})
    first, second = preview(daily, datetime(2026, 3, 28, tzinfo=UTC), count=2)
    assert first.utc == datetime(2026, 3, 28, 8, tzinfo=UTC)
    assert second.utc == datetime(2026, 3, 29, 7, tzinfo=UTC)
    assert first.local.isoformat() == "2026-03-28T09:00:00+01:00"
    assert second.local.isoformat() == "2026-03-29T09:00:00+02:00"
    assert first.note is second.note is None


def test_a_preview_tells_of_skipped_times() -> None:
    told = (
        "The clocks skip 02:30 on 2026-03-29; it runs at the first instant after,"
        " 03:00."
    )
    for schedule in (
        made({"kind": "daily", "time": "02:30"}),
        made({"kind": "once", "at": "2026-03-29T02:30"}),
        cron("30 2 * * *"),
        cron("at(2026-03-29T02:30:00)"),
    ):
        assert notes(schedule, "2026-03-29") == [told]
    assert notes(cron("0 3 * * *"), "2026-03-29") == [None]
    assert notes(cron("rate(1 hour)"), "2026-03-29", 3) == [None] * 3
    assert notes(cron("0 * * * *"), "2026-03-29", 3) == [None] * 3


def test_a_preview_tells_of_repeated_times() -> None:
    once = "The clocks show 02:30 twice; only the first runs."
    assert notes(made({"kind": "daily", "time": "02:30"}), "2026-10-25") == [once]
    assert notes(made({"kind": "once", "at": "2026-10-25T02:30"}), "2026-10-25") == [
        once
    ]
    assert notes(cron("*/30 2 * * *"), "2026-10-25", 3) == [
        "The clocks show 02:30 twice; both run, this is the first.",
        "The clocks show 02:00 twice; both run, this is the second.",
        "The clocks show 02:30 twice; both run, this is the second.",
    ]


def test_a_preview_tells_of_short_months() -> None:
    monthly = made({"kind": "monthly", "day": 31, "time": "09:00"})
    assert notes(monthly, "2026-01-31", 3) == [
        None,
        "February has no day 31; this is its last day.",
        None,
    ]
    last = made({"kind": "monthly", "day": "last", "time": "09:00"})
    assert notes(last, "2026-01-31", 3) == [None, None, None]


def test_a_preview_ends_with_the_schedule() -> None:
    ending = made({"kind": "daily", "time": "09:00", "ends_at": "2026-01-03T00:00"})
    assert len(preview(ending, NOW, count=5)) == 2
    assert preview(made({"kind": "on_demand"}), NOW) == []


def test_the_rule_for_clock_changes_can_be_read() -> None:
    assert "first instant after the gap" in clock_change_rule(cron("0 9 * * *"))
    assert "twice run twice" in clock_change_rule(cron("0 * * * *"))
    assert "real time" in clock_change_rule(cron("rate(1 day)"))
    assert "first instant" in clock_change_rule(cron("at(2026-12-24T18:00:00)"))
