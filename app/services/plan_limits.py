"""What an organization's plan allows it to keep. The database refuses what is beyond it
(`count_usage`, alembic/versions/0031_usage_counts.py); here is what is said of it, and
what is looked at before."""

import json
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import FieldError, PlanLimit
from app.models.subscription import Subscription, SubscriptionPlan
from app.models.usage_count import CountedMetric, UsageCount
from app.services.decisions.schedules import Schedule, shortest_interval
from app.services.decisions.usage import PLAN_LIMIT


class _Limited(NamedTuple):
    """What a limit is of, and the member of the input that is beyond it."""

    what: str
    pointer: str


_LIMITED = {
    CountedMetric.AWS_ACCOUNTS: _Limited("AWS accounts", "/role_arn"),
    CountedMetric.ENABLED_TASKS: _Limited("enabled tasks", "/enabled"),
    CountedMetric.MEMBERS: _Limited("members", "/token"),
}


def refusal(error: DBAPIError) -> PlanLimit | None:
    """What the database refused for the plan, said to people; None for all else."""
    cause = error.orig.__cause__ if error.orig is not None else None
    if getattr(cause, "constraint_name", None) != PLAN_LIMIT:
        return None
    facts = json.loads(getattr(cause, "detail", ""))
    metric = CountedMetric(facts["metric"])
    return reached(metric, limit=facts["limit"], used=facts["used"])


def reached(
    metric: CountedMetric, *, limit: int, used: int, pointer: str | None = None
) -> PlanLimit:
    """The plan's limit as an error at the member, by default the metric's own."""
    what, usual = _LIMITED[metric]
    told = f"Your plan allows {limit} {what}, and {used} are counted already."
    return PlanLimit(told, fields=(FieldError(pointer or usual, metric, told),))


def paused() -> PlanLimit:
    """Nothing runs on accounts that the plan has no room for."""
    return PlanLimit("Your plan allows fewer AWS accounts: all of the task are paused.")


async def hold(session: AsyncSession, organization_id: UUID) -> SubscriptionPlan:
    """The plan, which does not change until the transaction's end. Who will make the
    organization grow holds it before any other row: a change of plan has it alone and
    then goes for the others."""
    held = select(Subscription.plan_code).where(
        Subscription.organization_id == organization_id
    )
    # Two statements: one that had waited would look for the plan of before.
    code = (await session.scalars(held.with_for_update(read=True))).one()
    return await session.get_one(SubscriptionPlan, code, populate_existing=True)


async def room(
    session: AsyncSession,
    plan: SubscriptionPlan,
    organization_id: UUID,
    of: CountedMetric,
) -> int | None:
    """How many more the held plan allows, None without a limit. Nobody takes any of it
    until the transaction's end."""
    allowed = plan.limits[of]
    if allowed is None:
        return None
    return max(0, int(allowed) - await _used(session, organization_id, of))


async def refuse_another(
    session: AsyncSession,
    plan: SubscriptionPlan,
    organization_id: UUID,
    of: CountedMetric,
    *,
    at: str,
) -> None:
    """Raises PlanLimit at this member of the input where the held plan has no room."""
    if await room(session, plan, organization_id, of) == 0:
        used = await _used(session, organization_id, of)
        raise reached(of, limit=plan.limits[of], used=used, pointer=at)


async def _used(session: AsyncSession, organization_id: UUID, of: CountedMetric) -> int:
    """How many are counted; the counter is locked."""
    mine = {"organization_id": organization_id, "metric": of}
    locked = insert(UsageCount).values(**mine, value=0)
    locked = locked.on_conflict_do_update(
        index_elements=list(mine), set_={"value": UsageCount.value}
    )
    return (await session.scalars(locked.returning(UsageCount.value))).one()


def refuse_haste(plan: SubscriptionPlan, schedule: Schedule) -> None:
    """Raises PlanLimit for a schedule whose slots come closer than the plan allows."""
    if is_too_hasty(plan, schedule):
        shortest = plan.limits["shortest_interval_seconds"]
        told = f"Your plan allows a slot every {timedelta(seconds=shortest)} at most."
        wrong = FieldError("/schedule", "shortest_interval_seconds", told)
        raise PlanLimit(told, fields=(wrong,))


def is_too_hasty(plan: SubscriptionPlan, schedule: Schedule) -> bool:
    shortest = plan.limits["shortest_interval_seconds"]
    interval = shortest_interval(schedule)
    if shortest is None or interval is None:
        return False
    return interval < timedelta(seconds=shortest)
