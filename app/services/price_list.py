"""The plans that an organization can see: its own, those that are offered, and what it
falls back to without any of them."""

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.db import AWAY, Database, Login
from app.core.permissions import Permission
from app.core.settings import Settings
from app.models.subscription import Subscription, SubscriptionPlan
from app.schemas.plans import PlanLimits, PlanRead, Plans

log = structlog.get_logger(__name__)


class UnknownDefaultPlan(RuntimeError):
    """New organizations would have none."""


async def must_have_default(database: Database, settings: Settings) -> None:
    """Raises UnknownDefaultPlan where DEFAULT_PLAN names none. While the database is
    away that cannot be told, and is logged."""
    try:
        async with database.unit_of_work(Login.APP) as session:
            codes = {*await session.scalars(select(SubscriptionPlan.code))}
    except AWAY as error:
        log.warning("default_plan.unchecked", error=type(error).__name__)
        return
    if settings.default_plan not in codes:
        known = ", ".join(sorted(codes))
        raise UnknownDefaultPlan(
            f"DEFAULT_PLAN: there is no plan {settings.default_plan!r}, but {known}"
        )


async def read(session: AsyncSession, settings: Settings, actor: Actor) -> Plans:
    """From the smallest to the largest. Where nothing is sold, one's own alone."""
    actor.must(Permission.READ_ORGANIZATION)
    mine = select(Subscription.plan_code).where(
        Subscription.organization_id == actor.organization_id
    )
    present = (await session.scalars(mine)).one()
    is_billed = settings.stripe_api_key is not None
    plans = [
        _shown(plan, is_present=plan.code == present, is_billed=is_billed)
        for plan in await session.scalars(select(SubscriptionPlan))
    ]
    shown = [
        one
        for one in plans
        if one.is_present
        or one.is_offered
        or (is_billed and one.code == settings.default_plan)
    ]
    return Plans(items=sorted(shown, key=_size))


def _shown(plan: SubscriptionPlan, *, is_present: bool, is_billed: bool) -> PlanRead:
    return PlanRead(
        code=plan.code,
        name=plan.name,
        limits=PlanLimits.model_validate(plan.limits),
        is_present=is_present,
        is_offered=is_billed and plan.stripe_price_id is not None,
    )


def _size(plan: PlanRead) -> tuple[float, str]:
    accounts = plan.limits.aws_accounts
    return (float("inf") if accounts is None else accounts, plan.code)
