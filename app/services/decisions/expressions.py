"""What a schedule expression says: five cron fields, or the AWS forms `cron(…)`,
`rate(…)` and `at(…)`."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from app.services.decisions.aws_cron import aws_cron_times
from app.services.decisions.cron import CronTimes, cron_times, refused

LONGEST_EXPRESSION = 256
LONGEST_RATE = timedelta(days=3650)

_UNITS = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
}
_FORM = re.compile(r"(cron|rate|at)\((.*)\)", re.IGNORECASE)
_RATE = re.compile(r"(\d{1,9})\s+([a-z]+?)s?", re.IGNORECASE | re.ASCII)
_AT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", re.ASCII)
_CRON_FIELDS = 5
_WITH_SECONDS = {6, 7}


@dataclass(frozen=True, slots=True)
class Rate:
    every: timedelta


@dataclass(frozen=True, slots=True)
class At:
    """`at` is a wall clock."""

    at: datetime


@lru_cache(maxsize=8192)
def read_expression(expression: str) -> CronTimes | Rate | At:
    """Raises ImpossibleSchedule naming /schedule/expression."""
    if len(expression) > LONGEST_EXPRESSION:
        raise refused("too_long", f"At most {LONGEST_EXPRESSION} characters")
    form = _FORM.fullmatch(expression.strip())
    if form is None:
        return _five_fields(expression.split())
    name, inside = form[1].lower(), form[2].strip()
    if name == "cron":
        return aws_cron_times(inside)
    return _rate(inside) if name == "rate" else _at(inside)


def _five_fields(fields: list[str]) -> CronTimes:
    if len(fields) in _WITH_SECONDS:
        raise refused(
            "seconds_not_supported",
            "Cron has five fields here and no seconds; the six AWS fields are written"
            " cron(…)",
        )
    if len(fields) != _CRON_FIELDS:
        raise refused(
            "unreadable",
            "Write five cron fields (minute hour day-of-month month day-of-week) or"
            " one of cron(…), rate(…), at(…)",
        )
    return cron_times(fields)


def _rate(inside: str) -> Rate:
    match = _RATE.fullmatch(inside)
    unit = _UNITS.get(match[2].lower()) if match else None
    if match is None or unit is None:
        raise refused(
            "unreadable",
            "Write rate(5 minutes): a whole number and minutes, hours or days",
        )
    number = int(match[1])
    if not 1 <= number <= LONGEST_RATE // unit:
        raise refused(
            "impossible_rate",
            f"A rate is between 1 minute and {LONGEST_RATE.days} days",
        )
    return Rate(number * unit)


def _at(inside: str) -> At:
    if not _AT.fullmatch(inside):
        raise refused("unreadable", "Write at(2026-12-24T18:00:00)")
    try:
        return At(datetime.fromisoformat(inside))
    except ValueError as error:
        raise refused("unreadable", f"There is no such date: {error}") from error
