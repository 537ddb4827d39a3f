"""Every slot becomes exactly one run or part of exactly one gap, whatever happens."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.decisions.misfire import Due, Gap, decide_due
from app.services.decisions.schedules import (
    Cron,
    Daily,
    Once,
    Schedule,
    next_slot,
    slots_between,
)

START = datetime(2026, 10, 23, tzinfo=UTC)  # two days before Berlin's clocks go back
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MINUTELY = Schedule(Cron("* * * * *"), "Europe/Berlin")
SCHEDULES = [
    MINUTELY,
    Schedule(Cron("*/20 1-3 * * *"), "Europe/Berlin"),
    Schedule(Cron("0,30 2 * * *"), "Europe/Berlin"),
    Schedule(Cron("rate(7 minutes)", START), "UTC"),
    Schedule(Daily(time(2, 30)), "Europe/Berlin"),
    Schedule(Daily(time(9)), "UTC", ends_at=START + 2 * DAY),
    Schedule(Once(datetime.fromisoformat("2026-10-24T09:00")), "Europe/Berlin"),
]
PAUSES = st.lists(
    st.timedeltas(timedelta(seconds=1), 5 * MINUTE)
    | st.timedeltas(timedelta(seconds=1), 30 * HOUR),
    min_size=1,
    max_size=12,
)


def slots_of(schedule: Schedule, gap: Gap) -> list[datetime]:
    just_before = gap.scheduled_for - timedelta(microseconds=1)
    return slots_between(schedule, just_before, gap.scheduled_until, limit=100_000)


def tick(
    schedule: Schedule, slot: datetime, now: datetime, grace: timedelta, at_most: int
) -> list[Due]:
    """As the beat does: again and again, until nothing is due."""
    decisions = []
    following: datetime | None = slot
    while following is not None and following <= now:
        due = decide_due(
            schedule, slot=following, now=now, grace=grace, at_most=at_most
        )
        decisions.append(due)
        following = due.next_slot
    return decisions


@given(
    schedule=st.sampled_from(SCHEDULES),
    pauses=PAUSES,
    grace=st.timedeltas(timedelta(), 3 * HOUR),
    at_most=st.integers(1, 50),
)
def test_every_slot_is_in_exactly_one_run_or_gap(
    schedule: Schedule, pauses: list[timedelta], grace: timedelta, at_most: int
) -> None:
    now = START
    slot = next_slot(schedule, START)
    recorded: list[datetime] = []
    for pause in pauses:
        now += pause
        if slot is None:
            break
        decisions = tick(schedule, slot, now, grace, at_most)
        for due in decisions:
            missed = slots_of(schedule, due.gap) if due.gap else []
            assert due.gap is None or due.gap.slots == len(missed)
            assert all(now - late > grace for late in missed)
            assert all(now - late <= grace for late in due.runs)
            assert len(due.runs) <= at_most
            recorded += [*missed, *due.runs]
        assert sum(due.gap is not None for due in decisions) <= 1
        slot = decisions[-1].next_slot if decisions else slot

    assert recorded == slots_between(schedule, START, now, limit=100_000)
    assert slot == next_slot(schedule, now)


def test_three_days_of_a_minutely_task_become_one_gap() -> None:
    slot = START + MINUTE
    now = START + 3 * DAY
    due = decide_due(MINUTELY, slot=slot, now=now, grace=2 * MINUTE)
    assert due.gap == Gap(slot, now - 3 * MINUTE, 3 * 1440 - 3, "scheduler_down")
    assert due.runs == (now - 2 * MINUTE, now - MINUTE, now)
    assert due.next_slot == now + MINUTE
    assert "4317 slots" in due.reason


def test_a_slot_in_time_runs_without_a_gap() -> None:
    slot = START + MINUTE
    due = decide_due(
        MINUTELY, slot=slot, now=slot + timedelta(seconds=2), grace=5 * MINUTE
    )
    assert (due.runs, due.gap, due.next_slot) == ((slot,), None, slot + MINUTE)


def test_nothing_is_recorded_before_the_slot() -> None:
    slot = START + MINUTE
    due = decide_due(MINUTELY, slot=slot, now=START, grace=MINUTE)
    assert (due.runs, due.gap, due.next_slot) == ((), None, slot)


@pytest.mark.parametrize(
    ("late", "runs"), [(HOUR, 1), (HOUR + timedelta(seconds=1), 0)]
)
def test_grace_includes_its_last_instant(late: timedelta, runs: int) -> None:
    schedule = Schedule(Daily(time(9)), "UTC")
    slot = START + 9 * HOUR
    due = decide_due(schedule, slot=slot, now=slot + late, grace=HOUR)
    assert len(due.runs) == runs
    assert (due.gap is None) == (runs == 1)


def test_runs_beyond_the_limit_are_left_for_the_next_time() -> None:
    slot = START + MINUTE
    due = decide_due(MINUTELY, slot=slot, now=START + HOUR, grace=HOUR, at_most=10)
    assert due.runs[-1] == START + 10 * MINUTE
    assert due.next_slot == START + 11 * MINUTE
    assert "More are due" in due.reason


def test_a_stored_slot_counts_even_if_the_schedule_no_longer_names_it() -> None:
    schedule = Schedule(Daily(time(9)), "UTC")
    odd = START + timedelta(hours=3, minutes=33)
    late = decide_due(schedule, slot=odd, now=odd + MINUTE, grace=HOUR)
    assert late.runs == (odd,)
    assert late.next_slot == START + 9 * HOUR
    missed = decide_due(schedule, slot=odd, now=odd + 2 * HOUR, grace=HOUR)
    assert missed.gap == Gap(odd, odd, 1, "scheduler_down")


def test_a_single_run_that_was_missed_is_a_gap_and_the_end() -> None:
    at = START + 9 * HOUR
    schedule = Schedule(Once(at), "UTC")
    due = decide_due(schedule, slot=at, now=at + DAY, grace=HOUR, reason="restored")
    assert due.gap == Gap(at, at, 1, "restored")
    assert (due.runs, due.next_slot) == ((), None)
