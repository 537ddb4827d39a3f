"""What an organization has subscribed to, as its members see it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.errors import SubscriptionReadOnly
from app.core.permissions import Permission
from app.core.settings import Settings
from app.models.subscription import (
    Subscription,
    SubscriptionPlan,
    SubscriptionStatus,
)
from app.services import trials
from app.services.decisions.held_history import HeldHistory, held_history
from app.services.decisions.standing import Standing, standing


@dataclass(frozen=True, slots=True)
class Overview:
    """The subscription, and how the organization stands with it."""

    plan_code: str
    plan_name: str
    status: SubscriptionStatus
    current_period_end: datetime | None
    cancel_at_period_end: bool
    is_billed: bool
    has_customer: bool
    trial_days_offered: int
    standing: Standing
    held_history: HeldHistory | None


async def get(session: AsyncSession, settings: Settings, actor: Actor) -> Overview:
    """The actor's organization's."""
    actor.must(Permission.READ_ORGANIZATION)
    statement = (
        select(Subscription, SubscriptionPlan, func.app_now())
        .join(SubscriptionPlan, SubscriptionPlan.code == Subscription.plan_code)
        .where(Subscription.organization_id == actor.organization_id)
    )
    row, plan, now = (await session.execute(statement)).one()
    is_billed = settings.stripe_api_key is not None
    return Overview(
        plan_code=row.plan_code,
        plan_name=plan.name,
        status=row.status,
        current_period_end=row.current_period_end,
        cancel_at_period_end=row.cancel_at_period_end,
        is_billed=is_billed,
        has_customer=row.stripe_customer_id is not None,
        trial_days_offered=await _trial_days(session, settings, actor, row),
        standing=standing(
            status=row.status,
            period_end=row.trial_until or row.current_period_end,
            ends_at=row.ends_at,
            past_due_since=row.past_due_since,
            is_read_only=bool(row.is_read_only),
        ),
        held_history=held_history(
            until=row.history_held_until,
            days=row.history_held_days,
            then_days=plan.limits["history_days"],
            now=now,
        ),
    )


async def must_be_open(session: AsyncSession, organization_id: UUID) -> None:
    """Raises SubscriptionReadOnly where nothing may be added; for acts that no actor
    does, of whom the API asks it before."""
    wanted = select(Subscription.is_read_only).where(
        Subscription.organization_id == organization_id
    )
    if await session.scalar(wanted):
        raise SubscriptionReadOnly("Its payment is overdue: nobody can join it now.")


async def _trial_days(
    session: AsyncSession, settings: Settings, actor: Actor, row: Subscription
) -> int:
    """None where it takes no money, or the organization or the person had its trial."""
    if settings.stripe_api_key is None or row.trial_used_at is not None:
        return 0
    tenant = actor.organization_id
    if actor.user_id is None or await trials.is_open(
        session, settings, actor.user_id, tenant
    ):
        return settings.trial_days
    return 0
