"""When people want to be told: in a digest, at once, or once their quiet hours end."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal

from app.services.decisions.schedules import Daily, Schedule, Weekly, next_slot
from app.services.decisions.zones import first_instant, from_epoch, local_at, to_epoch
from app.services.decisions.zones import zone as zone_named


@dataclass(frozen=True, slots=True)
class Digest:
    """What comes to be told is kept until `at`, a wall clock of `timezone`: each day,
    or each week on `day` (0 for Monday to 6 for Sunday)."""

    every: Literal["daily", "weekly"]
    at: time
    timezone: str
    day: int = 0


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Wall clocks of `timezone`; where `until` is the earlier one it is of the next
    day. What is critical passes if `critical_passes`."""

    begin: time
    until: time
    timezone: str
    critical_passes: bool = True


def next_digest(digest: Digest, now: datetime) -> datetime:
    """The first instant after `now` at which the digest is sent."""
    rule = (
        Daily(digest.at)
        if digest.every == "daily"
        else Weekly((digest.day,), digest.at)
    )
    slot = next_slot(Schedule(rule, digest.timezone), now)
    assert slot is not None  # neither kind ever ends
    return slot


def quiet_until(quiet: QuietHours, instant: datetime) -> datetime | None:
    """When it is no longer quiet; None if it is not quiet at `instant`.

    Where the clocks show the end twice, the first time counts; where they skip it, the
    first instant after the gap.
    """
    place = zone_named(quiet.timezone)
    local = local_at(to_epoch(instant), place)
    if not _is_within(quiet, local.time()):
        return None
    day = local.date()
    if local.time() >= quiet.until:
        day += timedelta(days=1)
    end = from_epoch(first_instant(datetime.combine(day, quiet.until), place))
    return end if end > instant else None


def _is_within(quiet: QuietHours, clock: time) -> bool:
    if quiet.begin <= quiet.until:
        return quiet.begin <= clock < quiet.until
    return clock >= quiet.begin or clock < quiet.until
