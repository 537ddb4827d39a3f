"""What a plan leaves of a month: what is recorded, and what is skipped and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from uuid import UUID

from app.models.usage import Metric
from app.schemas.usage import State

# Why a slot, or a turn in a chain, is not run.
PLAN_LIMIT = "plan_limit"
BILLING = "billing"

# What is limited, as people say it.
IN_WORDS: Mapping[str, str] = MappingProxyType(
    {
        Metric.AWS_ACCOUNTS: "connected AWS accounts",
        Metric.ENABLED_TASKS: "enabled tasks",
        Metric.MEMBERS: "members",
        Metric.STORED_RESOURCES: "resources in the inventory",
        Metric.EXECUTIONS: "executions of this month, with those that the plan refused",
        Metric.AWS_CALLS: "calls to AWS in this month",
    }
)

# Percent of a limit at which an organization is told.
NEAR, REACHED = 80, 100

_LONGEST_MONTH = timedelta(days=31)


def month_of(instant: datetime) -> date:
    """The first day of the instant's month, in UTC."""
    return instant.astimezone(UTC).date().replace(day=1)


def end_of(month: date) -> datetime:
    """When the next month begins and what is counted by months starts at 0."""
    following = (month + _LONGEST_MONTH).replace(day=1)
    return datetime(following.year, following.month, 1, tzinfo=UTC)


def state_of(used: int, limit: int | None) -> State:
    if limit is None:
        return "unlimited"
    if used >= limit:
        return "reached"
    return "near" if used * 100 >= limit * NEAR else "within"


@dataclass(slots=True)
class Left:
    """What is left of a plan this month; None is no limit. Calls are known only once
    they were made: any that are left let an execution begin."""

    executions: int | None = None
    aws_calls: int | None = None
    is_read_only: bool = False

    def why_not(self, executions: int) -> str | None:
        """Why a run with so many executions is not recorded; None if it may be."""
        if self.is_read_only:
            return BILLING
        if self.aws_calls is not None and self.aws_calls <= 0:
            return PLAN_LIMIT
        if self.executions is not None and executions > self.executions:
            return PLAN_LIMIT
        return None


class Allowances:
    """What is left of the plans of those organizations that may not do all they like:
    the others are not named."""

    def __init__(self, left: dict[UUID, Left]) -> None:
        self._left = left

    def take(self, organization_id: UUID, executions: int) -> str | None:
        """Take so many executions of what is left; or none, with the reason."""
        left = self._left.get(organization_id)
        if left is None:
            return None
        reason = left.why_not(executions)
        if reason is None and left.executions is not None:
            left.executions -= executions
        return reason

    def give_back(self, organization_id: UUID, executions: int) -> None:
        """What was taken was not recorded after all."""
        left = self._left.get(organization_id)
        if left is not None and left.executions is not None:
            left.executions += executions
