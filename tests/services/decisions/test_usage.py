"""What a plan leaves: months are UTC's, and what is taken never passes a limit."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.schemas.usage import State
from app.services.decisions.usage import (
    BILLING,
    PLAN_LIMIT,
    Allowances,
    Left,
    end_of,
    month_of,
    state_of,
)

ACME, EVIL = UUID(int=1), UUID(int=2)
INSTANTS = st.datetimes(timezones=st.timezones())


@given(instant=INSTANTS.filter(lambda one: date.min < one.date() < date(9999, 1, 1)))
def test_each_instant_lies_in_its_month_of_utc(instant: datetime) -> None:
    month = month_of(instant)
    begins = datetime(month.year, month.month, 1, tzinfo=UTC)
    assert begins <= instant < end_of(month)
    assert month_of(end_of(month)) != month
    assert month_of(end_of(month) - timedelta(microseconds=1)) == month


@pytest.mark.parametrize(
    ("used", "limit", "state"),
    [
        (10**12, None, "unlimited"),
        (0, 10, "within"),
        (7, 10, "within"),
        (8, 10, "near"),
        (10, 10, "reached"),
        (11, 10, "reached"),
        (0, 0, "reached"),
    ],
)
def test_a_limit_is_near_from_four_fifths_on(
    used: int, limit: int | None, state: State
) -> None:
    assert state_of(used, limit) == state


@given(
    limit=st.integers(0, 50),
    wanted=st.lists(st.tuples(st.booleans(), st.integers(1, 20)), max_size=30),
)
def test_what_is_taken_never_passes_the_limit_and_what_fits_is_never_refused(
    limit: int, wanted: list[tuple[bool, int]]
) -> None:
    allowances = Allowances({ACME: Left(executions=limit)})
    taken: list[int] = []
    for gives_back, executions in wanted:
        if gives_back and taken:
            allowances.give_back(ACME, taken.pop())
        fits = sum(taken) + executions <= limit
        reason = allowances.take(ACME, executions)
        assert reason == (None if fits else PLAN_LIMIT)
        if fits:
            taken.append(executions)
        assert sum(taken) <= limit


def test_who_is_not_named_may_do_all_and_others_are_not_asked() -> None:
    allowances = Allowances({ACME: Left(executions=0)})
    assert allowances.take(EVIL, 10**9) is None
    assert allowances.take(ACME, 1) == PLAN_LIMIT


@pytest.mark.parametrize(
    ("left", "reason"),
    [
        (Left(), None),
        (Left(aws_calls=1), None),
        (Left(aws_calls=0), PLAN_LIMIT),
        (Left(aws_calls=-5, executions=100), PLAN_LIMIT),
        (Left(is_read_only=True), BILLING),
        (Left(is_read_only=True, executions=0), BILLING),
    ],
)
def test_what_is_not_paid_for_or_used_up_begins_nothing(
    left: Left, reason: str | None
) -> None:
    assert left.why_not(1) == reason
