"""Mutes as they cross the edge: of what nothing is told for a while."""

from datetime import datetime
from uuid import UUID

from pydantic import ConfigDict, Field, JsonValue

from app.schemas.base import Input, Output
from app.schemas.instants import Instant
from app.schemas.texts import Reason

SUBJECTS = ("task_id", "account_id", "problem_id", "channel_id", "rule_id")
_EXAMPLE: dict[str, JsonValue] = {
    "task_id": "01961f4e-7d2a-7c11-9b0e-5a4f2d8c6e31",
    "until": "2030-01-31T09:00:00Z",
    "reason": "The client migrates tonight.",
}


class MuteInput(Input):
    """Mute one thing until an instant; exactly one id is given."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    task_id: UUID | None = None
    account_id: UUID | None = None
    problem_id: UUID | None = None
    channel_id: UUID | None = None
    rule_id: UUID | None = None
    until: Instant
    reason: Reason | None = None


class MuteRead(Output):
    """One of the ids is given: that of what is muted."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                dict.fromkeys(SUBJECTS)
                | _EXAMPLE
                | {
                    "id": "01961f52-0b6e-7f6d-8a0c-3f1d8a5e9b10",
                    "created_by": "01961f4e-1111-7c11-9b0e-5a4f2d8c6e31",
                    "created_at": "2026-03-02T08:15:30Z",
                }
            ]
        }
    )

    id: UUID
    task_id: UUID | None
    account_id: UUID | None = Field(validation_alias="aws_account_id")
    problem_id: UUID | None
    channel_id: UUID | None
    rule_id: UUID | None
    until: datetime
    reason: str | None
    created_by: UUID | None
    created_at: datetime
