"""What people and their systems are told: one thing that happened, from recorded facts
alone. The document of a webhook is this very shape."""

from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class NoticeEvent(StrEnum):
    """What can be told. Rules and webhook endpoints name them."""

    EXECUTION_SUCCEEDED = "execution.succeeded"
    EXECUTION_FAILED = "execution.failed"
    EXECUTION_INTERRUPTED = "execution.interrupted"
    EXECUTION_CANCELLED = "execution.cancelled"
    EXECUTION_SKIPPED = "execution.skipped"
    EXECUTION_RECOVERED = "execution.recovered"
    HEALTH_DEGRADED = "health.degraded"
    HEALTH_RECOVERED = "health.recovered"
    RESOURCE_CHANGED = "resource.changed"
    PROBLEM_OPENED = "problem.opened"
    PROBLEM_CLOSED = "problem.closed"
    CREDENTIALS_INVALID = "credentials.invalid"
    CREDENTIALS_RECOVERED = "credentials.recovered"
    SUBSCRIPTION_CHANGED = "subscription.changed"
    SUBSCRIPTION_READ_ONLY = "subscription.read_only"
    USAGE_NEAR = "usage.near"
    USAGE_REACHED = "usage.reached"
    CHANNEL_FAILING = "channel.failing"
    CHANNEL_RECOVERED = "channel.recovered"
    TEST = "test"


class Severity(IntEnum):
    """Of a notice; a rule names the least it wants."""

    INFO = 1
    WARNING = 2
    ERROR = 3
    CRITICAL = 4


class _Fact(BaseModel):
    """A document of facts, which nobody changes. Its texts come from AWS and from
    people, and may be hostile: whoever renders them escapes them."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Named(_Fact):
    id: UUID
    name: str


class NotedAccount(_Fact):
    """`number` is the twelve digits that AWS knows it by."""

    id: UUID
    number: str
    name: str | None = None


class NotedError(_Fact):
    """Of the recorded error, what a person needs to mend it (docs/errors.md)."""

    category: str
    code: str
    message: str
    service: str | None = None
    operation: str | None = None
    region: str | None = None
    request_id: str | None = None
    missing_action: str | None = None
    advice: str | None = None


class Notice(_Fact):
    """One thing that happened. `title` is a sentence without its end; `lines` are what
    else is known, one sentence each; `link` leads into the console. `detail` holds
    counts and words of the event's kind (docs/notices.md)."""

    id: UUID
    event: NoticeEvent
    at: datetime
    severity: Severity
    organization: Named
    title: Annotated[str, Field(max_length=300)]
    lines: tuple[str, ...] = ()
    link: str
    account: NotedAccount | None = None
    task: Named | None = None
    run_id: UUID | None = None
    execution_id: UUID | None = None
    problem_id: UUID | None = None
    services: tuple[str, ...] = ()
    error: NotedError | None = None
    detail: dict[str, Any] = Field(default_factory=dict)
