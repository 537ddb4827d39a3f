"""Schedules beside libraries that share no code with them: cronsim's own walk through
the hours, and dateutil's rules and zones."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cronsim import CronSim
from dateutil.rrule import DAILY, MONTHLY, WEEKLY, rrule
from dateutil.zoneinfo import get_zonefile_instance
from hypothesis import given
from hypothesis import strategies as st

from app.services.decisions.schedules import (
    Cron,
    Daily,
    Monthly,
    Schedule,
    Weekly,
    count_slots,
    slots_between,
)
from tests.services.decisions.by_the_minute import slots_by_looking
from tests.services.decisions.test_clock_changes import CHANGES

THREE_DAYS = timedelta(days=3)
# cronsim goes forward by whole hours, and gets out of step where clocks are changed by
# less; the other tests look at those.
BY_WHOLE_HOURS = [
    (zone, day)
    for zone, day in CHANGES
    if zone
    not in {
        "Asia/Pyongyang",
        "America/Caracas",
        "Australia/Lord_Howe",
        "Pacific/Chatham",
    }
]
# dateutil tells a repeated hour by its being winter time, which Morocco has turned
# round: its clocks go back for Ramadan, and that is its exception.
AS_DATEUTIL_SEES_IT = [
    change for change in CHANGES if change != ("Africa/Casablanca", "2026-02-14")
]


def _field(values: int) -> st.SearchStrategy[str]:
    listed = st.sets(st.integers(0, values - 1), min_size=1, max_size=4)
    return (
        st.just("*")
        | st.integers(2, values // 2).map(lambda step: f"*/{step}")
        | listed.map(lambda chosen: ",".join(map(str, sorted(chosen))))
    )


@given(minute=_field(60), hour=_field(24), change=st.sampled_from(BY_WHOLE_HOURS))
def test_cron_meets_a_clock_change_as_cronsim_does(
    minute: str, hour: str, change: tuple[str, str]
) -> None:
    zone, day = change
    expression = f"{minute} {hour} * * *"
    after = datetime.fromisoformat(f"{day}T00:00Z")
    until = after + THREE_DAYS
    expected = []
    for local in CronSim(expression, after.astimezone(ZoneInfo(zone))):
        slot = local.astimezone(UTC)
        if slot > until:
            break
        expected.append(slot)
    schedule = Schedule(Cron(expression), zone)
    assert slots_between(schedule, after, until, limit=5000) == expected
    assert count_slots(schedule, after, until) == len(expected)


@dataclass(frozen=True)
class Field:
    """What a field of cron says, and what it means, known before anybody reads it."""

    text: str
    values: frozenset[int]

    @property
    def is_any(self) -> bool:
        return self.text.startswith("*")


@st.composite
def fields(draw: st.DrawFn, low: int, high: int, *, named: int = 99) -> Field:
    """No number above `named` is named: not each month has the days beyond 28."""
    number = st.integers(low, min(high, named))
    least, most = sorted(draw(st.tuples(number, number)))
    step = draw(st.integers(1, high))
    every, some = range(low, high + 1), range(least, most + 1)
    chosen = sorted(draw(st.sets(number, min_size=1, max_size=3)))
    forms = [
        ("*", every),
        (f"*/{step}", every[::step]),
        (f"{least}-{most}", some),
        (f"{least}-{most}/{step}", some[::step]),
        (",".join(map(str, chosen)), chosen),
    ]
    text, values = draw(st.sampled_from(forms))
    return Field(text, frozenset(values))


@given(
    minute=fields(0, 59),
    hour=fields(0, 23),
    day=fields(1, 31, named=28),
    month=fields(1, 12),
    weekday=fields(0, 6),
    passed=st.timedeltas(timedelta(), timedelta(days=9000)),
)
def test_five_fields_name_the_times_that_recurrence_rules_give(
    *,
    minute: Field,
    hour: Field,
    day: Field,
    month: Field,
    weekday: Field,
    passed: timedelta,
) -> None:
    """Where both days are narrowed down, either is enough."""
    since = datetime(2020, 1, 1, tzinfo=UTC) + passed
    after = since.replace(tzinfo=None)
    by_day: dict[str, Any] = {"bymonthday": sorted(day.values)}
    by_weekday: dict[str, Any] = {
        "byweekday": sorted((one - 1) % 7 for one in weekday.values)
    }
    either = not (day.is_any or weekday.is_any)
    rules = [
        rrule(
            DAILY,
            dtstart=after.replace(hour=0, minute=0, second=0, microsecond=0),
            bymonth=sorted(month.values),
            byhour=sorted(hour.values),
            byminute=sorted(minute.values),
            bysecond=0,
            **days,
        )
        for days in ([by_day, by_weekday] if either else [by_day | by_weekday])
    ]
    found = {slot for rule in rules for slot in rule.xafter(after, count=3)}
    expected = [slot.replace(tzinfo=UTC) for slot in sorted(found)[:3]]
    expression = " ".join(one.text for one in (minute, hour, day, month, weekday))
    schedule = Schedule(Cron(expression), "UTC")
    assert slots_between(schedule, since, expected[-1], limit=9) == expected


@given(
    clock=st.times().map(lambda clock: clock.replace(second=0, microsecond=0)),
    change=st.sampled_from(AS_DATEUTIL_SEES_IT),
)
def test_a_daily_time_is_where_dateutils_clocks_show_it(
    clock: time, change: tuple[str, str]
) -> None:
    zone, day = change
    after = datetime.fromisoformat(f"{day}T00:00Z")
    until = after + THREE_DAYS

    def named(shown: datetime) -> bool:
        return shown.time() == clock

    place = get_zonefile_instance().get(zone)
    assert place is not None
    looked = slots_by_looking(named, place, after, until)
    assert slots_between(Schedule(Daily(clock), zone), after, until, 9) == looked


# At noon, which no clock skips or shows twice.
NOON = time(12)
NOON_ZONES = st.sampled_from(
    ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]
)


@given(
    days=st.sets(st.integers(0, 6), min_size=1),
    zone=NOON_ZONES,
    passed=st.timedeltas(timedelta(), timedelta(days=3000)),
)
def test_weekly_days_are_those_of_the_recurrence_rule(
    days: set[int], zone: str, passed: timedelta
) -> None:
    start = datetime(2020, 1, 1, tzinfo=UTC) + passed
    local = start.astimezone(ZoneInfo(zone)).replace(tzinfo=None, microsecond=0)
    rule = rrule(
        WEEKLY,
        dtstart=local.replace(hour=0, minute=0, second=0),
        byweekday=sorted(days),
        byhour=12,
        byminute=0,
        bysecond=0,
    )
    expected = [
        noon.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        for noon in rule.xafter(local, count=20)
    ]
    schedule = Schedule(Weekly(tuple(sorted(days)), NOON), zone)
    assert slots_between(schedule, start, expected[-1], limit=99) == expected


@given(zone=NOON_ZONES, passed=st.timedeltas(timedelta(), timedelta(days=3000)))
def test_the_last_day_of_each_month_is_that_of_the_recurrence_rule(
    zone: str, passed: timedelta
) -> None:
    start = datetime(2020, 1, 1, tzinfo=UTC) + passed
    local = start.astimezone(ZoneInfo(zone)).replace(tzinfo=None, microsecond=0)
    rule = rrule(
        MONTHLY,
        dtstart=local.replace(day=1, hour=0, minute=0, second=0),
        bymonthday=-1,
        byhour=12,
        byminute=0,
        bysecond=0,
    )
    expected = [
        noon.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        for noon in rule.xafter(local, count=20)
    ]
    schedule = Schedule(Monthly("last", NOON), zone)
    assert slots_between(schedule, start, expected[-1], limit=99) == expected
