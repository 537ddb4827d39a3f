"""A schedule told to people: as a sentence, and as its next runs."""

from calendar import day_name, month_name
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.services.decisions.expressions import At, Rate, read_expression
from app.services.decisions.patterns import Pattern
from app.services.decisions.schedules import (
    Cron,
    Daily,
    Monthly,
    Once,
    OnDemand,
    Rule,
    Schedule,
    Weekly,
    next_slot,
    timetable,
)
from app.services.decisions.timetables import Calendar, Moments
from app.services.decisions.zones import (
    EPOCH_CLOCK,
    SECOND,
    every_instant,
    local_at,
    to_epoch,
    zone,
)

_SHORTEST_MONTH = 28
_EVERY_DAY = 7
_FIXED_TIMES = (
    "A local time that the clocks skip runs once, at the first instant after the gap;"
    " one that they show twice runs once, the first time."
)
_PASSING_TIME = (
    "With * in its minutes or hours this follows the time that passes: local times that"
    " the clocks skip do not run, those that they show twice run twice."
)
_REAL_TIME = "This counts real time; clock changes do not matter."


@dataclass(frozen=True, slots=True)
class Occurrence:
    """`local` is the same instant in the schedule's zone; `note` says what a clock
    change or a short month does to it."""

    utc: datetime
    local: datetime
    note: str | None


def preview(schedule: Schedule, now: datetime, count: int = 5) -> list[Occurrence]:
    """The next slots after `now`."""
    place = zone(schedule.timezone)
    occurrences: list[Occurrence] = []
    slot = next_slot(schedule, now)
    while slot is not None and len(occurrences) < count:
        note = " ".join(_notes(schedule, slot, place)) or None
        occurrences.append(Occurrence(slot, slot.astimezone(place), note))
        slot = next_slot(schedule, slot)
    return occurrences


def in_words(schedule: Schedule) -> str:
    """One sentence, such as `Every day at 09:00, Europe/Berlin.`"""
    if isinstance(schedule.rule, OnDemand):
        return "Only when asked."
    parts = [_rule_in_words(schedule.rule), schedule.timezone]
    if clock_change_rule(schedule) == _REAL_TIME:
        parts.pop()
    place = zone(schedule.timezone)
    if schedule.starts_at is not None:
        parts.append(f"from {_wall_clock(schedule.starts_at, place)}")
    if schedule.ends_at is not None:
        parts.append(f"until just before {_wall_clock(schedule.ends_at, place)}")
    if schedule.jitter:
        parts.append(f"started up to {schedule.jitter // SECOND} seconds later")
    return ", ".join(parts) + "."


def clock_change_rule(schedule: Schedule) -> str:
    """What happens to this schedule when the clocks change, in words."""
    rule = schedule.rule
    if isinstance(rule, OnDemand) or (
        isinstance(rule, Cron) and isinstance(read_expression(rule.expression), Rate)
    ):
        return _REAL_TIME
    slots = timetable(rule, schedule.timezone)
    if isinstance(slots, Calendar) and slots.pattern.by_elapsed_time:
        return _PASSING_TIME
    return _FIXED_TIMES


def _rule_in_words(rule: Rule) -> str:
    match rule:
        case OnDemand():
            return "Only when asked"
        case Daily():
            return f"Every day at {rule.time:%H:%M}"
        case Weekly():
            names = [day_name[day] for day in rule.days]
            days = "day" if len(names) == _EVERY_DAY else _listed(names)
            return f"Every {days} at {rule.time:%H:%M}"
        case Monthly():
            return f"Every month on {_day_in_words(rule)} at {rule.time:%H:%M}"
        case Once(at=at):
            offset = "" if at.tzinfo is None else " UTC"
            return f"Once, at {at:%Y-%m-%d %H:%M:%S}{offset}"
        case Cron():
            return _expression_in_words(rule)


def _day_in_words(rule: Monthly) -> str:
    if rule.day == "last":
        return "its last day"
    if rule.day <= _SHORTEST_MONTH:
        return f"day {rule.day}"
    return f"day {rule.day} (its last day where it is shorter)"


def _expression_in_words(rule: Cron) -> str:
    match read_expression(rule.expression):
        case Rate(every=every):
            anchor = f"{rule.anchor:%Y-%m-%d %H:%M:%S} UTC"
            return f"Every {_duration(every)}, counted from {anchor}"
        case At(at=at):
            return f"Once, at {at:%Y-%m-%d %H:%M:%S}"
        case times:
            return times.words


def _notes(schedule: Schedule, slot: datetime, place: ZoneInfo) -> Iterator[str]:
    second = to_epoch(slot)
    local = local_at(second, place)
    wanted = _skipped_time(schedule, second, place)
    if wanted is not None:
        yield (
            f"The clocks skip {wanted:%H:%M} on {wanted:%Y-%m-%d}; it runs at the first"
            f" instant after, {local:%H:%M}."
        )
    elif isinstance(schedule.rule, Monthly) and schedule.rule.day not in {
        "last",
        local.day,
    }:
        month = month_name[local.month]
        yield f"{month} has no day {schedule.rule.day}; this is its last day."
    yield from _repeat_notes(schedule, second, local, place)


def _repeat_notes(
    schedule: Schedule, second: int, local: datetime, place: ZoneInfo
) -> Iterator[str]:
    twice = every_instant(local, place)
    slots = timetable(schedule.rule, schedule.timezone)
    if len(twice) == 1 or not isinstance(slots, Calendar | Moments):
        return
    if isinstance(slots, Calendar) and slots.pattern.by_elapsed_time:
        which = "first" if second == twice[0] else "second"
        yield f"The clocks show {local:%H:%M} twice; both run, this is the {which}."
    elif second == twice[0]:
        yield f"The clocks show {local:%H:%M} twice; only the first runs."


def _skipped_time(schedule: Schedule, second: int, place: ZoneInfo) -> datetime | None:
    """The skipped local time for which this slot stands, if it does."""
    start = local_at(second - 1, place) + SECOND
    end = local_at(second, place)
    slots = timetable(schedule.rule, schedule.timezone)
    if isinstance(slots, Calendar):
        wanted = _times_within(slots.pattern, start, end)
        return None if slots.pattern.by_elapsed_time else next(wanted, None)
    at = _wall_clock_of(schedule.rule)
    return at if at is not None and start <= at < end else None


def _times_within(
    pattern: Pattern, start: datetime, end: datetime
) -> Iterator[datetime]:
    while start < end:
        if pattern.matches_second((start - EPOCH_CLOCK) // SECOND):
            yield start
        start += timedelta(minutes=1)


def _wall_clock_of(rule: Rule) -> datetime | None:
    if isinstance(rule, Once):
        return rule.at if rule.at.tzinfo is None else None
    meaning = read_expression(rule.expression) if isinstance(rule, Cron) else None
    return meaning.at if isinstance(meaning, At) else None


def _wall_clock(instant: datetime, place: ZoneInfo) -> str:
    return f"{instant.astimezone(place):%Y-%m-%d %H:%M:%S}"


def _duration(duration: timedelta) -> str:
    """In the largest unit that gives a whole number: `90 minutes`, `day`."""
    for unit, length in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if duration.total_seconds() % length == 0:
            number = duration // timedelta(seconds=length)
            return unit if number == 1 else f"{number} {unit}s"
    return f"{duration // SECOND} seconds"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
