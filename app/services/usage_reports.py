"""What an organization has used of its plan, told to those who see all of it."""

from datetime import date, datetime, timedelta
from typing import get_args

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.permissions import Permission
from app.models.organization import Member
from app.models.subscription import Subscription, SubscriptionPlan
from app.models.usage import Metric, UsageMonth
from app.models.usage_count import UsageCount
from app.schemas.usage import Bound, MetricUsage, MonthUsage, Usage, UsageHistory
from app.services.decisions.usage import end_of, month_of, state_of

BOUNDS = get_args(Bound.model_fields["name"].annotation)
MONTHLY = (Metric.EXECUTIONS, Metric.AWS_CALLS)
MONTHS_SHOWN = 13


async def read(session: AsyncSession, actor: Actor) -> Usage:
    """Each metric with what is used of it."""
    actor.must(Permission.READ_USAGE)
    mine = (
        select(SubscriptionPlan, func.app_now())
        .join(Subscription, Subscription.plan_code == SubscriptionPlan.code)
        .where(Subscription.organization_id == actor.organization_id)
    )
    plan, now = (await session.execute(mine)).one()
    month = await this_month_of(session, actor, now)
    used = await _kept(session, actor)
    used |= {
        Metric.EXECUTIONS: month.executions,
        Metric.AWS_CALLS: month.aws_calls,
    }
    return Usage(
        plan=plan.code,
        items=[
            _item(metric, used.get(metric, 0), plan.limits[metric], now)
            for metric in Metric
        ],
        bounds=[Bound(name=name, limit=plan.limits[name]) for name in BOUNDS],
        executions_refused=month.executions_refused,
    )


async def this_month_of(
    session: AsyncSession, actor: Actor, now: datetime
) -> UsageMonth:
    """What is counted of the month; where nothing is, a row that is not stored."""
    key = {"organization_id": actor.organization_id, "month": month_of(now)}
    nothing = {"executions": 0, "executions_refused": 0, "aws_calls": 0}
    found = await session.get(UsageMonth, key)
    return found or UsageMonth(**key, **nothing)


async def history(session: AsyncSession, actor: Actor) -> UsageHistory:
    """The months since the first that is counted: each execution is counted with its
    recording, so that a month between without a row had none."""
    actor.must(Permission.READ_USAGE)
    now = (await session.execute(select(func.app_now()))).scalar_one()
    months = [month_of(now)]
    while len(months) < MONTHS_SHOWN:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    counted = select(UsageMonth).where(
        UsageMonth.organization_id == actor.organization_id,
        UsageMonth.month.in_(months),
    )
    found = {one.month: one for one in await session.scalars(counted)}
    first = min(found, default=months[0])
    return UsageHistory(
        months=[
            _month(month, found.get(month))
            for month in reversed(months)
            if month >= first
        ]
    )


def _month(month: date, counted: UsageMonth | None) -> MonthUsage:
    if counted is None:
        return MonthUsage(month=month, executions=0, executions_refused=0, aws_calls=0)
    return MonthUsage.model_validate(counted)


async def _kept(session: AsyncSession, actor: Actor) -> dict[Metric, int]:
    counts = select(UsageCount).where(
        UsageCount.organization_id == actor.organization_id
    )
    used = {Metric(one.metric): one.value for one in await session.scalars(counts)}
    used[Metric.MEMBERS] = used.get(Metric.MEMBERS, 0) - await _expired(session, actor)
    return used


async def _expired(session: AsyncSession, actor: Actor) -> int:
    """Members whose time is over count until the next one joins, and take no place."""
    over = select(func.count()).where(
        Member.organization_id == actor.organization_id,
        Member.removed_at.is_(None),
        Member.expires_at <= func.app_now(),
    )
    return (await session.execute(over)).scalar_one()


def _item(metric: Metric, used: int, limit: int | None, now: datetime) -> MetricUsage:
    return MetricUsage(
        metric=metric,
        used=used,
        limit=limit,
        resets_at=end_of(month_of(now)) if metric in MONTHLY else None,
        state=state_of(used, limit),
    )
