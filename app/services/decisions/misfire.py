"""What to record for a task that is due: which slots run, and which are one gap."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from app.services.decisions.schedules import (
    Schedule,
    count_slots,
    last_slot,
    next_slot,
)

MOST_RUNS_AT_ONCE = 100

# Of the tasks that are due at once many share their schedule.
_slot_after = lru_cache(maxsize=4096)(next_slot)


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
    further slot."""

    runs: tuple[datetime, ...]
    gap: Gap | None
    next_slot: datetime | None
    now: datetime

    @property
    def reason(self) -> str:
        """A sentence."""
        said = []
        if self.gap is not None:
            gap = self.gap
            said.append(
                f"{gap.slots} slots from {gap.scheduled_for:%Y-%m-%d %H:%M:%S} to"
                f" {gap.scheduled_until:%Y-%m-%d %H:%M:%S} UTC were missed by more than"
                f" the grace ({gap.reason})."
            )
        if self.runs:
            late = self.now - self.runs[0]
            said.append(f"{len(self.runs)} due, the oldest {late} late.")
        if not said:
            return "Not due yet."
        if self.next_slot is not None and self.next_slot <= self.now:
            said.append("More are due and follow.")
        return " ".join(said)


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
        return Due((), None, slot, now)
    gap = _gap(schedule, slot, older_than=now - grace, reason=reason)
    current = slot if gap is None else _slot_after(schedule, gap.scheduled_until)
    runs: list[datetime] = []
    while current is not None and current <= now and len(runs) < at_most:
        runs.append(current)
        current = _slot_after(schedule, current)
    return Due(tuple(runs), gap, current, now)


def _gap(
    schedule: Schedule, slot: datetime, *, older_than: datetime, reason: str
) -> Gap | None:
    if slot >= older_than:
        return None
    last = last_slot(schedule, before=older_than, not_before=slot) or slot
    return Gap(slot, last, 1 + count_slots(schedule, slot, last), reason)
