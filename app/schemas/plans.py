"""Plans as they cross the edge. Prices are Stripe's: its checkout page shows them."""

from pydantic import Field

from app.schemas.base import Output


class PlanLimits(Output):
    """Null is no limit. Months are calendar months in UTC."""

    aws_accounts: int | None
    enabled_tasks: int | None
    shortest_interval_seconds: int | None
    executions_per_month: int | None
    aws_calls_per_month: int | None
    units_per_execution: int | None
    stored_resources: int | None
    history_days: int | None
    members: int | None


class PlanRead(Output):
    code: str
    name: str
    limits: PlanLimits
    is_present: bool = Field(description="Whether it is the organization's now.")
    is_offered: bool = Field(description="Whether it can be subscribed to.")


class Plans(Output):
    items: list[PlanRead]
