"""A pattern of local days and times that repeats: what daily, weekly, monthly and
cron schedules have in common."""

from bisect import bisect_left
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

from app.services.decisions.zones import DAY

EVERY_MONTH = tuple(range(1, 13))
_EPOCH_DAY = date(1970, 1, 1).toordinal()

# Dates and weekdays repeat every 400 years, and so do clock changes once the zone
# database lists no more single ones (its last is in 2087). A pattern that shows
# nothing for a whole cycle after that never will.
_LAST_LISTED_YEAR = 2100
_CYCLE = 401

_month_shape = lru_cache(maxsize=8192)(monthrange)


def month_length(year: int, month: int) -> int:
    return _month_shape(year, month)[1]


@dataclass(frozen=True, eq=False, slots=True)
class Pattern:
    """`on_day` may look at the day, the weekday and the length of the month, so that
    one answer serves all months of the same shape.

    `seconds` are counted from local midnight, ascending. `by_elapsed_time` is the cron
    rule for wildcards: match every minute that really passes, so that skipped local
    times do not run and repeated ones run twice.
    """

    seconds: tuple[int, ...]
    on_day: Callable[[date], bool]
    months: tuple[int, ...] = EVERY_MONTH
    years: frozenset[int] | None = None
    by_elapsed_time: bool = False
    _by_shape: dict[tuple[int, int], tuple[int, ...]] = field(default_factory=dict)

    def days_of(self, year: int, month: int) -> tuple[int, ...]:
        if month not in self.months or (self.years and year not in self.years):
            return ()
        shape = _month_shape(year, month)
        days = self._by_shape.get(shape)
        if days is None:
            in_month = (date(year, month, day) for day in range(1, shape[1] + 1))
            days = tuple(day.day for day in in_month if self.on_day(day))
            self._by_shape[shape] = days
        return days

    def matches_day(self, day: int) -> bool:
        """Whether local day `day`, counted from 1970, is one of the pattern's."""
        on = date.fromordinal(day + _EPOCH_DAY)
        return on.day in self.days_of(on.year, on.month)

    def matches_second(self, second: int) -> bool:
        """`second` is a wall clock, counted from local midnight of 1 January 1970."""
        day, of_day = divmod(second, DAY)
        return of_day in self.seconds and self.matches_day(day)

    def next_day(self, day: int, last_year: int) -> int | None:
        """The first matching day on or after `day`, both counted from 1970."""
        start = date.fromordinal(day + _EPOCH_DAY)
        for year in range(start.year, last_year + 1):
            for month in self.months:
                if year == start.year and month < start.month:
                    continue
                days = self.days_of(year, month)
                same = (year, month) == (start.year, start.month)
                index = bisect_left(days, start.day) if same else 0
                if index < len(days):
                    return date(year, month, days[index]).toordinal() - _EPOCH_DAY
        return None


def horizon(pattern: Pattern, day: int) -> int:
    """The last year worth looking at from `day` on, counted from 1970."""
    if pattern.years:
        return max(pattern.years)
    year = date.fromordinal(day + _EPOCH_DAY).year
    return max(year, _LAST_LISTED_YEAR) + _CYCLE


def any_day(pattern: Pattern) -> bool:
    """Whether a date ever matches: 31 February does not."""
    return pattern.next_day(0, horizon(pattern, 0)) is not None


@lru_cache(maxsize=4096)
def shortest_gap(pattern: Pattern) -> timedelta | None:
    """The shortest time between two slots by the wall clock; None if there is but one
    slot. Days on which the clocks change may bring two slots an hour closer."""
    overnight = pattern.seconds[0] + DAY - pattern.seconds[-1]
    gaps = [later - sooner for sooner, later in pairwise(pattern.seconds)]
    days = _fewest_days_between(pattern)
    if days is not None:
        gaps.append((days - 1) * DAY + overnight)
    return timedelta(seconds=min(gaps)) if gaps else None


def _fewest_days_between(pattern: Pattern) -> int | None:
    last_year = horizon(pattern, 0)
    fewest: int | None = None
    sooner = pattern.next_day(0, last_year)
    while sooner is not None and fewest != 1:
        later = pattern.next_day(sooner + 1, last_year)
        if later is not None and (fewest is None or later - sooner < fewest):
            fewest = later - sooner
        sooner = later
    return fewest
