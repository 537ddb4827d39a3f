"""The inventory as it crosses the edge."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from app.schemas.base import Output

_RESOURCE: dict[str, Any] = {
    "id": "01961f60-3c2d-7a11-8a0c-3f1d8a5e9b10",
    "aws_account_id": "01961f4e-7d2a-7c11-9b0e-5a4f2d8c6e31",
    "account_id": "123456789012",
    "service": "ec2",
    "type": "ec2:instance",
    "region": "eu-central-1",
    "identity": "i-0abcd1234example",
    "arn": None,
    "name": "web-1",
    "state": "running",
    "tags": {"Name": "web-1", "stage": "live"},
    "first_seen_at": "2026-03-01T06:00:04Z",
    "changed_at": "2026-03-02T06:00:04Z",
    "gone_at": None,
    "as_of": "2026-03-03T06:00:04Z",
    "freshness": "fresh",
}


class ResourceRead(Output):
    """A thing in an AWS account. `gone_at` is set while the last complete read did not
    hold it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_RESOURCE]})

    id: UUID
    aws_account_id: UUID
    account_id: str = Field(description="The 12 digits of the AWS account.")
    service: str
    type: str
    region: str
    identity: str
    arn: str | None
    name: str | None
    state: str | None
    tags: dict[str, str] = Field(
        description="As far as the listing holds them: without any it says nothing."
    )
    first_seen_at: datetime
    changed_at: datetime
    gone_at: datetime | None
    as_of: datetime = Field(description="The last complete read of where it is.")
    freshness: Literal["fresh", "stale", "unknown"] = Field(
        description=(
            "stale: the next read is overdue. unknown: the last attempt to read failed."
        )
    )


class VersionRead(Output):
    """Its content was this from one instant (included) until another (not included)."""

    id: UUID
    from_at: datetime
    until_at: datetime | None
    content_hash: str


class PastVersionRead(VersionRead):
    """With the executions whose reads began and ended it; null also where they are
    deleted by now."""

    from_execution_id: UUID | None
    until_execution_id: UUID | None


class ResourceDetail(ResourceRead):
    """`document` is what AWS answered, secrets masked: its last content or, with `at`,
    that of the instant."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **_RESOURCE,
                    "version": {
                        "id": "01961f60-4c2d-7a11-8a0c-3f1d8a5e9b10",
                        "from_at": "2026-03-02T06:00:04Z",
                        "until_at": None,
                        "content_hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
                    },
                    "document": {"InstanceId": "i-0abcd1234example"},
                }
            ]
        }
    )

    version: VersionRead
    document: dict[str, Any]


class DayCount(Output):
    """One day of UTC. `units` are the listings in regions of accounts that were known
    by then; `resources` is null unless each was read completely on that day, and then
    what the last read of each held. Reads may be deleted by now, as the plan keeps them
    for a time."""

    day: date
    resources: int | None
    units: int
    units_read: int


class ResourceCounts(Output):
    """How many resources were there, day by day, the oldest first and today last."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "days": [
                        {
                            "day": "2026-03-02",
                            "resources": 412,
                            "units": 34,
                            "units_read": 34,
                        },
                        {
                            "day": "2026-03-03",
                            "resources": None,
                            "units": 34,
                            "units_read": 33,
                        },
                    ],
                    "units_never_read": 2,
                }
            ]
        }
    )

    days: list[DayCount]
    units_never_read: int = Field(
        description="Units that no day counts, as no complete read of them in all that"
        " time is known."
    )
