"""What the harness asked for, as the judge is told it: plain facts, of which it works
out by itself what should have happened."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID


@dataclass(frozen=True, slots=True)
class TaskPlan:
    """A task that is due at `first` and then `every` so often, before `until`, on
    `accounts` accounts; a changing one has `steps` effects on each, a reading one 0."""

    task_id: UUID
    first: datetime
    every: timedelta
    until: datetime
    grace: timedelta
    accounts: int
    steps: int

    def slots(self) -> Iterator[datetime]:
        slot = self.first
        while slot < self.until:
            yield slot
            slot += self.every


@dataclass(slots=True)
class Plan:
    """`started` are the runs that the API answered to each idempotency key, as often
    as it was asked."""

    tasks: list[TaskPlan] = field(default_factory=list)
    started: dict[str, list[UUID]] = field(default_factory=dict)

    @property
    def slots(self) -> int:
        return sum(1 for task in self.tasks for _ in task.slots())
