"""A second way to the same slots: walk through every minute and look at the clock."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo

MINUTE = timedelta(minutes=1)


def slots_by_looking(
    wanted: Callable[[datetime], bool],
    place: tzinfo,
    after: datetime,
    until: datetime,
    *,
    by_elapsed_time: bool = False,
) -> list[datetime]:
    """`wanted` says of a wall clock whether the schedule names it."""
    found = []
    shown = after.astimezone(place).replace(tzinfo=None)
    instant = after
    while instant < until:
        instant += MINUTE
        local = instant.astimezone(place)
        before, shown = shown, local.replace(tzinfo=None, fold=0)
        skipped = _minutes_between(before, shown)
        if by_elapsed_time:
            fires = wanted(shown)
        else:
            fires = (local.fold == 0 and wanted(shown)) or any(map(wanted, skipped))
        if fires:
            found.append(instant.astimezone(UTC))
    return found


def _minutes_between(before: datetime, shown: datetime) -> list[datetime]:
    return [before + step * MINUTE for step in range(1, (shown - before) // MINUTE)]
