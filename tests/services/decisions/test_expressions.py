"""Cron and the AWS forms: what they mean, against other libraries, and what is
refused."""

import calendar
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import pytest
from cronsim import CronSim
from dateutil.rrule import rrulestr
from hypothesis import example, given
from hypothesis import strategies as st

from app.services.decisions.expressions import read_expression
from app.services.decisions.impossible import ImpossibleSchedule
from app.services.decisions.patterns import Pattern, any_day
from app.services.decisions.schedules import Cron, Schedule, next_slot, slots_between

START = datetime(2026, 1, 1, tzinfo=UTC)


def slots(expression: str, count: int) -> list[datetime]:
    schedule = Schedule(Cron(expression, anchor=None), "UTC")
    return slots_between(schedule, START, START + timedelta(days=100_000), limit=count)


@pytest.mark.parametrize(
    ("expression", "rule"),
    [
        ("cron(0 9 * * ? *)", "DAILY;BYHOUR=9"),
        ("cron(5,35 14 * * ? *)", "DAILY;BYHOUR=14;BYMINUTE=5,35"),
        ("cron(0 18 ? * MON-FRI *)", "DAILY;BYHOUR=18;BYDAY=MO,TU,WE,TH,FR"),
        ("cron(0 18 ? * 2-6 *)", "DAILY;BYHOUR=18;BYDAY=MO,TU,WE,TH,FR"),
        ("cron(0 18 ? * 1 *)", "DAILY;BYHOUR=18;BYDAY=SU"),
        ("cron(0 18 ? * SAT-SUN *)", "DAILY;BYHOUR=18;BYDAY=SA,SU"),
        ("cron(0 18 ? * FRI-2 *)", "DAILY;BYHOUR=18;BYDAY=FR,SA,SU,MO"),
        ("cron(0 18 ? * L *)", "DAILY;BYHOUR=18;BYDAY=SA"),
        ("cron(15 10 ? * 6L *)", "MONTHLY;BYHOUR=10;BYMINUTE=15;BYDAY=-1FR"),
        ("cron(15 10 ? * FRIL *)", "MONTHLY;BYHOUR=10;BYMINUTE=15;BYDAY=-1FR"),
        ("cron(0 8 ? * 3#2 *)", "MONTHLY;BYHOUR=8;BYDAY=2TU"),
        ("cron(0 8 ? * MON#5 *)", "MONTHLY;BYHOUR=8;BYDAY=5MO"),
        ("cron(0 8 L * ? *)", "MONTHLY;BYHOUR=8;BYMONTHDAY=-1"),
        ("cron(0 8 LW * ? *)", "MONTHLY;BYHOUR=8;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"),
        ("cron(0 8 1/10 * ? *)", "MONTHLY;BYHOUR=8;BYMONTHDAY=1,11,21,31"),
        ("cron(0 8 31 * ? *)", "MONTHLY;BYHOUR=8;BYMONTHDAY=31"),
        ("cron(0 8 29 2 ? *)", "MONTHLY;BYHOUR=8;BYMONTHDAY=29;BYMONTH=2"),
        ("cron(0 8 1 NOV-FEB ? *)", "MONTHLY;BYHOUR=8;BYMONTHDAY=1;BYMONTH=11,12,1,2"),
        ("cron(0/15 * * * ? *)", "HOURLY;BYMINUTE=0,15,30,45"),
        (
            "cron(0/30 20-2 ? * MON-FRI *)",
            "DAILY;BYHOUR=20,21,22,23,0,1,2;BYMINUTE=0,30;BYDAY=MO,TU,WE,TH,FR",
        ),
        ("cron(0 20-2/2 * * ? *)", "DAILY;BYHOUR=20,22,0,2"),
        ("0 9 * * 5L", "MONTHLY;BYHOUR=9;BYDAY=-1FR"),
        ("0 9 L * *", "MONTHLY;BYHOUR=9;BYMONTHDAY=-1"),
    ],
)
def test_an_expression_means_what_the_recurrence_rule_means(
    expression: str, rule: str
) -> None:
    minute = "" if "BYMINUTE" in rule else ";BYMINUTE=0"
    recurrence = rrulestr(f"FREQ={rule}{minute};BYSECOND=0", dtstart=START)
    assert slots(expression, 40) == list(recurrence.xafter(START, count=40))


@given(wanted=st.integers(1, 31))
@example(1)
@example(31)
def test_w_is_the_nearest_weekday_of_the_same_month(wanted: int) -> None:
    expected = []
    for month in range(24):
        year, of_year = 2026 + month // 12, month % 12 + 1
        days = range(1, calendar.monthrange(year, of_year)[1] + 1)
        if wanted in days:
            weekdays = [d for d in days if date(year, of_year, d).weekday() < 5]
            nearest = min(weekdays, key=lambda day: abs(day - wanted))
            expected.append(datetime(year, of_year, nearest, 9, tzinfo=UTC))
    assert slots(f"cron(0 9 {wanted}W * ? *)", len(expected)) == expected


def test_a_year_ends_a_schedule() -> None:
    assert slots("cron(0 9 1 1 ? 2027,2029-2030)", 9) == [
        datetime(year, 1, 1, 9, tzinfo=UTC) for year in (2027, 2029, 2030)
    ]


@pytest.mark.parametrize(
    "expression", ["rate(1 hour)", "rate(60 minutes)", "RATE(1 hours)"]
)
def test_a_rate_counts_from_its_anchor(expression: str) -> None:
    anchor = datetime(2026, 5, 1, 12, 34, 56, tzinfo=UTC)
    schedule = Schedule(Cron(expression, anchor), "Europe/Berlin")
    assert next_slot(schedule, START) == anchor
    assert next_slot(schedule, anchor) == anchor + timedelta(hours=1)
    long_after = anchor + timedelta(hours=100_000, minutes=1)
    assert next_slot(schedule, long_after) == anchor + timedelta(hours=100_001)


@st.composite
def cron_expressions(draw: st.DrawFn) -> str:
    def field(low: int, high: int) -> str:
        number = st.integers(low, high)
        stepped = st.tuples(number, st.integers(1, high)).map(
            lambda p: f"{p[0]}/{p[1]}"
        )
        ranged = st.tuples(number, number).map(lambda p: f"{min(p)}-{max(p)}")
        stars = st.integers(1, high).map(lambda step: f"*/{step}")
        one = number.map(str) | stepped | ranged
        listed = st.lists(one, min_size=1, max_size=3).map(",".join)
        return draw(st.just("*") | stars | listed)

    bounds = [(0, 59), (0, 23), (1, 28), (1, 12), (0, 7)]
    return " ".join(field(low, high) for low, high in bounds)


@given(cron_expressions(), st.timedeltas(timedelta(days=-9), timedelta(days=9000)))
def test_five_fields_mean_what_cronsim_says(expression: str, passed: timedelta) -> None:
    after = START + passed
    simulated = CronSim(expression, after)
    schedule = Schedule(Cron(expression), "UTC")
    expected = [next(simulated) for _ in range(3)]
    found = slots_between(schedule, after, expected[-1], limit=9)
    assert found == expected


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("", "unreadable"),
        ("0 9 * *", "unreadable"),
        ("@daily", "unreadable"),
        ("60 9 * * *", "unreadable"),
        ("0 24 * * *", "unreadable"),
        ("0 9 0 * *", "unreadable"),
        ("0 9 32 * *", "unreadable"),
        ("0 9 32 2 *", "unreadable"),
        ("0 9 * 13 *", "unreadable"),
        ("0 9 * * 8", "unreadable"),
        ("*/0 * * * *", "unreadable"),
        ("0 0 9 * * *", "seconds_not_supported"),
        ("0 9 31 2 *", "never_fires"),
        ("0 9 30,31 FEB *", "never_fires"),
        ("0 9 31 4,6,9,11 *", "never_fires"),
        ("cron(0 9 31 2 ? *)", "never_fires"),
        ("cron(0 9 31W 2 ? *)", "never_fires"),
        ("cron(0 9 29 2 ? 2027)", "never_fires"),
        ("cron(0 9 * * * *)", "day_and_weekday"),
        ("cron(0 9 1 * MON *)", "day_and_weekday"),
        ("cron(0 9 ? * ? *)", "day_and_weekday"),
        ("cron(0 9 * * ?)", "unreadable"),
        ("cron(? 9 * * ? *)", "unreadable"),
        ("cron(0 9 ? * 0 *)", "unreadable"),
        ("cron(0 9 ? * 3#6 *)", "unreadable"),
        ("cron(0 9 ? * 3#1,5#2 *)", "unreadable"),
        ("cron(0 9 3W,5 * ? *)", "unreadable"),
        ("cron(0 9 * * ? 1969)", "unreadable"),
        ("cron(0/0 9 * * ? *)", "unreadable"),
        ("cron(0 9 * XYZ ? *)", "unreadable"),
        ("rate(0 minutes)", "impossible_rate"),
        ("rate(4000 days)", "impossible_rate"),
        ("rate(-1 hours)", "unreadable"),
        ("rate(1.5 hours)", "unreadable"),
        ("rate(30 seconds)", "unreadable"),
        ("rate(1 fortnight)", "unreadable"),
        ("rate()", "unreadable"),
        ("at(2026-02-30T09:00:00)", "unreadable"),
        ("at(2026-12-24)", "unreadable"),
        ("at(2026-12-24T18:00:00Z)", "unreadable"),
        ("0," * 200 + "0 9 * * *", "too_long"),
    ],
)
def test_refuses_an_impossible_expression_and_says_why(
    expression: str, code: str
) -> None:
    with pytest.raises(ImpossibleSchedule) as refusal:
        read_expression(expression)
    (wrong,) = refusal.value.fields
    assert (wrong.pointer, wrong.code) == ("/schedule/expression", code)


@given(
    st.text(alphabet="0123456789*/,-?LW# ()acehnortMONFRI", max_size=40)
    | st.text(max_size=20).map(lambda inside: f"cron({inside})")
    | cron_expressions().map(lambda fields: f"cron({fields} *)")
    | st.text(max_size=60)
)
def test_any_text_is_either_read_or_refused(text: str) -> None:
    with suppress(ImpossibleSchedule):
        read_expression(text)


def test_every_shape_of_a_month_occurs_so_that_never_is_proven() -> None:
    """Dates and weekdays repeat after 400 years, and `any_day` looks that far."""
    weeks, rest = divmod(date(2400, 1, 1).toordinal() - date(2000, 1, 1).toordinal(), 7)
    assert (weeks, rest) == (20871, 0)
    only_once = date(2096, 2, 29)  # a Wednesday; the next leap year is 2104

    rare = Pattern((0,), lambda on: on.day == 29 and on.weekday() == 2, months=(2,))
    never = Pattern((0,), lambda on: on.day == 30, months=(2,))

    assert only_once.weekday() == 2
    assert any_day(rare)
    assert not any_day(never)
