"""Schedules: when a task is due. Slots are aware datetimes in UTC and keep their
identity; jitter delays their execution, never the slot itself.

Rules that hold for every kind are told by `timetables.py` (clock changes) and here:
- `starts_at` is included, `ends_at` is not.
- `monthly` runs every month: day 31 means the last day where the month is shorter. The
  cron expression `0 9 31 * *` skips those months, as cron does.
- `rate(…)` counts real time from its anchor, so a rate of one day is 24 hours.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any, Literal
from uuid import UUID

from app.services.decisions.expressions import At, Rate, read_expression
from app.services.decisions.patterns import Pattern, month_length, shortest_gap
from app.services.decisions.timetables import (
    Calendar,
    Interval,
    Moments,
    Timetable,
)
from app.services.decisions.zones import SECOND, first_instant, from_epoch, to_epoch
from app.services.decisions.zones import zone as zone_named


@dataclass(frozen=True, slots=True)
class OnDemand:
    """Never due; somebody asks."""


@dataclass(frozen=True, slots=True)
class Daily:
    time: time


@dataclass(frozen=True, slots=True)
class Weekly:
    """`days` are 0 for Monday to 6 for Sunday, ascending."""

    days: tuple[int, ...]
    time: time


@dataclass(frozen=True, slots=True)
class Monthly:
    day: int | Literal["last"]
    time: time


@dataclass(frozen=True, slots=True)
class Once:
    """`at` is an instant in UTC, or a wall clock (naive) of the schedule's zone."""

    at: datetime
    parameters: Mapping[str, Any] | None = field(default=None, hash=False)


@dataclass(frozen=True, slots=True)
class Cron:
    """`anchor` is the first slot of a `rate(…)`, and None for other expressions."""

    expression: str
    anchor: datetime | None = None


Rule = OnDemand | Daily | Weekly | Monthly | Once | Cron


@dataclass(frozen=True, slots=True)
class Schedule:
    """`starts_at` and `ends_at` are instants in UTC."""

    rule: Rule
    timezone: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    jitter: timedelta = timedelta()


def next_slot(schedule: Schedule, after: datetime) -> datetime | None:
    """The first slot strictly later than `after`; None if there is none any more."""
    second = to_epoch(after)
    if schedule.starts_at is not None:
        second = max(second, to_epoch(schedule.starts_at) - 1)
    found = timetable(schedule.rule, schedule.timezone).first_after(second)
    if found is None:
        return None
    slot = from_epoch(found)
    return slot if schedule.ends_at is None or slot < schedule.ends_at else None


def last_slot(
    schedule: Schedule, *, before: datetime, not_before: datetime
) -> datetime | None:
    """The last slot in `[not_before, before)`."""
    floor = _rounded_up(max(not_before, schedule.starts_at or not_before))
    ceiling = _rounded_up(min(before, schedule.ends_at or before))
    found = timetable(schedule.rule, schedule.timezone).last_before(ceiling, floor)
    return None if found is None else from_epoch(found)


def slots_between(
    schedule: Schedule, after: datetime, until: datetime, limit: int
) -> list[datetime]:
    """The slots in `(after, until]`, at most the first `limit` of them."""
    slots: list[datetime] = []
    slot = next_slot(schedule, after)
    while slot is not None and slot <= until and len(slots) < limit:
        slots.append(slot)
        slot = next_slot(schedule, slot)
    return slots


@lru_cache(maxsize=4096)
def count_slots(schedule: Schedule, after: datetime, until: datetime) -> int:
    """How many slots are in `(after, until]`."""
    first, last = to_epoch(after), to_epoch(until)
    if schedule.starts_at is not None:
        first = max(first, to_epoch(schedule.starts_at) - 1)
    if schedule.ends_at is not None:
        last = min(last, _rounded_up(schedule.ends_at) - 1)
    if last <= first:
        return 0
    return timetable(schedule.rule, schedule.timezone).count(first, last)


def shortest_interval(schedule: Schedule) -> timedelta | None:
    """The shortest time between two slots, by the wall clock; None if there is at most
    one slot."""
    rule = schedule.rule
    if isinstance(rule, Cron):
        meaning = read_expression(rule.expression)
        if isinstance(meaning, Rate):
            return meaning.every
    slots = timetable(rule, schedule.timezone)
    return shortest_gap(slots.pattern) if isinstance(slots, Calendar) else None


def stale_at(
    schedule: Schedule, as_of: datetime, *, grace: timedelta
) -> datetime | None:
    """When a verdict read at `as_of` becomes stale: once the next slot and its grace
    have passed. None if no further slot would renew it."""
    renewal = next_slot(schedule, as_of)
    return None if renewal is None else renewal + grace


def not_before(schedule: Schedule, slot: datetime, task_id: UUID) -> datetime:
    """When the slot's run may start: the slot, delayed within the jitter window by as
    much for every run of this task."""
    window = schedule.jitter // SECOND
    if not window:
        return slot
    number = int.from_bytes(sha256(task_id.bytes).digest()[:8])
    return slot + (number % window) * SECOND


@lru_cache(maxsize=16384)
def timetable(rule: Rule, timezone: str) -> Timetable:
    zone = zone_named(timezone)
    match rule:
        case OnDemand():
            return Moments(())
        case Once(at=at):
            instant = first_instant(at, zone) if at.tzinfo is None else to_epoch(at)
            return Moments((instant,))
        case Cron():
            return _expressed(rule, timezone)
        case Daily() | Weekly() | Monthly():
            return Calendar(_pattern(rule), zone)


def _expressed(rule: Cron, timezone: str) -> Timetable:
    meaning = read_expression(rule.expression)
    zone = zone_named(timezone)
    if isinstance(meaning, At):
        return Moments((first_instant(meaning.at, zone),))
    if isinstance(meaning, Rate):
        if rule.anchor is None:
            raise ValueError("A rate is counted from an anchor")
        return Interval(to_epoch(rule.anchor), meaning.every // SECOND)
    return Calendar(meaning.pattern, zone)


@lru_cache(maxsize=8192)
def _pattern(rule: Daily | Weekly | Monthly) -> Pattern:
    seconds = (rule.time.hour * 3600 + rule.time.minute * 60,)
    match rule:
        case Daily():
            return Pattern(seconds, lambda _: True)
        case Weekly(days=days):
            return Pattern(seconds, lambda on: on.weekday() in days)
        case Monthly(day=day):
            wanted = 31 if day == "last" else day
            return Pattern(seconds, lambda on: on.day == min(wanted, _length(on)))


def _length(on: date) -> int:
    return month_length(on.year, on.month)


def _rounded_up(instant: datetime) -> int:
    second = to_epoch(instant)
    return second if from_epoch(second) == instant else second + 1
