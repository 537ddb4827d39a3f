"""What an organization has used of its plan."""

from datetime import date, datetime
from typing import Literal

from pydantic import ConfigDict, Field

from app.models.usage import Metric
from app.schemas.base import Output

State = Literal["unlimited", "within", "near", "reached"]


class MetricUsage(Output):
    """`limit` null is no limit. `near` is from 80 percent of it on, and of what is
    `reached` there is no more."""

    metric: Metric
    used: int
    limit: int | None
    resets_at: datetime | None = Field(
        description="When it starts at 0 again; null for what is kept, not used up."
    )
    state: State


class Bound(Output):
    """A limit that nothing uses up: each task, execution or day is held to it. `limit`
    null is no limit."""

    name: Literal["shortest_interval_seconds", "units_per_execution", "history_days"]
    limit: int | None


class Usage(Output):
    """Each limit of the plan: `items` are on an amount, `bounds` are not."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "plan": "team",
                    "items": [
                        {
                            "metric": "executions_per_month",
                            "used": 81_204,
                            "limit": 100_000,
                            "resets_at": "2026-04-01T00:00:00Z",
                            "state": "near",
                        }
                    ],
                    "bounds": [{"name": "history_days", "limit": 90}],
                    "executions_refused": 0,
                }
            ]
        }
    )

    plan: str
    items: list[MetricUsage]
    bounds: list[Bound]
    executions_refused: int = Field(
        description="This month's executions that were not recorded, as the plan had"
        " not enough left: those of slots and turns in chains skipped `plan_limit`."
    )


class MonthUsage(Output):
    """One calendar month of UTC, named by its first day."""

    month: date
    executions: int
    executions_refused: int = Field(
        description="Not recorded, as the plan had not enough left."
    )
    aws_calls: int


class UsageHistory(Output):
    """The oldest first, the present month last; those before anything was counted are
    not there."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "months": [
                        {
                            "month": "2026-03-01",
                            "executions": 81_204,
                            "executions_refused": 0,
                            "aws_calls": 902_377,
                        }
                    ]
                }
            ]
        }
    )

    months: list[MonthUsage]
