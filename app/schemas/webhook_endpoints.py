"""Webhook endpoints as they cross the edge: the secret once, when it is made."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    JsonValue,
    StrictBool,
    StringConstraints,
    computed_field,
)
from pydantic_core import PydanticCustomError

from app.core.notice import NoticeEvent
from app.schemas.base import Input, Output
from app.schemas.channels import is_pending
from app.schemas.members import LabelScope
from app.schemas.texts import Name, OneLine


def _subscribable(event: NoticeEvent) -> NoticeEvent:
    if event is NoticeEvent.TEST:
        raise PydanticCustomError("not_subscribable", "A test is sent when asked for")
    return event


def _once_each(events: list[NoticeEvent]) -> list[NoticeEvent]:
    return sorted(set(events))


Events = Annotated[
    list[Annotated[NoticeEvent, AfterValidator(_subscribable)]],
    Field(min_length=1, max_length=len(NoticeEvent)),
    AfterValidator(_once_each),
]
EndpointUrl = Annotated[str, StringConstraints(min_length=1, max_length=2048), OneLine]

_ENTRY: dict[str, JsonValue] = {
    "name": "Ticket system",
    "url": "https://hooks.example.com/cloudrota",
    "events": ["problem.closed", "problem.opened"],
    "label_scope": None,
    "enabled": True,
}
_READ: dict[str, JsonValue] = {
    "id": "01961f4e-7d2a-7c11-9b0e-5a4f2d8c6e31",
    **_ENTRY,
    "secret_version": 1,
    "secret_last4": "q8c=",
    "secret_fingerprint": "mF0y3VxD7hYw1bq3n0q7yqk1mS0fQe7cJ5rXbD2uZtA",
    "secret_stored_at": "2026-03-02T08:15:30Z",
    "previous_until": None,
    "test_requested_at": None,
    "tested_at": None,
    "test_error": None,
    "test_pending": False,
    "failing_since": None,
    "paused_until": None,
    "last_error": None,
    "created_at": "2026-03-02T08:15:30Z",
}


class EndpointInput(Input):
    """Where signed events are posted to. The secret is made by us."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ENTRY]})

    name: Name
    url: EndpointUrl = Field(description="https, on port 443 or 8443, and public.")
    events: Events
    label_scope: LabelScope | None = Field(
        default=None, description="Only what concerns accounts with these labels."
    )
    enabled: StrictBool = True


class EndpointPatch(Input):
    """What is absent stays; a null limit is lifted."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"enabled": False}]})

    name: Name | None = None
    url: EndpointUrl | None = None
    events: Events | None = None
    label_scope: LabelScope | None = None
    enabled: StrictBool | None = None


class EndpointRead(Output):
    """Until `previous_until` the secret before this one signs along. `test_error` is
    what became of the last test; null, once `tested_at` is set: it arrived.
    `failing_since`, `paused_until` and `last_error` are as those of a channel."""

    model_config = ConfigDict(json_schema_extra={"examples": [_READ]})

    id: UUID
    name: str
    url: str
    events: list[NoticeEvent]
    label_scope: dict[str, list[str]] | None
    enabled: bool
    secret_version: int = Field(description="Counts its secrets.")
    secret_last4: str
    secret_fingerprint: str
    secret_stored_at: datetime
    previous_until: datetime | None
    test_requested_at: datetime | None
    tested_at: datetime | None
    test_error: str | None
    failing_since: datetime | None = None
    paused_until: datetime | None = None
    last_error: str | None = None
    created_at: datetime

    @computed_field  # type: ignore[prop-decorator]  # pydantic's documented form
    @property
    def test_pending(self) -> bool:
        return is_pending(self.test_requested_at, self.tested_at)


class EndpointMade(EndpointRead):
    """`secret` is shown this once. It is null in the answer to a repeat with the same
    Idempotency-Key, for nobody can show it again."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [_READ | {"secret": "whsec_…"}]}
    )

    secret: str | None = Field(repr=False)
