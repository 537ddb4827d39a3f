"""The six fields of the AWS form `cron(…)`: what they add to cron is `?`, `L`, `W`,
weekdays counted from Sunday = 1, ranges that wrap round, and years."""

import re
from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from cronsim.cronsim import SYMBOLIC_DAYS, SYMBOLIC_MONTHS

from app.core.errors import Invalid
from app.services.decisions.cron import CronTimes, cron_times, refused
from app.services.decisions.patterns import month_length

_TOKEN = re.compile(
    r"(\*|[A-Z]{3}|\d{1,4})(?:-([A-Z]{3}|\d{1,4}))?(?:/(\d{1,4}))?", re.ASCII
)
_NEAR_WEEKDAY = re.compile(r"(\d{1,2})W", re.ASCII)
_LAST_OR_NTH = re.compile(r"([A-Z]{3}|[1-7])(L|#[1-5])")
_FIELDS = 6
_SATURDAY, _SUNDAY = 5, 6


class _Field(NamedTuple):
    name: str
    first: int
    last: int
    names: tuple[str, ...] = ()


_MINUTE = _Field("minute", 0, 59)
_HOUR = _Field("hour", 0, 23)
_DAY = _Field("day-of-month", 1, 31)
_MONTH = _Field("month", 1, 12, tuple(SYMBOLIC_MONTHS))
_WEEKDAY = _Field("day-of-week", 1, 7, tuple(SYMBOLIC_DAYS))
_YEAR = _Field("year", 1970, 2199)


def aws_cron_times(inside: str) -> CronTimes:
    """What stands between the brackets of `cron(…)`."""
    fields = inside.upper().split()
    if len(fields) != _FIELDS:
        raise refused(
            "unreadable",
            "cron(…) has six fields: minute hour day-of-month month day-of-week year",
        )
    minute, hour, day, month, weekday, year = fields
    if (day == "?") == (weekday == "?"):
        raise refused(
            "day_and_weekday",
            "Write ? in exactly one of day-of-month and day-of-week",
        )
    near = _NEAR_WEEKDAY.fullmatch(day)
    times = cron_times(
        [
            _plain(_MINUTE, minute),
            _plain(_HOUR, hour),
            near[1] if near else _days(day),
            _plain(_MONTH, month),
            _weekdays(weekday),
        ],
        on_day=_near_weekday(int(near[1])) if near else None,
        years=None if year == "*" else frozenset(_all_values(_YEAR, year)),
    )
    if near:
        times = times._replace(words=f"{times.words}, or the weekday nearest to it")
    if times.pattern.years:
        only = _listed(sorted(times.pattern.years))
        times = times._replace(words=f"{times.words}, only in {only}")
    return times


def _days(text: str) -> str:
    if text == "?":
        return "*"
    return text if text in {"L", "LW"} else _plain(_DAY, text)


def _weekdays(text: str) -> str:
    if text == "L":
        return "6"  # the last day of the week is Saturday
    special = _LAST_OR_NTH.fullmatch(text)
    if special:
        return f"{_value(_WEEKDAY, special[1]) - 1}{special[2]}"
    if text in {"?", "*"}:
        return "*"
    return _listed([value - 1 for value in _all_values(_WEEKDAY, text)])


def _plain(field: _Field, text: str) -> str:
    if text == "*" or (text.startswith("*/") and text[2:].isdecimal()):
        return text
    return _listed(_all_values(field, text))


def _listed(values: list[int]) -> str:
    """`1-5` where the values are neighbours, so that the words stay short."""
    first, last = min(values), max(values)
    if len(values) > 1 and sorted(values) == list(range(first, last + 1)):
        return f"{first}-{last}"
    return ",".join(str(value) for value in values)


def _all_values(field: _Field, text: str) -> list[int]:
    """Without duplicates, in the order in which they are written."""
    found = [value for token in text.split(",") for value in _values(field, token)]
    return list(dict.fromkeys(found))


def _values(field: _Field, token: str) -> list[int]:
    match = _TOKEN.fullmatch(token)
    if match is None or (match[1] == "*" and match[2]) or match[3] in {"0", "00"}:
        raise _unreadable(field, token)
    every = list(range(field.first, field.last + 1))
    if match[1] == "*":
        return every[:: int(match[3] or 1)]
    first = _value(field, match[1])
    if not match[2] and not match[3]:
        return [first]
    last = _value(field, match[2]) if match[2] else field.last
    span = (last - first) % len(every) + 1
    return [
        field.first + (first - field.first + step) % len(every)
        for step in range(0, span, int(match[3] or 1))
    ]


def _value(field: _Field, text: str) -> int:
    if text in field.names:
        return field.first + field.names.index(text)
    if text.isdecimal() and field.first <= int(text) <= field.last:
        return int(text)
    raise _unreadable(field, text)


def _unreadable(field: _Field, text: str) -> Invalid:
    return refused(
        "unreadable",
        f"{text!r} cannot be read in the {field.name} field"
        f" ({field.first} to {field.last})",
    )


def _near_weekday(wanted: int) -> Callable[[date], bool]:
    """The weekday nearest to a day without leaving its month; months that lack the
    day have none."""

    def matches(on: date) -> bool:
        length = month_length(on.year, on.month)
        if wanted > length:
            return False
        weekday = on.replace(day=wanted).weekday()
        shift = 0
        if weekday == _SATURDAY:
            shift = -1 if wanted > 1 else 2
        elif weekday == _SUNDAY:
            shift = 1 if wanted < length else -2
        return on.day == wanted + shift

    return matches
