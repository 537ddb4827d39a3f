"""The next slot is counted from now: what was missed meanwhile never was."""

from dataclasses import replace as changed
from datetime import datetime
from typing import Any

from app.services.decisions import misfire, schedules
from tests.chaos.plants import replace

_decide_due = misfire.decide_due


def _from_now(
    schedule: schedules.Schedule, *, slot: datetime, now: datetime, **more: Any
) -> misfire.Due:
    due = _decide_due(schedule, slot=slot, now=now, **more)
    following = schedules.next_slot(schedule, now)
    return changed(due, runs=due.runs[:1], gap=None, next_slot=following)


def plant() -> None:
    replace(misfire, "decide_due", _from_now)
