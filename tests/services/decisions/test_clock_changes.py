"""What schedules do when clocks change, by table and against looking at each minute."""

from datetime import datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.decisions.schedules import (
    Cron,
    Daily,
    Once,
    Schedule,
    Weekly,
    count_slots,
    last_slot,
    next_slot,
    slots_between,
)
from app.services.decisions.zones import steady_offset
from tests.services.decisions.by_the_minute import slots_by_looking

# The UTC day before a change, or the one before that; each is of another sort.
CHANGES = [
    ("Europe/Berlin", "2026-03-28"),
    ("Europe/Berlin", "2026-10-24"),
    ("America/New_York", "2026-03-07"),
    ("America/New_York", "2026-10-31"),
    ("Australia/Lord_Howe", "2026-04-03"),  # half an hour
    ("Australia/Lord_Howe", "2026-10-02"),
    ("Pacific/Chatham", "2026-04-03"),  # offset with three quarters
    ("Antarctica/Troll", "2026-03-28"),  # two hours
    ("Antarctica/Troll", "2026-10-24"),
    ("America/Nuuk", "2026-03-28"),  # the gap ends at midnight
    ("America/Nuuk", "2026-10-24"),
    ("America/Havana", "2026-03-07"),  # there is no midnight
    ("Africa/Cairo", "2026-10-28"),  # 23 o'clock twice
    ("America/St_Johns", "2011-11-05"),  # one minute after midnight, back
    ("Africa/Casablanca", "2026-02-14"),  # Ramadan
    ("Africa/Casablanca", "2026-03-21"),
    ("Asia/Almaty", "2024-02-28"),  # another standard time
    ("Asia/Pyongyang", "2018-05-03"),
    ("America/Caracas", "2016-04-30"),
    ("Europe/Volgograd", "2020-12-26"),
    ("Pacific/Apia", "2011-12-29"),  # a whole day is missing
    ("America/Mexico_City", "2026-03-31"),  # no summer time any more
    ("UTC", "2026-03-28"),
]
ONE_DAY = timedelta(days=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def cron(expression: str, zone: str) -> Schedule:
    return Schedule(Cron(expression), zone)


class Asked(NamedTuple):
    """Minutes and hours, and None for `*`."""

    minutes: frozenset[int] | None
    hours: frozenset[int] | None

    @property
    def expression(self) -> str:
        return f"{_written(self.minutes)} {_written(self.hours)} * * *"

    def names(self, clock: datetime) -> bool:
        return (self.minutes is None or clock.minute in self.minutes) and (
            self.hours is None or clock.hour in self.hours
        )


def _written(values: frozenset[int] | None) -> str:
    return "*" if values is None else ",".join(str(value) for value in sorted(values))


ASKED = st.builds(
    Asked,
    st.none() | st.frozensets(st.integers(0, 59), min_size=1, max_size=4),
    st.none() | st.frozensets(st.integers(0, 23), min_size=1, max_size=5),
)
# Most clocks change in these hours.
ASKED_AT_NIGHT = st.builds(
    Asked,
    st.frozensets(st.sampled_from([0, 1, 15, 29, 30, 31, 45, 59]), min_size=1),
    st.frozensets(st.sampled_from([0, 1, 2, 3, 4, 22, 23]), min_size=1, max_size=4),
)


@given(asked=ASKED | ASKED_AT_NIGHT, change=st.sampled_from(CHANGES))
def test_finds_the_slots_that_looking_at_every_minute_finds(
    asked: Asked, change: tuple[str, str]
) -> None:
    zone, day = change
    after = at(f"{day}T00:00Z")
    until = after + 3 * ONE_DAY
    schedule = cron(asked.expression, zone)

    looked = slots_by_looking(
        asked.names,
        ZoneInfo(zone),
        after,
        until,
        by_elapsed_time=asked.minutes is None or asked.hours is None,
    )

    assert slots_between(schedule, after, until, limit=5000) == looked
    assert count_slots(schedule, after, until) == len(looked)
    # last_slot excludes its end, slots_between its beginning
    a_moment_later = timedelta(microseconds=1)
    last = last_slot(
        schedule, before=until + a_moment_later, not_before=after + a_moment_later
    )
    assert last == (looked[-1] if looked else None)


@given(
    clock=st.times().map(lambda clock: clock.replace(second=0, microsecond=0)),
    change=st.sampled_from(CHANGES),
    weekdays=st.sets(st.integers(0, 6), min_size=1),
)
def test_daily_and_weekly_times_run_once_whatever_the_clocks_do(
    clock: time, change: tuple[str, str], weekdays: set[int]
) -> None:
    zone, day = change
    after = at(f"{day}T00:00Z")
    until = after + 3 * ONE_DAY

    def named(shown: datetime) -> bool:
        return shown.time() == clock

    def named_that_day(shown: datetime) -> bool:
        return named(shown) and shown.weekday() in weekdays

    place = ZoneInfo(zone)
    daily = Schedule(Daily(clock), zone)
    weekly = Schedule(Weekly(tuple(sorted(weekdays)), clock), zone)
    assert slots_between(daily, after, until, 10) == slots_by_looking(
        named, place, after, until
    )
    assert slots_between(weekly, after, until, 10) == slots_by_looking(
        named_that_day, place, after, until
    )


@given(
    asked=ASKED_AT_NIGHT,
    change=st.sampled_from(CHANGES),
    minutes=st.integers(0, 3 * 1440),
    seconds=st.floats(0, 59.999),
)
def test_the_next_slot_is_later_and_no_slot_lies_between(
    asked: Asked, change: tuple[str, str], minutes: int, seconds: float
) -> None:
    zone, day = change
    now = at(f"{day}T00:00Z") + timedelta(minutes=minutes, seconds=seconds)
    schedule = cron(asked.expression, zone)

    following = next_slot(schedule, now)

    assert following is not None
    assert following > now
    assert count_slots(schedule, now, following) == 1
    assert following.utcoffset() == timedelta()


@pytest.mark.parametrize(
    ("zone", "clock", "after", "slot"),
    [
        # skipped: the first instant after the gap
        ("Europe/Berlin", time(2, 30), "2026-03-28T12:00Z", "2026-03-29T01:00Z"),
        ("America/New_York", time(2, 0), "2026-03-08T00:00Z", "2026-03-08T07:00Z"),
        ("Australia/Lord_Howe", time(2, 15), "2026-10-03T12:00Z", "2026-10-03T15:30Z"),
        ("America/Nuuk", time(23, 30), "2026-03-28T12:00Z", "2026-03-29T01:00Z"),
        ("America/Havana", time(0, 0), "2026-03-07T12:00Z", "2026-03-08T05:00Z"),
        ("Pacific/Apia", time(12, 0), "2011-12-30T00:00Z", "2011-12-30T10:00Z"),
        # repeated: the first of the two
        ("Europe/Berlin", time(2, 30), "2026-10-24T12:00Z", "2026-10-25T00:30Z"),
        ("America/New_York", time(1, 59), "2026-11-01T00:00Z", "2026-11-01T05:59Z"),
        ("Australia/Lord_Howe", time(1, 45), "2026-04-04T12:00Z", "2026-04-04T14:45Z"),
        # and not the second, also when asked between the two
        ("Europe/Berlin", time(2, 30), "2026-10-25T01:15Z", "2026-10-26T01:30Z"),
        # the rule was changed: Mexico has stayed on its winter time since 2022
        ("America/Mexico_City", time(9), "2021-07-01T00:00Z", "2021-07-01T14:00Z"),
        ("America/Mexico_City", time(9), "2026-07-01T00:00Z", "2026-07-01T15:00Z"),
        ("Asia/Almaty", time(9), "2024-02-29T00:00Z", "2024-02-29T03:00Z"),
        ("Asia/Almaty", time(9), "2024-03-01T00:00Z", "2024-03-01T04:00Z"),
    ],
)
def test_a_daily_time_meets_a_clock_change(
    zone: str, clock: time, after: str, slot: str
) -> None:
    assert next_slot(Schedule(Daily(clock), zone), at(after)) == at(slot)


def test_slots_that_a_gap_moves_onto_one_instant_are_one_slot() -> None:
    schedule = cron("0,30 2,3 * * *", "Europe/Berlin")
    assert slots_between(
        schedule, at("2026-03-29T00:00Z"), at("2026-03-29T12:00Z"), limit=9
    ) == [at("2026-03-29T01:00Z"), at("2026-03-29T01:30Z")]


def test_a_wildcard_expression_follows_the_time_that_passes() -> None:
    schedule = cron("*/30 * * * *", "Europe/Berlin")
    spring, autumn = at("2026-03-29T00:00Z"), at("2026-10-25T00:00Z")
    for morning in (spring, autumn):
        assert count_slots(schedule, morning, morning + timedelta(hours=3)) == 6


def test_a_single_run_in_a_gap_waits_for_its_end() -> None:
    once = Schedule(Once(at("2026-03-29T02:30")), "Europe/Berlin")
    expressed = cron("at(2026-03-29T02:30:00)", "Europe/Berlin")
    for schedule in (once, expressed):
        assert next_slot(schedule, at("2026-03-01T00:00Z")) == at("2026-03-29T01:00Z")
        assert next_slot(schedule, at("2026-03-29T01:00Z")) is None


def test_the_day_after_a_change_is_not_steady_either() -> None:
    """A repeated hour may reach over midnight UTC, though none has since 1970."""
    berlin = ZoneInfo("Europe/Berlin")
    change = (at("2026-10-25T00:00Z") - at("1970-01-01T00:00Z")).days
    offsets = [steady_offset(berlin, change + day) for day in (-1, 0, 1, 2)]
    assert offsets == [7200, None, None, 3600]
