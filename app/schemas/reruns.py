"""Running failed executions again, and resolving interrupted ones."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import (
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

from app.schemas.base import Input, Output
from app.schemas.instants import Instant
from app.schemas.tasks import Category

MOST_RERUN = 200

Ended = Literal["failed", "interrupted", "cancelled", "skipped"]
Outcome = Literal[
    "started",
    "superseded",
    "unfinished",
    "succeeded",
    "already_running",
    "task_deleted",
    "not_targeted",
    "account_paused",
    "unresolved",
    "plan_limit",
    "filtered_out",
]
Note = Annotated[str, StringConstraints(min_length=1, max_length=2000)]


class RerunInput(Input):
    """Which executions to run again: all members that are given must hold. An execution
    that has been followed by another of its task on its account is not run again."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"problem_id": "01961f60-4c2d-7a11-8a0c-3f1d8a5e9b10"}]
        }
    )

    execution_ids: list[UUID] | None = Field(None, min_length=1, max_length=MOST_RERUN)
    problem_id: UUID | None = Field(
        None, description="Those that ended with the problem's error."
    )
    task_id: UUID | None = None
    account_id: UUID | None = None
    category: Category | None = None
    status: list[Ended] = Field(["failed"], min_length=1, max_length=4)
    since: Instant | None = Field(None, description="Recorded then or later.")
    until: Instant | None = Field(None, description="Recorded before.")

    @model_validator(mode="after")
    def _names_something(self) -> "RerunInput":
        if not self.model_fields_set - {"status"}:
            raise PydanticCustomError(
                "no_filter", "Say which executions: by ids, problem, task or the like"
            )
        return self


class RerunItem(Output):
    """What became of one of them. `started`: `new_execution_id` is queued. Otherwise
    why not: a newer execution followed it (`superseded`), it has not ended, it
    succeeded, its task is at work (`already_running`), the task is deleted or no longer
    looks at the account, an interrupted change waits to be resolved, the plan has not
    enough left this month for all that are wanted of its task (`plan_limit`), or it was
    named and another member of the filter does not hold (`filtered_out`)."""

    execution_id: UUID
    task_id: UUID
    aws_account_id: UUID
    outcome: Outcome
    run_id: UUID | None
    new_execution_id: UUID | None


class Rerun(Output):
    """`not_shown` executions matched beyond those that one request runs again: ask
    once more."""

    items: list[RerunItem]
    not_shown: int


class ResolutionInput(Input):
    """What a person found out about a change whose outcome was unknown."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"outcome": "done", "note": "The instance is stopped."}]
        }
    )

    outcome: Literal["done", "not_done"]
    note: Note
