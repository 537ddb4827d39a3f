"""Schedules: kinds, limits, jitter, intervals."""

from datetime import UTC, datetime, time, timedelta
from uuid import UUID

import pytest
from dateutil.rrule import MONTHLY, rrule
from hypothesis import given
from hypothesis import strategies as st

from app.services.decisions.schedules import (
    Cron,
    Daily,
    Monthly,
    Once,
    OnDemand,
    Rule,
    Schedule,
    Weekly,
    count_slots,
    last_slot,
    next_slot,
    not_before,
    shortest_interval,
    slots_between,
    stale_at,
)

NOON = time(12)
START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NOON_OF_THE_NINTH = datetime.fromisoformat("2026-01-09T12:00")  # a wall clock
ANCHOR = datetime(2026, 1, 3, 4, 5, 6, tzinfo=UTC)
RULES: list[Rule] = [
    OnDemand(),
    Daily(NOON),
    Weekly((0, 4), NOON),
    Monthly(31, NOON),
    Once(NOON_OF_THE_NINTH),
    Once(NOON_OF_THE_NINTH.replace(second=30, tzinfo=UTC)),
    Cron("*/7 * * * *"),
    Cron("0 9 29 2 *"),
    Cron("rate(36 minutes)", ANCHOR),
    Cron("at(2026-01-09T12:00:00)"),
    Cron("cron(0 9 1 1 ? 2026)"),
]
RULES_AND_ZONES = st.builds(
    Schedule,
    rule=st.sampled_from(RULES),
    timezone=st.sampled_from(["UTC", "Asia/Kathmandu", "America/New_York"]),
    starts_at=st.none() | st.just(START + timedelta(days=4, seconds=7)),
    ends_at=st.none() | st.just(START + timedelta(days=9, microseconds=5)),
)
MOMENTS = st.timedeltas(-2 * DAY, 13 * DAY).map(lambda passed: START + passed)


@given(RULES_AND_ZONES, MOMENTS, MOMENTS)
def test_counting_listing_and_looking_back_agree(
    schedule: Schedule, one: datetime, other: datetime
) -> None:
    after, until = sorted((one, other))
    slots = slots_between(schedule, after, until, limit=10_000)
    assert slots == sorted(set(slots))
    assert count_slots(schedule, after, until) == len(slots)

    last = last_slot(schedule, before=until, not_before=after)
    inside = [slot for slot in slots if slot < until]
    if next_slot(schedule, after - timedelta(microseconds=1)) == after:
        inside = inside or [after] * (after < until)
    assert last == (inside[-1] if inside else None)


@given(RULES_AND_ZONES, MOMENTS)
def test_slots_lie_within_the_limits_of_the_schedule(
    schedule: Schedule, after: datetime
) -> None:
    for slot in slots_between(schedule, after, after + 20 * DAY, limit=500):
        assert schedule.starts_at is None or schedule.starts_at <= slot
        assert schedule.ends_at is None or slot < schedule.ends_at


def test_a_start_is_included_and_an_end_is_not() -> None:
    noon = START + 12 * HOUR
    schedule = Schedule(Daily(NOON), "UTC", starts_at=noon, ends_at=noon + 2 * DAY)
    assert slots_between(schedule, START, START + 9 * DAY, 9) == [noon, noon + DAY]


@given(day=st.integers(1, 31))
def test_monthly_runs_every_month_on_the_day_or_on_the_last(day: int) -> None:
    schedule = Schedule(Monthly(day, NOON), "UTC")
    days = range(min(day, 28), day + 1)
    rule = rrule(
        MONTHLY, dtstart=START, byhour=12, bysetpos=-1, bymonthday=days, count=48
    )
    assert slots_between(schedule, START, START + 1600 * DAY, 48) == list(rule)


def test_the_last_day_is_the_same_as_day_31() -> None:
    last, thirty_first = (
        Schedule(Monthly(day, NOON), "Asia/Tokyo") for day in ("last", 31)
    )
    until = START + 900 * DAY
    assert slots_between(last, START, until, 99) == slots_between(
        thirty_first, START, until, 99
    )


def test_a_limit_lists_the_first_slots() -> None:
    schedule = Schedule(Cron("* * * * *"), "UTC")
    assert slots_between(schedule, START, START + DAY, limit=2) == [
        START + timedelta(minutes=1),
        START + timedelta(minutes=2),
    ]


@pytest.mark.parametrize(
    ("rule", "interval"),
    [
        (OnDemand(), None),
        (Once(NOON_OF_THE_NINTH), None),
        (Cron("at(2026-01-09T12:00:00)"), None),
        (Cron("cron(0 9 1 1 ? 2026)"), None),
        (Daily(NOON), DAY),
        (Weekly((0, 4), NOON), 3 * DAY),
        (Weekly((6,), NOON), 7 * DAY),
        (Monthly(1, NOON), 28 * DAY),
        (Cron("rate(5 minutes)", ANCHOR), timedelta(minutes=5)),
        (Cron("*/7 * * * *"), timedelta(minutes=4)),  # 56, then 0
        (Cron("0 9,17 * * *"), 8 * HOUR),
        (Cron("0 1,23 * * *"), 2 * HOUR),  # over midnight
        (Cron("0 1,23 * * 1"), 22 * HOUR),  # no neighbouring days
        (Cron("0 9 29 2 *"), 1461 * DAY),
        (Cron("cron(0 9 1 1 ? 2026-2028)"), 365 * DAY),
    ],
)
def test_the_shortest_interval_is_known(rule: Rule, interval: timedelta | None) -> None:
    assert shortest_interval(Schedule(rule, "UTC")) == interval


@given(st.uuids(), st.integers(1, 86_400))
def test_jitter_delays_all_runs_of_a_task_alike_and_never_a_slot(
    task_id: UUID, window: int
) -> None:
    schedule = Schedule(Daily(NOON), "UTC", jitter=timedelta(seconds=window))
    first, second = slots_between(schedule, START, START + 2 * DAY, 2)
    delay = not_before(schedule, first, task_id) - first
    assert timedelta() <= delay < schedule.jitter
    assert not_before(schedule, second, task_id) - second == delay
    assert first == START + 12 * HOUR


def test_jitter_spreads_tasks_over_the_whole_window() -> None:
    schedule = Schedule(Daily(NOON), "UTC", jitter=timedelta(seconds=10))
    delays = {not_before(schedule, START, UUID(int=number)) for number in range(500)}
    assert delays == {START + timedelta(seconds=second) for second in range(10)}


def test_without_jitter_a_run_starts_at_its_slot() -> None:
    assert not_before(Schedule(Daily(NOON), "UTC"), START, UUID(int=7)) == START


def test_a_verdict_is_stale_once_the_slot_that_would_renew_it_has_passed() -> None:
    weekdays = Schedule(Weekly((0, 1, 2, 3, 4), NOON), "UTC")
    friday = datetime(2026, 1, 2, 12, 3, tzinfo=UTC)
    monday = datetime(2026, 1, 5, 12, tzinfo=UTC)
    assert stale_at(weekdays, friday, grace=HOUR) == monday + HOUR
    assert stale_at(Schedule(OnDemand(), "UTC"), friday, grace=HOUR) is None
