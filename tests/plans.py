"""Plans of the tests' own, and who is subscribed to them."""

from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.models.subscription import Subscription, SubscriptionPlan

UNLIMITED: dict[str, int | None] = {
    "aws_accounts": None,
    "enabled_tasks": None,
    "shortest_interval_seconds": None,
    "executions_per_month": None,
    "aws_calls_per_month": None,
    "units_per_execution": None,
    "stored_resources": None,
    "history_days": None,
    "members": None,
}


async def make_plan(
    session: AsyncSession, code: str = "small", **limits: int | None
) -> str:
    """A plan without limits but for those given; its code."""
    unknown = limits.keys() - UNLIMITED.keys()
    assert not unknown, f"there are no limits {unknown}"
    session.add(SubscriptionPlan(code=code, name=code, limits=UNLIMITED | limits))
    await session.flush()
    return code


async def subscribe(session: AsyncSession, organization_id: UUID, code: str) -> None:
    """Put the organization on the plan, whatever it has already."""
    mine = update(Subscription).where(Subscription.organization_id == organization_id)
    values: dict[str, Any] = {"plan_code": code}
    await session.execute(mine.values(values))


async def hold_nothing(session: AsyncSession) -> None:
    """No history of a larger plan is held any more."""
    values = {"history_held_days": None, "history_held_until": None}
    await session.execute(update(Subscription).values(values))
