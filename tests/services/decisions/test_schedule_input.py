"""The JSON form of schedules: read, written back, refused."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.decisions.impossible import ImpossibleSchedule
from app.services.decisions.schedule_input import (
    new_schedule,
    parse_schedule,
    read_schedule,
    to_json,
)
from app.services.decisions.schedules import Cron, Schedule, next_slot

NOW = datetime(2026, 5, 1, 12, 34, 56, 789, tzinfo=UTC)
DAILY = {"kind": "daily", "time": "09:00"}
GOOD: list[dict[str, Any]] = [
    {"kind": "on_demand"},
    DAILY,
    {**DAILY, "timezone": "Asia/Kathmandu"},
    {**DAILY, "starts_at": "2026-06-01T00:00", "ends_at": "2027-06-01T00:00+05:30"},
    {**DAILY, "jitter_seconds": 600, "timezone": None},
    {"kind": "weekly", "days": ["fri", "mon", "fri"], "time": "23:59"},
    {"kind": "monthly", "day": 31, "time": "00:00"},
    {"kind": "monthly", "day": "last", "time": "00:00"},
    {"kind": "once", "at": "2026-12-24T18:00:00"},
    {"kind": "once", "at": "2026-12-24T18:00:00-05:00", "parameters": {"deep": [1]}},
    {"kind": "cron", "expression": "0 9 * * 1-5"},
    {"kind": "cron", "expression": "cron(0 9 * * ? *)"},
    {"kind": "cron", "expression": "at(2026-12-24T18:00:00)"},
    {"kind": "cron", "expression": "rate(1 hour)"},
    {"kind": "cron", "expression": "rate(1 hour)", "starts_at": "2026-06-01T00:00"},
    {"kind": "cron", "expression": "rate(1 hour)", "anchor": "2026-01-01T00:00Z"},
]


def made(data: dict[str, Any]) -> Schedule:
    return new_schedule(data, default_timezone="Europe/Berlin", now=NOW)


@pytest.mark.parametrize("data", GOOD)
def test_what_is_stored_is_read_back_equal(data: dict[str, Any]) -> None:
    schedule = made(data)
    stored = to_json(schedule)
    assert parse_schedule(stored, default_timezone="UTC") == schedule
    assert to_json(parse_schedule(stored, default_timezone="UTC")) == stored
    assert isinstance(hash(schedule), int)


def test_a_time_without_an_offset_is_a_wall_clock_of_the_zone() -> None:
    schedule = made({**DAILY, "starts_at": "2026-06-01T00:00"})
    assert schedule.timezone == "Europe/Berlin"
    assert schedule.starts_at == datetime(2026, 5, 31, 22, tzinfo=UTC)


def test_a_new_rate_is_counted_from_now_or_from_its_start() -> None:
    whole_second = NOW.replace(microsecond=0)
    rate = {"kind": "cron", "expression": "rate(1 hour)"}
    assert made(rate).rule == Cron("rate(1 hour)", whole_second)
    assert next_slot(made(rate), NOW) == whole_second + timedelta(hours=1)
    started = made({**rate, "starts_at": "2026-06-01T00:00"})
    assert next_slot(started, NOW) == datetime(2026, 5, 31, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("data", "member", "code"),
    [
        ({}, "kind", "required"),
        ({"kind": 3}, "kind", "wrong_type"),
        ({"kind": "hourly"}, "kind", "unknown_kind"),
        ({"kind": "daily"}, "time", "required"),
        ({"kind": "daily", "time": None}, "time", "required"),
        ({"kind": "daily", "time": "24:00"}, "time", "not_a_time"),
        ({"kind": "daily", "time": "9:00"}, "time", "not_a_time"),
        ({"kind": "daily", "time": "09:00:30"}, "time", "not_a_time"),
        ({"kind": "daily", "time": 9}, "time", "wrong_type"),
        ({**DAILY, "days": ["mon"]}, "days", "unexpected_member"),
        ({**DAILY, "expression": "rate(no)"}, "expression", "unexpected_member"),
        ({**DAILY, "timezone": "Mars/Olympus"}, "timezone", "unknown_timezone"),
        ({**DAILY, "timezone": "../etc/passwd"}, "timezone", "unknown_timezone"),
        ({**DAILY, "timezone": "localtime"}, "timezone", "unknown_timezone"),
        ({**DAILY, "timezone": ""}, "timezone", "unknown_timezone"),
        ({**DAILY, "timezone": 1}, "timezone", "wrong_type"),
        ({**DAILY, "starts_at": "tomorrow"}, "starts_at", "not_a_date_time"),
        ({**DAILY, "starts_at": "2026-02-30T00:00"}, "starts_at", "not_a_date_time"),
        ({**DAILY, "starts_at": "9999-12-31T23:59-12:00"}, "starts_at", "out_of_range"),
        (
            {**DAILY, "starts_at": "2027-01-01T00:00", "ends_at": "2027-01-01T00:00"},
            "ends_at",
            "ends_before_it_starts",
        ),
        ({**DAILY, "ends_at": "2026-01-01T00:00Z"}, "ends_at", "in_the_past"),
        (
            {**DAILY, "starts_at": "2027-01-01T10:00", "ends_at": "2027-01-01T11:00"},
            "ends_at",
            "never_fires",
        ),
        ({**DAILY, "jitter_seconds": -1}, "jitter_seconds", "out_of_range"),
        ({**DAILY, "jitter_seconds": 86_401}, "jitter_seconds", "out_of_range"),
        ({**DAILY, "jitter_seconds": True}, "jitter_seconds", "out_of_range"),
        (
            {"kind": "cron", "expression": "*/5 * * * *", "jitter_seconds": 301},
            "jitter_seconds",
            "jitter_too_long",
        ),
        ({"kind": "weekly", "time": "09:00"}, "days", "required"),
        ({"kind": "weekly", "days": [], "time": "09:00"}, "days", "wrong_type"),
        ({"kind": "weekly", "days": "mon", "time": "09:00"}, "days", "wrong_type"),
        (
            {"kind": "weekly", "days": ["Mon"], "time": "09:00"},
            "days",
            "unknown_weekday",
        ),
        ({"kind": "weekly", "days": [[]], "time": "09:00"}, "days", "unknown_weekday"),
        ({"kind": "monthly", "day": 0, "time": "09:00"}, "day", "not_a_day"),
        ({"kind": "monthly", "day": 32, "time": "09:00"}, "day", "not_a_day"),
        ({"kind": "monthly", "day": True, "time": "09:00"}, "day", "not_a_day"),
        ({"kind": "monthly", "day": "first", "time": "09:00"}, "day", "not_a_day"),
        ({"kind": "once"}, "at", "required"),
        ({"kind": "once", "at": "2026-05-01T12:00Z"}, "at", "in_the_past"),
        (
            {"kind": "once", "at": "2027-01-01T00:00", "parameters": [1]},
            "parameters",
            "wrong_type",
        ),
        ({"kind": "cron"}, "expression", "required"),
        ({"kind": "cron", "expression": ["*"]}, "expression", "wrong_type"),
        ({"kind": "cron", "expression": "0 9 31 2 *"}, "expression", "never_fires"),
        # that hour of that day is always skipped, and * follows the time that passes
        ({"kind": "cron", "expression": "* 2 * 3 7L"}, "expression", "in_the_past"),
        ({**DAILY, "a/b~c": 1}, "a~1b~0c", "unexpected_member"),
        (
            {"kind": "cron", "expression": "cron(0 9 1 1 ? 2020)"},
            "expression",
            "in_the_past",
        ),
        (
            {"kind": "cron", "expression": "at(2020-01-01T00:00:00)"},
            "expression",
            "in_the_past",
        ),
        (
            {"kind": "cron", "expression": "0 9 * * *", "anchor": "2026-01-01T00:00Z"},
            "anchor",
            "unexpected_member",
        ),
    ],
)
def test_refuses_an_impossible_schedule_and_names_the_member(
    data: dict[str, Any], member: str, code: str
) -> None:
    with pytest.raises(ImpossibleSchedule) as refusal:
        made(data)
    (wrong,) = refusal.value.fields
    assert (wrong.pointer, wrong.code) == (f"/schedule/{member}", code)


def test_a_stored_rate_must_have_its_anchor() -> None:
    with pytest.raises(ImpossibleSchedule):
        parse_schedule(
            {"kind": "cron", "expression": "rate(1 hour)"}, default_timezone="UTC"
        )


def test_what_has_run_out_can_still_be_read() -> None:
    past = parse_schedule(
        {"kind": "once", "at": "2020-01-01T00:00Z"}, default_timezone="UTC"
    )
    assert next_slot(past, NOW) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(st.sampled_from(GOOD), st.data())
def test_anything_in_a_member_is_read_or_refused(
    good: dict[str, Any], data: st.DataObject
) -> None:
    member = data.draw(st.sampled_from(sorted(good)))
    with suppress(ImpossibleSchedule):
        schedule = made({**good, member: data.draw(JSON)})
        assert parse_schedule(to_json(schedule), default_timezone="UTC") == schedule


@given(JSON, st.sampled_from(GOOD), st.data())
def test_whatever_json_is_stored_is_a_schedule_or_an_impossible_one(
    anything: Any, good: dict[str, Any], data: st.DataObject
) -> None:
    member = data.draw(st.sampled_from(sorted(good)))
    for stored in (anything, {**good, member: anything}):
        with suppress(ImpossibleSchedule):
            schedule = read_schedule(json.dumps(stored), default_timezone="UTC")
            next_slot(schedule, NOW)
