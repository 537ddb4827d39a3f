"""AWS accounts as they cross the edge: name, labels, exclusions."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from app.schemas.base import Input, Output
from app.schemas.texts import Name, OneLine, Reason

MAX_LABELS = 50
MAX_EXCLUSIONS = 200

LabelKey = Annotated[str, StringConstraints(min_length=1, max_length=64), OneLine]
LabelValue = Annotated[str, StringConstraints(max_length=128), OneLine]
_Word = Annotated[str, StringConstraints(min_length=1, max_length=128), OneLine]
_Identity = Annotated[str, StringConstraints(min_length=1, max_length=2048), OneLine]


class ExclusionInput(Input):
    """What all given members name together is left out; at least one is given. One
    with a `type` or `identity` leaves out resources, another one whole units."""

    service: _Word | None = None
    region: _Word | None = None
    key: _Word | None = Field(
        default=None,
        description="A listing or a health check.",
        examples=["ec2:DescribeInstances"],
    )
    type: _Word | None = Field(default=None, examples=["ec2:instance"])
    identity: _Identity | None = Field(
        default=None, description="The id or ARN of one resource, as it is listed."
    )
    reason: Reason

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if not (self.service or self.region or self.key or self.type or self.identity):
            raise PydanticCustomError(
                "names_nothing", "Name a service, region, key, type or identity"
            )
        return self


class ExclusionRead(Output):
    """`by` is the name of who excluded it."""

    service: str | None
    region: str | None
    key: str | None
    type: str | None
    identity: str | None
    reason: str
    by: str
    at: datetime


class AccountUpdate(Input):
    """What is absent or null stays; labels and exclusions are replaced as a whole."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "name": "Production",
                "labels": {"client": "north"},
                "exclusions": [{"region": "us-east-1", "reason": "Nothing runs there"}],
            }
        }
    )

    name: Name | None = None
    labels: (
        Annotated[dict[LabelKey, LabelValue], Field(max_length=MAX_LABELS)] | None
    ) = None
    exclusions: (
        Annotated[list[ExclusionInput], Field(max_length=MAX_EXCLUSIONS)] | None
    ) = None


class AccountRead(Output):
    """`connected` is false once no usable way in is left; its history stays. Since
    `paused_at` nothing runs on it, as the plan allows fewer accounts."""

    id: UUID
    account_id: str
    partition: str
    name: str
    labels: dict[str, str]
    exclusions: list[ExclusionRead]
    connected: bool
    paused_at: datetime | None
    created_at: datetime
