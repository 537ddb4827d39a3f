"""Time zones: what a name means, and which instant a local time is when the clocks
change."""

from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from app.core.errors import FieldError
from app.services.decisions.impossible import ImpossibleSchedule

DAY = 86_400
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_CLOCK = EPOCH.replace(tzinfo=None)  # a wall clock, for counting local days
SECOND = timedelta(seconds=1)

# `localtime` is whatever the machine says, `Factory` is "not set yet".
_NOT_PLACES = frozenset({"localtime", "Factory"})


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """The IANA names that can be used, e.g. Europe/Berlin."""
    return frozenset(available_timezones() - _NOT_PLACES)


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    if wrong := unknown_zone(name, "/schedule/timezone"):
        raise ImpossibleSchedule(wrong.message, fields=(wrong,))
    return ZoneInfo(name)


def unknown_zone(name: str, pointer: str) -> FieldError | None:
    """What is wrong with the name, which stands at `pointer`; None: nothing."""
    if name in zone_names():
        return None
    near = get_close_matches(name, zone_names(), n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    told = f"{name!r} is not an IANA time zone{hint}"
    return FieldError(pointer, "unknown_timezone", told)


def to_epoch(instant: datetime) -> int:
    """Whole seconds since 1970, rounded down."""
    return (instant - EPOCH) // SECOND


def from_epoch(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def local_at(second: int, place: ZoneInfo) -> datetime:
    """What the wall clock shows, without a zone."""
    return datetime.fromtimestamp(second, place).replace(tzinfo=None, fold=0)


def offset_at(second: int, place: ZoneInfo) -> int:
    """Seconds that local time is ahead of UTC."""
    return (local_at(second, place) - EPOCH_CLOCK) // SECOND - second


@lru_cache(maxsize=8192)
def steady_offset(place: ZoneInfo, day: int) -> int | None:
    """The offset of UTC day `day` (counted from 1970), or None if clocks change on
    that day or the day before it.

    Three looks are enough: since 1970 no zone has changed its offset and changed it
    back within less than six days.
    """
    offset = offset_at(day * DAY, place)
    if offset_at((day - 1) * DAY, place) != offset:
        return None
    return offset if offset_at((day + 1) * DAY, place) == offset else None


def every_instant(local: datetime, place: ZoneInfo) -> list[int]:
    """The instants at which the wall clock shows `local`, in order: none if it is
    skipped, two if it is repeated."""
    found = {_epoch(local, place, fold) for fold in (0, 1)}
    return sorted(second for second in found if local_at(second, place) == local)


def first_instant(local: datetime, place: ZoneInfo) -> int:
    """The instant meant by a local time: the first one if the clocks show it twice,
    the first after the gap if they skip it."""
    found = every_instant(local, place)
    return found[0] if found else _end_of_gap(local, place)


def _epoch(local: datetime, place: ZoneInfo, fold: int) -> int:
    return to_epoch(local.replace(tzinfo=place, fold=fold).astimezone(UTC))


def _end_of_gap(skipped: datetime, place: ZoneInfo) -> int:
    # In a gap, fold=1 reads the later offset and so falls before the change, fold=0
    # reads the earlier offset and falls at or after it (PEP 495).
    before, after = _epoch(skipped, place, 1), _epoch(skipped, place, 0)
    earlier = offset_at(before, place)
    while after - before > 1:
        middle = (before + after) // 2
        if offset_at(middle, place) == earlier:
            before = middle
        else:
            after = middle
    return after
