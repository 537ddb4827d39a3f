"""Deliveries as they cross the edge."""

from datetime import datetime
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field, JsonValue

from app.models.notification import DeliveryStatus, DropReason
from app.schemas.base import Input, Output


class TryRead(Output):
    """One try. `code` is the status of the answer, where there was one."""

    at: datetime
    code: int | None
    error: str | None
    ms: int = Field(description="Milliseconds until it ended.")


class DeliveryRead(Output):
    """One notice on its way to one channel or endpoint."""

    id: UUID
    at: datetime
    channel_id: UUID | None
    endpoint_id: UUID | None
    rule_id: UUID | None
    notice_id: UUID | None
    event: str
    why: str | None = Field(description="Why it is told, as a sentence.")
    status: DeliveryStatus = Field(
        description="`failed`: refused for good; `dead`: given up after ten tries or"
        " three days; `dropped`: not sent, and `drop_reason` says why."
    )
    drop_reason: DropReason | None
    available_at: datetime = Field(description="It is not sent before.")
    message_id: UUID | None = Field(
        validation_alias="bundle_id",
        description="Of the message that it was sent in, the same each time it is"
        " tried: the header `webhook-id`. Those of one digest share it.",
    )
    replay_of: UUID | None
    attempts: int
    tries: list[TryRead]
    response_code: int | None
    error: str | None
    delivered_at: datetime | None
    notice: dict[str, JsonValue] = Field(
        validation_alias="payload", description="What is told: the schema `Notice`."
    )


class ReplayInput(Input):
    """Everything that was refused or given up since then."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"since": "2026-01-01T00:00:00Z"}]}
    )

    since: AwareDatetime


class Replayed(Output):
    """How many are on their way again, and how many are left for another request."""

    replayed: int
    left: int
