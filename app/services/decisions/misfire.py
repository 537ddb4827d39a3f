"""What to record for a task that is due: which slots run, and which are one gap."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.services.decisions.schedules import (
    Schedule,
    count_slots,
    last_slot,
    next_slot,
)

MOST_RUNS_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Gap:
    """Slots that are not run, told as one record: the first, the last and how many.
    `reason` is the code stored beside the status `skipped`."""

    scheduled_for: datetime
    scheduled_until: datetime
    slots: int
    reason: str


@dataclass(frozen=True, slots=True)
class Due:
    """`gap` comes before `runs`, and `next_slot` after both: None if there is no
    further slot. `reason` is a sentence."""

    runs: tuple[datetime, ...]
    gap: Gap | None
    next_slot: datetime | None
    reason: str


def decide_due(
    schedule: Schedule,
    *,
    slot: datetime,
    now: datetime,
    grace: timedelta,
    reason: str = "scheduler_down",
    at_most: int = MOST_RUNS_AT_ONCE,
) -> Due:
    """`slot` is the task's stored next slot, true even where the schedule has changed
    since. Slots missed by up to `grace` run late, the older ones become one gap.

    All is counted from the slot and never from `now`, so that each slot falls into
    exactly one run or gap however late and however often this is asked. More runs than
    `at_most` wait for the next time.
    """
    if slot > now:
        return Due((), None, slot, "Not due yet.")
    gap = _gap(schedule, slot, older_than=now - grace, reason=reason)
    current = slot if gap is None else next_slot(schedule, gap.scheduled_until)
    runs: list[datetime] = []
    while current is not None and current <= now and len(runs) < at_most:
        runs.append(current)
        current = next_slot(schedule, current)
    return Due(tuple(runs), gap, current, _sentence(runs, gap, current, now))


def _gap(
    schedule: Schedule, slot: datetime, *, older_than: datetime, reason: str
) -> Gap | None:
    if slot >= older_than:
        return None
    last = last_slot(schedule, before=older_than, not_before=slot) or slot
    return Gap(slot, last, 1 + count_slots(schedule, slot, last), reason)


def _sentence(
    runs: list[datetime], gap: Gap | None, following: datetime | None, now: datetime
) -> str:
    said = []
    if gap is not None:
        said.append(
            f"{gap.slots} slots from {gap.scheduled_for:%Y-%m-%d %H:%M:%S} to"
            f" {gap.scheduled_until:%Y-%m-%d %H:%M:%S} UTC were missed by more than the"
            f" grace ({gap.reason})."
        )
    if runs:
        said.append(f"{len(runs)} due, the oldest {(now - runs[0])} late.")
    if following is not None and following <= now:
        said.append("More are due and follow.")
    return " ".join(said)
