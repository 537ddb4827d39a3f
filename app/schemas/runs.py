"""Runs as they cross the edge."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from app.models.run import Status, Trigger
from app.schemas.base import Output


class RunStarted(Output):
    """What was recorded; follow the executions to their end."""

    run_id: UUID
    executions: list[UUID]


class RunRead(Output):
    """One slot, one manual start, one start after other runs, or (with
    `scheduled_until`) a gap record."""

    id: UUID
    task_id: UUID
    task_version_id: UUID
    root_run_id: UUID | None = Field(
        description="The run with which its chain began; null for that run itself."
    )
    trigger: Trigger
    as_scheduled: bool = Field(
        description="Started by hand to run a slot again, with the parameters its"
        " schedule brings."
    )
    scheduled_for: datetime | None
    scheduled_until: datetime | None = Field(
        description="The last slot of a gap record; null for a single slot."
    )
    slots: int = Field(description="How many slots this record stands for.")
    status: Status
    reason: str | None
    started_by: UUID | None
    created_at: datetime
    finished_at: datetime | None


class RunInChainRead(RunRead):
    """A run of a chain. `skipped` with the reason `chain_interrupted`: something that
    it runs after did not end as it asks for, or was skipped itself."""

    task_name: str
