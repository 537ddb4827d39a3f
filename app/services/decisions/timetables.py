"""Timetables: which slots there are, in whole seconds since 1970, and how many.

The clock-change rules are here. A slot at a given time runs once: at the first instant
after the gap if the clocks skip that time, at the first of the two if they show it
twice; slots that fall on the same instant are one. A cron expression with `*` in its
minutes or hours follows the time that passes instead, as cron itself does.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from app.services.decisions.patterns import Pattern, horizon
from app.services.decisions.zones import (
    DAY,
    EPOCH_CLOCK,
    every_instant,
    first_instant,
    steady_offset,
)


class Timetable(Protocol):
    def first_after(self, after: int) -> int | None:
        """The first slot later than `after`."""

    def last_before(self, before: int, floor: int) -> int | None:
        """The last slot earlier than `before` and not earlier than `floor`."""

    def count(self, after: int, until: int) -> int:
        """How many slots are later than `after` and not later than `until`."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Slots that are listed, in ascending order; none for tasks run on demand."""

    slots: tuple[int, ...]

    def first_after(self, after: int) -> int | None:
        return next((slot for slot in self.slots if slot > after), None)

    def last_before(self, before: int, floor: int) -> int | None:
        return next((s for s in reversed(self.slots) if floor <= s < before), None)

    def count(self, after: int, until: int) -> int:
        return sum(after < slot <= until for slot in self.slots)


@dataclass(frozen=True, slots=True)
class Interval:
    """A slot every so many seconds, the first at the anchor."""

    anchor: int
    every: int

    def first_after(self, after: int) -> int | None:
        return self.anchor + max(0, self._numbered(after)) * self.every

    def last_before(self, before: int, floor: int) -> int | None:
        slot = self.anchor + (self._numbered(before - 1) - 1) * self.every
        return slot if slot >= max(floor, self.anchor) else None

    def count(self, after: int, until: int) -> int:
        return max(0, self._numbered(until)) - max(0, self._numbered(after))

    def _numbered(self, second: int) -> int:
        return (second - self.anchor) // self.every + 1


@dataclass(frozen=True, slots=True)
class Calendar:
    """A pattern of days and times, lived in one time zone."""

    pattern: Pattern
    zone: ZoneInfo

    def first_after(self, after: int) -> int | None:
        for day in self._days_from(after // DAY):
            for part in _parts(self.pattern, self.zone, day):
                index = bisect_right(
                    part.seconds, after - part.base, part.low, part.high
                )
                if index < part.high:
                    return part.base + part.seconds[index]
        return None

    def last_before(self, before: int, floor: int) -> int | None:
        for day in range(before // DAY, floor // DAY - 1, -1):
            for part in reversed(_parts(self.pattern, self.zone, day)):
                index = bisect_left(
                    part.seconds, before - part.base, part.low, part.high
                )
                if index > part.low:
                    slot = part.base + part.seconds[index - 1]
                    return slot if slot >= floor else None
        return None

    def count(self, after: int, until: int) -> int:
        slots = 0
        for day in self._days_from(after // DAY):
            if day * DAY > until:
                break
            for part in _parts(self.pattern, self.zone, day):
                slots += part.up_to(until) - part.up_to(after)
        return slots if until > after else 0

    def _days_from(self, day: int) -> Iterator[int]:
        """The UTC days, from `day` on, that can hold a slot. A local day reaches into
        the UTC days before and after it, even when its times are moved by a gap."""
        last_year = horizon(self.pattern, day)
        yield day
        while (local := self.pattern.next_day(day, last_year)) is not None:
            day = max(day + 1, local - 1)
            yield day


class _Part(NamedTuple):
    """Slots at `base + seconds[low:high]`; a view, so that a day costs no memory."""

    base: int
    seconds: tuple[int, ...]
    low: int
    high: int

    def up_to(self, second: int) -> int:
        index = bisect_right(self.seconds, second - self.base, self.low, self.high)
        return index - self.low


def _parts(pattern: Pattern, zone: ZoneInfo, day: int) -> list[_Part]:
    """The slots of one UTC day, which is two local days or one."""
    offset = steady_offset(zone, day)
    if offset is None:
        slots = _slots_around_a_change(pattern, zone, day)
        return [_Part(0, slots, 0, len(slots))]
    seconds = pattern.seconds
    local, second = divmod(day * DAY + offset, DAY)
    split = bisect_left(seconds, second)
    parts = []
    if pattern.matches_day(local):
        parts.append(_Part(local * DAY - offset, seconds, split, len(seconds)))
    if split and pattern.matches_day(local + 1):
        parts.append(_Part((local + 1) * DAY - offset, seconds, 0, split))
    return parts


@lru_cache(maxsize=256)
def _slots_around_a_change(
    pattern: Pattern, zone: ZoneInfo, day: int
) -> tuple[int, ...]:
    """The same, one local time after the other."""
    slots: set[int] = set()
    for local_day in (day - 1, day, day + 1):
        if pattern.matches_day(local_day):
            midnight = EPOCH_CLOCK + timedelta(days=local_day)
            for second in pattern.seconds:
                local = midnight + timedelta(seconds=second)
                if pattern.by_elapsed_time:
                    slots.update(every_instant(local, zone))
                else:
                    slots.add(first_instant(local, zone))
    return tuple(sorted(slot for slot in slots if slot // DAY == day))
