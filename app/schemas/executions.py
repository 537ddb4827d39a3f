"""Executions as they cross the edge: status, units, result, events, differences."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from app.core.queue import Priority
from app.models.run import Status, Trigger, UnitStatus
from app.models.task import ActionKind
from app.schemas.aws_errors import AWSErrorRead
from app.schemas.base import Output

CheckTier = Literal["curated", "generic", "reachable"]
_ERROR: dict[str, Any] = {
    "category": "AWSPermissionError",
    "code": "UnauthorizedOperation",
    "message": "You are not authorized to perform this operation.",
    "service": "ec2",
    "operation": "DescribeInstances",
    "region": "eu-central-1",
    "request_id": "59dbff89-35bd-4eac-99ed-be587EXAMPLE",
    "http_status": 403,
    "missing_action": "ec2:DescribeInstances",
    "resource": None,
    "deny_source": "no identity-based policy allows",
    "advice": "Allow ec2:DescribeInstances in the role's policy.",
    "retries": 0,
    "phase": "call",
    "notes": ["permission"],
}
_EXECUTION: dict[str, Any] = {
    "id": "01961f60-1c2d-7a11-8a0c-3f1d8a5e9b10",
    "task_id": "01961f52-0b6e-7f6d-8a0c-3f1d8a5e9b10",
    "task_name": "EC2 and RDS health",
    "run_id": "01961f60-1c2c-7b53-9d10-6a2b7c8d9e0f",
    "trigger": "schedule",
    "scheduled_for": "2026-03-03T06:00:00Z",
    "aws_account_id": "01961f4e-7d2a-7c11-9b0e-5a4f2d8c6e31",
    "account_id": "123456789012",
    "account_name": "Production",
    "kind": "read",
    "priority": "normal",
    "status": "failed",
    "reason": None,
    "attempt": 1,
    "retry_no": 0,
    "not_before": None,
    "error": _ERROR,
    "resolution": None,
    "verdict": "unknown",
    "counts": {"healthy": 12},
    "cancel_requested_at": None,
    "deadline": "2026-03-03T06:15:00Z",
    "catalog_version": "2026-02-27",
    "application_version": "0.1.0",
    "created_at": "2026-03-03T06:00:00Z",
    "started_at": "2026-03-03T06:00:01Z",
    "finished_at": "2026-03-03T06:00:04Z",
}


class ResolutionRead(Output):
    """What a person found out about an interrupted change."""

    outcome: Literal["done", "not_done"]
    note: str
    by: UUID
    at: datetime


class ExecutionRead(Output):
    """A run on one account. `verdict` and `counts` are null until it has a result,
    `verdict` also where nothing has a health state."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXECUTION]})

    id: UUID
    task_id: UUID
    task_name: str
    run_id: UUID
    trigger: Trigger
    scheduled_for: datetime | None
    aws_account_id: UUID
    account_id: str = Field(description="The 12 digits of the AWS account.")
    account_name: str
    kind: ActionKind
    priority: Priority
    status: Status
    reason: str | None
    attempt: int = Field(description="How many workers began it.")
    retry_no: int = Field(
        description="Which retry of the task's policy it is; its events tell of each."
    )
    not_before: datetime | None = Field(description="It waits until then, if queued.")
    error: AWSErrorRead | None
    resolution: ResolutionRead | None = Field(
        None, description="Of an interrupted one, once somebody has looked."
    )
    verdict: str | None
    counts: dict[str, int] | None
    cancel_requested_at: datetime | None
    deadline: datetime | None
    catalog_version: str | None
    application_version: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


Pacing = Literal["shared", "local"]
PACING = (
    "How the rate of calls was kept: with all workers together, or (Redis was away) by"
    " each worker's share of it. Null where nothing was asked."
)


class AnswerRead(Output):
    """One request that AWS answered; the id is null where its answer had none."""

    operation: str = Field(examples=["ec2:DescribeInstances"])
    region: str = Field(examples=["eu-central-1"])
    request_id: str | None = Field(examples=["59dbff89-35bd-4eac-99ed-be587EXAMPLE"])


class AnswersRead(Output):
    """The requests that AWS answered, in the order in which the answers came; of many
    the first and the last five. CloudTrail of the account knows them by their ids."""

    count: int
    first: list[AnswerRead]
    last: list[AnswerRead]


class UnitRead(Output):
    """One listing or check in one region. `counts` are resources: of a listing by what
    became of them, of a check by verdict. `tier` is null for a listing."""

    id: UUID
    kind: Literal["list", "health", "act"]
    service: str
    region: str
    key: str
    status: UnitStatus
    reason: str | None
    verdict: str | None
    tier: CheckTier | None
    counts: dict[str, int]
    calls: int
    retries: int
    throttled: int = Field(description="Answers that said: too fast.")
    pacing: Pacing | None = Field(description=PACING)
    answers: AnswersRead | None = Field(description="Null where AWS answered nothing.")
    error: AWSErrorRead | None
    started_at: datetime | None
    finished_at: datetime | None


class CoveredRead(Output):
    region: str
    service: str
    key: str
    reason: str | None


class CoverageRead(Output):
    """Every unit is in exactly one list."""

    read: list[CoveredRead]
    not_read: list[CoveredRead]
    not_applicable: list[CoveredRead]
    excluded: list[CoveredRead]


class TypeCounts(Output):
    """What one listing or check counted over all regions; of a listing by what became
    of the resources, of a check by verdict."""

    kind: Literal["list", "health", "act"]
    service: str
    key: str
    type: str | None = Field(description="Null where the catalog has it no more.")
    tier: CheckTier | None
    counts: dict[str, int]


class ResultRead(Output):
    """What an execution found. All but status, reason and error is null until it has
    ended, and stays so if it ended before it was begun."""

    execution_id: UUID
    status: Status
    reason: str | None
    error: AWSErrorRead | None
    verdict: str | None
    counts: dict[str, int] | None
    by_type: list[TypeCounts] | None
    coverage: CoverageRead | None
    calls: int | None
    retries: int | None
    throttled: int | None = Field(description="Answers that said: too fast.")
    pacing: Pacing | None = Field(description=PACING)
    duration_seconds: float | None
    recorded_at: datetime | None


class EventRead(Output):
    """One thing that happened to an execution; `fence` counts its leases."""

    id: UUID
    at: datetime
    kind: str
    from_status: Status | None
    to_status: Status | None
    fence: int
    actor: str
    detail: dict[str, Any]


class FindingRead(Output):
    """The verdict on one resource as this execution read it, unchanged since
    `from_at`. An excluded one has the verdict `excluded`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "01961f60-2c2d-7a11-8a0c-3f1d8a5e9b10",
                    "service": "ec2",
                    "key": "ec2:instance_status",
                    "type": "ec2:instance",
                    "identity": "i-0abcd1234example",
                    "arn": None,
                    "name": "web-1",
                    "region": "eu-central-1",
                    "tier": "curated",
                    "verdict": "unhealthy",
                    "reason": "The instance status is impaired.",
                    "facts": {"instance_status": "impaired"},
                    "from_at": "2026-03-03T06:00:04Z",
                    "as_of": "2026-03-04T06:00:03Z",
                }
            ]
        }
    )

    id: UUID
    service: str
    key: str
    type: str
    identity: str
    arn: str | None
    name: str | None
    region: str
    tier: CheckTier | None
    verdict: str
    reason: str
    facts: dict[str, Any]
    from_at: datetime
    as_of: datetime


class FoundResourceRead(Output):
    """A resource that this execution listed. `arn` and `name` are the last known ones;
    its document of that time is at /resources/{id}?at={as_of}."""

    id: UUID
    service: str
    type: str
    identity: str
    arn: str | None
    name: str | None
    region: str
    content_hash: str
    from_at: datetime = Field(description="Its content is unchanged since.")
    as_of: datetime = Field(description="When this execution read it.")


class FieldChangeRead(Output):
    """`pointer` is a JSON pointer. Of lists only the members that the other one lacks
    are given; a list of which the order means something, as of cache behaviors or the
    words of a command, is given whole. Null is a field that is not there."""

    pointer: str
    before: Any
    after: Any


class ChangeRead(Output):
    """What became of one resource, or of the verdict on it."""

    change: Literal["added", "removed", "changed"]
    kind: Literal["resource", "finding"]
    service: str
    key: str
    type: str
    identity: str
    region: str
    name: str | None
    fields: list[FieldChangeRead]


class NotComparable(Output):
    """A unit that says nothing about what changed, and why: `not_read` by this
    execution, `not_read_before` by the other, or `catalog_version` differs, so that
    the same thing may have another identity."""

    kind: Literal["list", "health", "act"]
    service: str
    region: str
    key: str
    reason: Literal["not_read", "not_read_before", "catalog_version"]


class Comparison(Output):
    """What changed from the execution `against` to this one, a page at a time."""

    execution_id: UUID
    against: UUID
    not_comparable: list[NotComparable]
    items: list[ChangeRead]
    next_cursor: str | None
