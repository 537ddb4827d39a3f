"""Cron's five fields: when they match, and what they say in words."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import NamedTuple

from cronsim import CronSim, CronSimError
from cronsim.cronsim import SYMBOLIC_DAYS, SYMBOLIC_MONTHS

from app.core.errors import Invalid
from app.services.decisions.impossible import ImpossibleSchedule
from app.services.decisions.patterns import Pattern, any_day

_SOME_DAY = datetime(2000, 1, 1, tzinfo=UTC)
_MONTH = 3
_RANGE_WITH_STEP = re.compile(
    r"(?P<first>[0-9]+|[A-Z]+)-(?P<last>[0-9]+|[A-Z]+)/0*[1-9][0-9]*"
)
_NUMBERS = {
    **{name: number for number, name in enumerate(SYMBOLIC_DAYS)},
    **{name: number for number, name in enumerate(SYMBOLIC_MONTHS, start=1)},
}


class CronTimes(NamedTuple):
    """`words` is a sentence without its full stop, such as `At 09:00 every day`."""

    pattern: Pattern
    words: str


def refused(code: str, message: str) -> Invalid:
    return ImpossibleSchedule.field("/schedule/expression", code, message)


def never_fires() -> Invalid:
    return refused("never_fires", "No date ever matches, so this would never run")


def cron_times(
    fields: list[str],
    *,
    on_day: Callable[[date], bool] | None = None,
    years: frozenset[int] | None = None,
) -> CronTimes:
    """Five fields as cron reads them; `on_day` replaces what they say about days."""
    cron = _parse(fields)
    minutes = sorted(
        60 * hour + minute for hour in cron.hours for minute in cron.minutes
    )
    pattern = Pattern(
        seconds=tuple(60 * minute for minute in minutes),
        on_day=on_day or cron.match_day,
        months=tuple(sorted(cron.months)),
        years=years,
        by_elapsed_time=fields[0].startswith("*") or fields[1].startswith("*"),
    )
    if not any_day(pattern):
        raise never_fires()
    return CronTimes(pattern, _words(cron))


def _parse(fields: list[str]) -> CronSim:
    try:
        return CronSim(" ".join(map(_without_idle_steps, fields)), _SOME_DAY)
    except CronSimError as error:
        # Days are refused also when only the months are too short for them.
        in_any_month = [*fields]
        in_any_month[_MONTH] = "*"
        if "day-of-month" in str(error) and fields[_MONTH] != "*":
            _parse(in_any_month)
            raise never_fires() from error
        name = str(error).removeprefix("Bad ")
        raise refused("unreadable", f"The {name} field cannot be read") from error


def _without_idle_steps(field: str) -> str:
    """`3-3/2` is 3 alone; CronSim would go on from there, as it does for `3/2`."""
    return ",".join(_without_idle_step(term) for term in field.split(","))


def _without_idle_step(term: str) -> str:
    found = _RANGE_WITH_STEP.fullmatch(term.upper())
    is_one = found is not None and _number(found["first"]) == _number(found["last"])
    return term.partition("-")[0] if is_one else term


def _number(word: str) -> int | str:
    return int(word) if word.isdigit() else _NUMBERS.get(word, word)


def _words(cron: CronSim) -> str:
    words = re.sub(r"\b([23]?)1th\b", r"\g<1>1st", cron.explain())
    words = re.sub(r"\b22th\b", "22nd", words).replace("23th", "23rd")
    return words if cron.day_and else words.replace(" and on ", ", and also on ")
