"""What `detail` of a notice holds, by its event (docs/notices.md). Any member may be
missing: what was deleted since is not told."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal
from uuid import UUID

from typing_extensions import TypedDict  # pydantic asks for it before Python 3.12

from app.core.notice import NoticeEvent

Fate = Literal["new", "returned", "changed", "gone"]


class NoDetail(TypedDict, total=False):
    """Nothing more is known."""


class ProblemDetail(TypedDict, total=False):
    """How often a problem struck, and when first and last."""

    count: int
    first_at: datetime
    last_at: datetime


class ExecutionDetail(TypedDict, total=False):
    """How an execution ended. `units_not_read` of it failed, or were not attempted."""

    trigger: str
    scheduled_for: datetime | None
    status: str
    reason: str | None
    attempts: int
    retries: int
    verdict: str | None
    counts: dict[str, int]
    units_not_read: int


class SkippedDetail(ExecutionDetail, total=False):
    """Where there was no execution: so many slots until the last one."""

    slots: int
    scheduled_until: datetime | None


class RecoveredDetail(ExecutionDetail, total=False):
    """How it had ended the time before."""

    before: str
    before_id: UUID
    before_at: datetime


class HealthDetail(TypedDict, total=False):
    """A verdict, the one before, and resources by their verdicts."""

    verdict: str
    before: str | None
    counts: dict[str, int]


class ChangedResource(TypedDict):
    """One that a listing found otherwise than before."""

    id: UUID
    type: str
    identity: str
    name: str | None
    fate: Fate


class ResourcesDetail(TypedDict, total=False):
    """How one listing compares to the last: all in `counts`, at most 20 by name."""

    service: str
    region: str
    key: str
    counts: dict[str, int]
    resources: list[ChangedResource]


class CredentialsDetail(TypedDict, total=False):
    """Which credentials, and how they stand."""

    credentials_id: UUID
    name: str | None
    purpose: str
    status: str
    reason: str | None


class SubscriptionDetail(TypedDict, total=False):
    """Plans by their names."""

    plan: str
    plan_before: str
    status: str
    status_before: str


class ReadOnlyDetail(TypedDict, total=False):
    """Since when a payment is overdue."""

    past_due_since: datetime


class UsageDetail(TypedDict, total=False):
    """How much of a limit is used. `threshold` is in percent."""

    metric: str
    threshold: int
    used: int
    allowed: int


class RecipientDetail(TypedDict, total=False):
    """A channel or endpoint, and how often in a row it was not reached."""

    recipient_id: UUID
    name: str
    failures: int


DETAILS: Mapping[NoticeEvent, Any] = MappingProxyType(
    {
        NoticeEvent.EXECUTION_SUCCEEDED: ExecutionDetail,
        NoticeEvent.EXECUTION_FAILED: ExecutionDetail,
        NoticeEvent.EXECUTION_INTERRUPTED: ExecutionDetail,
        NoticeEvent.EXECUTION_CANCELLED: ExecutionDetail,
        NoticeEvent.EXECUTION_SKIPPED: SkippedDetail,
        NoticeEvent.EXECUTION_RECOVERED: RecoveredDetail,
        NoticeEvent.HEALTH_DEGRADED: HealthDetail,
        NoticeEvent.HEALTH_RECOVERED: HealthDetail,
        NoticeEvent.RESOURCE_CHANGED: ResourcesDetail,
        NoticeEvent.PROBLEM_OPENED: NoDetail,
        NoticeEvent.PROBLEM_CLOSED: ProblemDetail,
        NoticeEvent.CREDENTIALS_INVALID: CredentialsDetail,
        NoticeEvent.CREDENTIALS_RECOVERED: CredentialsDetail,
        NoticeEvent.SUBSCRIPTION_CHANGED: SubscriptionDetail,
        NoticeEvent.SUBSCRIPTION_READ_ONLY: ReadOnlyDetail,
        NoticeEvent.USAGE_NEAR: UsageDetail,
        NoticeEvent.USAGE_REACHED: UsageDetail,
        NoticeEvent.CHANNEL_FAILING: RecipientDetail,
        NoticeEvent.CHANNEL_RECOVERED: RecipientDetail,
        NoticeEvent.TEST: NoDetail,
    }
)
