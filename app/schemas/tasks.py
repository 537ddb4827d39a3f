"""Tasks and their versions as they cross the edge."""

from collections.abc import Hashable, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from app.core.queue import Priority
from app.models.task import ActionKind, OnError, Overlap, RunEnd, TaskType
from app.schemas.aws_accounts import LabelKey, LabelValue
from app.schemas.base import Input, Output
from app.schemas.json_object import JsonObject
from app.schemas.schedules import ScheduleDefinition
from app.schemas.texts import Name

ALL_ENABLED = "all_enabled"

_Items = TypeVar("_Items", bound=Sequence[Hashable])


def _distinct(items: _Items) -> _Items:
    if len(set(items)) < len(items):
        raise PydanticCustomError("duplicate", "Something is named twice")
    return items


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


_AWSName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,64}$")]
_Labels = Annotated[
    list[LabelValue],
    Field(min_length=1, max_length=100),
    AfterValidator(_distinct),
    BeforeValidator(_listed, json_schema_input_type=str | list[str]),
]
Selector = Annotated[dict[LabelKey, _Labels], Field(min_length=1, max_length=20)]
Category = Literal[
    "AWSAuthenticationError",
    "AWSPermissionError",
    "AWSServiceLimitError",
    "AWSServiceError",
    "AWSConnectivityError",
    "AWSConfigurationError",
]


OFFERED = (TaskType.HEALTH_CHECK, TaskType.RESOURCE_LIST)


def _must_be_offered(value: object) -> object:
    if value not in OFFERED:
        known = " or ".join(repr(type.value) for type in OFFERED)
        raise PydanticCustomError("enum", "Input should be {known}", {"known": known})
    return value


OfferedType = Annotated[
    TaskType,
    BeforeValidator(_must_be_offered),
    WithJsonSchema({"type": "string", "enum": [type.value for type in OFFERED]}),
]


class Targets(Input):
    """The accounts: named, or found at each run by their labels (each label with one
    of the values)."""

    account_ids: (
        Annotated[
            list[UUID], Field(min_length=1, max_length=1000), AfterValidator(_distinct)
        ]
        | None
    ) = Field(None, description="Ids of AWS accounts as Cloudrota gives them.")
    selector: Selector | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "Targets":
        if (self.account_ids is None) == (self.selector is None):
            raise PydanticCustomError("one_of", "Name account_ids or a selector")
        return self


class RetryPolicy(Input):
    """A failed execution is tried again, each time on record, if all its errors are of
    these categories. What it had read by then is not read again; what may have changed
    something in AWS is never repeated."""

    categories: Annotated[
        list[Category], Field(min_length=1, max_length=6), AfterValidator(_distinct)
    ]
    retries: StrictInt = Field(ge=1, le=5, description="How often at most.")
    delay_seconds: StrictInt = Field(
        60, ge=0, le=3600, description="From the failure to the next try."
    )


class Dependency(Input):
    """A task that runs before this one, and how its run must end for this one to
    start: `finished` is any end of a run that was begun, even if it was cancelled."""

    task_id: UUID
    on: RunEnd = RunEnd.SUCCEEDED


def _no_task_twice(after: list[Dependency]) -> list[Dependency]:
    _distinct([one.task_id for one in after])
    return after


Dependencies = Annotated[
    list[Dependency],
    Field(
        max_length=20,
        description="It runs once all of these have ended so, beside its schedule.",
    ),
    AfterValidator(_no_task_twice),
]


class NotificationSettings(Input):
    """What is told of this task besides, or instead of, what rules tell: its problems,
    interruptions and bad health, and their end."""

    mute: StrictBool = Field(
        default=False, description="No rule tells of it; its own channels still do."
    )
    channel_ids: Annotated[
        list[UUID], Field(max_length=10), AfterValidator(_distinct)
    ] = Field(default_factory=list, description="Channels of its own.")


Services = Annotated[
    list[_AWSName], Field(min_length=1, max_length=500), AfterValidator(_distinct)
]
Regions = Annotated[
    list[_AWSName],
    Field(
        min_length=1,
        max_length=100,
        description='Names of regions, or only "all_enabled": those of each account.',
    ),
    AfterValidator(_distinct),
]
TimeoutSeconds = Annotated[
    StrictInt, Field(ge=10, le=21_600, description="Of one execution on one account.")
]
MisfireGraceSeconds = Annotated[
    StrictInt,
    Field(
        ge=0,
        le=86_400,
        description="A run missed by no more than this is made up for, late.",
    ),
]

_EXAMPLE: dict[str, Any] = {
    "name": "EC2 and RDS health",
    "type": "health_check",
    "services": ["ec2", "rds"],
    "regions": ["eu-central-1", "us-east-1"],
    "targets": {"account_ids": ["01961f4e-7d2a-7c11-9b0e-5a4f2d8c6e31"]},
    "schedule": {"kind": "daily", "time": "07:00", "timezone": "Europe/Berlin"},
    "on_error": "isolate",
}


class TaskDefinition(Input):
    """What is done, where, and when. `parameters` are those of the task type."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    name: Name
    type: OfferedType
    services: Services
    regions: Regions
    targets: Targets
    parameters: JsonObject = Field(default_factory=dict)
    schedule: ScheduleDefinition
    after: Dependencies = Field(default_factory=list)
    priority: Priority = Priority.NORMAL
    timeout_seconds: TimeoutSeconds = 900
    on_error: OnError = OnError.STOP
    retry_policy: RetryPolicy | None = None
    overlap: Overlap = Overlap.SKIP
    misfire_grace_seconds: MisfireGraceSeconds = 300
    notifications: NotificationSettings = Field(default_factory=NotificationSettings)


class TaskCreate(TaskDefinition):
    enabled: StrictBool = True


def _left_alone() -> Any:
    """What a member is that the client did not send; it is never looked at."""
    return None


class TaskPatch(Input):
    """What changes; members that are not sent stay. An object or list that is sent
    replaces the whole one."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"enabled": False},
                {"schedule": {"kind": "cron", "expression": "0 7 * * 1-5"}},
            ]
        }
    )

    name: Name = Field(default_factory=_left_alone)
    type: OfferedType = Field(default_factory=_left_alone)
    services: Services = Field(default_factory=_left_alone)
    regions: Regions = Field(default_factory=_left_alone)
    targets: Targets = Field(default_factory=_left_alone)
    parameters: JsonObject = Field(default_factory=_left_alone)
    schedule: ScheduleDefinition = Field(default_factory=_left_alone)
    after: Dependencies = Field(default_factory=_left_alone)
    priority: Priority = Field(default_factory=_left_alone)
    timeout_seconds: TimeoutSeconds = Field(default_factory=_left_alone)
    on_error: OnError = Field(default_factory=_left_alone)
    retry_policy: RetryPolicy | None = Field(default_factory=_left_alone)
    overlap: Overlap = Field(default_factory=_left_alone)
    misfire_grace_seconds: MisfireGraceSeconds = Field(default_factory=_left_alone)
    notifications: NotificationSettings = Field(default_factory=_left_alone)
    enabled: StrictBool = Field(default_factory=_left_alone)


class TargetsRead(Output):
    """`account_ids` may be empty where every account was disconnected since."""

    account_ids: list[UUID] | None = None
    selector: dict[str, list[str]] | None = None


class DependencyRead(Output):
    task_id: UUID
    on: RunEnd


class TaskDefined(Output):
    """What a version says for ever, and to everybody alike."""

    name: str
    type: TaskType
    services: list[str]
    regions: list[str]
    parameters: dict[str, Any]
    schedule: ScheduleDefinition
    schedule_in_words: str
    priority: Priority
    timeout_seconds: int
    on_error: OnError
    retry_policy: RetryPolicy | None
    overlap: Overlap
    misfire_grace_seconds: int
    notifications: NotificationSettings
    version: int


class _DefinitionRead(TaskDefined):
    """Of `after`, those tasks that the reader may see."""

    targets: TargetsRead
    after: list[DependencyRead]
    created_at: datetime


class TaskRead(_DefinitionRead):
    """A task as its present version defines it. `next_run_at` is null where nothing is
    planned: on demand, disabled, or over."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                _EXAMPLE
                | {
                    "id": "01961f52-0b6e-7f6d-8a0c-3f1d8a5e9b10",
                    "targets": {
                        "account_ids": ["01961f4e-7d2a-7c11-9b0e-5a4f2d8c6e31"],
                        "selector": None,
                    },
                    "parameters": {},
                    "schedule_in_words": "Every day at 07:00, Europe/Berlin.",
                    "after": [],
                    "priority": "normal",
                    "timeout_seconds": 900,
                    "retry_policy": None,
                    "overlap": "skip",
                    "misfire_grace_seconds": 300,
                    "notifications": {"mute": False, "channel_ids": []},
                    "kind": "read",
                    "enabled": True,
                    "disabled_reason": None,
                    "next_run_at": "2026-03-03T06:00:00Z",
                    "version": 1,
                    "created_by": "01961f4e-1111-7c11-9b0e-5a4f2d8c6e31",
                    "created_at": "2026-03-02T08:15:30Z",
                    "updated_at": "2026-03-02T08:15:30Z",
                }
            ]
        }
    )

    id: UUID
    kind: ActionKind
    enabled: bool
    disabled_reason: str | None
    next_run_at: datetime | None
    created_by: UUID | None = Field(description="Null: a service key.")
    updated_at: datetime


class TaskVersionRead(_DefinitionRead):
    """A task's definition at one time; `created_at` is when it came into force."""

    id: UUID
    task_id: UUID
    author_id: UUID | None = Field(description="Null: a service key.")
