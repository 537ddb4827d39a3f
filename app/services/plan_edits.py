"""What the operator does to plans and subscriptions, under the owner's login: each act
is in the log of every organization that it concerns."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.core.errors import Conflict, Invalid, NotFound
from app.core.ids import new_id
from app.core.settings import Settings
from app.models.organization import Organization
from app.models.subscription import (
    Subscription,
    SubscriptionPlan,
    SubscriptionStatus,
)
from app.services import audit, plan_fit, schedules, subscription_mails
from app.services.plan_fit import Fit

_LEAST = {"shortest_interval_seconds": 60, "history_days": 1}


@dataclass(frozen=True, slots=True)
class Line:
    """One organization in the overview; nothing in it is what its people wrote."""

    organization_id: UUID
    plan_code: str
    status: SubscriptionStatus
    is_read_only: bool
    current_period_end: datetime | None
    cancel_at_period_end: bool
    past_due_since: datetime | None
    stripe_customer_id: str | None
    doubt: str | None


async def plans(database: Database) -> Sequence[SubscriptionPlan]:
    """All, by their codes."""
    async with _as_owner(database, "operator") as session:
        wanted = select(SubscriptionPlan).order_by(SubscriptionPlan.code)
        return (await session.scalars(wanted)).all()


async def overview(database: Database) -> tuple[dict[str, int], Sequence[Line]]:
    """How many organizations there are of each plan and status; and each of those that
    pay, owe or were given their plan, by its id."""
    kind = (Subscription.plan_code, Subscription.status)
    counted = select(*kind, func.count()).group_by(*kind).order_by(*kind)
    concerned = (
        select(Subscription)
        .join(Organization, Organization.id == Subscription.organization_id)
        .where(
            Subscription.status != SubscriptionStatus.NONE,
            Organization.deleted_at.is_(None),
        )
        .order_by(Subscription.organization_id)
    )
    async with _as_owner(database, "operator") as session:
        counts = {
            f"{plan} {status}": count
            for plan, status, count in await session.execute(counted)
        }
        rows = (await session.scalars(concerned)).all()
    return counts, [_line(row) for row in rows]


def _line(row: Subscription) -> Line:
    return Line(
        organization_id=row.organization_id,
        plan_code=row.plan_code,
        status=row.status,
        is_read_only=bool(row.is_read_only),
        current_period_end=row.current_period_end,
        cancel_at_period_end=row.cancel_at_period_end,
        past_due_since=row.past_due_since,
        stripe_customer_id=row.stripe_customer_id,
        doubt=row.sync_doubt,
    )


async def edit(
    database: Database,
    code: str,
    *,
    limits: Mapping[str, int | None],
    price_id: str | None = None,
    is_withdrawn: bool = False,
    actor: str,
) -> list[UUID]:
    """Set limits, where null is none, and the price that is sold from now on, or that
    the plan is not sold any more; prices of before still buy the plan. The
    organizations that have it, for each of which `refit` is to be called: what was done
    of that is done again without harm."""
    async with _as_owner(database, actor) as session:
        plan = await session.get(SubscriptionPlan, code, with_for_update=True)
        if plan is None:
            raise NotFound
        _must_be_limits(plan, limits)
        before = {"limits": plan.limits, "stripe_price_id": plan.stripe_price_id}
        plan.limits = {**plan.limits, **limits}
        kept = None if is_withdrawn else plan.stripe_price_id
        plan.stripe_price_id = price_id or kept
        after = {"limits": plan.limits, "stripe_price_id": plan.stripe_price_id}
        await session.flush()
        whose = select(Subscription.organization_id).where(
            Subscription.plan_code == code
        )
        concerned = [*await session.scalars(whose.order_by(Subscription.id))]
        for organization_id in concerned if after != before else ():
            await audit.record(
                session,
                organization_id=organization_id,
                actor=actor,
                action="plan.change",
                subject_type="plan",
                detail={"plan": code, "before": before, "after": after},
            )
    return concerned


def _must_be_limits(plan: SubscriptionPlan, limits: Mapping[str, int | None]) -> None:
    for name, limit in limits.items():
        if name not in plan.limits:
            known = ", ".join(sorted(plan.limits))
            raise Invalid(f"There is no limit {name}; there are {known}.")
        least = _LEAST.get(name, 0)
        if limit is None and name in _LEAST:
            raise Invalid(f"{name} cannot be without a limit.")
        if limit is not None and limit < least:
            raise Invalid(f"{name} cannot be less than {least}.")


async def refit(
    database: Database, settings: Settings, organization_id: UUID, *, actor: str
) -> Fit:
    """Pause what is beyond the plan now, let go on what fits again, and tell those who
    pay if there was any of it, or if history goes."""
    async with _as_owner(database, actor) as session:
        found = await plan_fit.fit(session, organization_id)
        row = await _locked(session, organization_id)
        held = row.history_held_until
        if any(told(found).values()):
            change = f"operator {new_id()}"
        elif held is not None and held > await schedules.app_now(session):
            # By its day, so that a repeat tells of it no second time.
            change = f"history {held.isoformat()}"
        else:
            return found
        await subscription_mails.of_limits(session, settings, row, change=change)
        return found


async def give(
    database: Database,
    settings: Settings,
    organization_id: UUID,
    *,
    plan_code: str,
    actor: str,
) -> Fit:
    """The plan for nothing, until `charge`; whatever Stripe says changes nothing of it
    meanwhile, and nothing is cancelled there."""
    async with _as_owner(database, actor) as session:
        row = await _locked(session, organization_id)
        if await session.get(SubscriptionPlan, plan_code) is None:
            raise Invalid(f"There is no plan {plan_code}.")
        return await _become(
            session,
            settings,
            row,
            (plan_code, SubscriptionStatus.COMPLIMENTARY),
            action="subscription.give",
            actor=actor,
        )


async def charge(
    database: Database, settings: Settings, organization_id: UUID, *, actor: str
) -> Fit:
    """End the gift: the organization has the default plan, until Stripe is asked what
    it has bought. Raises Conflict where there is none."""
    async with _as_owner(database, actor) as session:
        row = await _locked(session, organization_id)
        if row.status is not SubscriptionStatus.COMPLIMENTARY:
            raise Conflict("It was not given its plan.")
        return await _become(
            session,
            settings,
            row,
            (settings.default_plan, SubscriptionStatus.NONE),
            action="subscription.charge",
            actor=actor,
        )


async def _locked(session: AsyncSession, organization_id: UUID) -> Subscription:
    mine = select(Subscription).where(Subscription.organization_id == organization_id)
    row = (await session.scalars(mine.with_for_update())).one_or_none()
    if row is None:
        raise NotFound
    return row


async def _become(
    session: AsyncSession,
    settings: Settings,
    row: Subscription,
    terms: tuple[str, SubscriptionStatus],
    *,
    action: str,
    actor: str,
) -> Fit:
    was_plan, was_status = row.plan_code, row.status
    row.plan_code, row.status = terms
    row.past_due_since = None
    await session.flush()
    found = await plan_fit.fit(session, row.organization_id)
    detail: dict[str, Any] = {
        "plan_code": [was_plan, row.plan_code],
        "status": [was_status, row.status],
    }
    await audit.record(
        session,
        organization_id=row.organization_id,
        actor=actor,
        action=action,
        subject_type="subscription",
        subject_id=row.id,
        detail=detail,
    )
    await subscription_mails.ask(
        session,
        settings,
        row,
        was_plan=was_plan,
        was_status=was_status,
        was_ends_at=row.ends_at,
        change=f"operator {new_id()}",
    )
    return found


def told(fit: Fit) -> dict[str, int]:
    """How much was paused and resumed, by what it is."""
    return {name: len(ids) for name, ids in asdict(fit).items()}


def _as_owner(
    database: Database, actor: str
) -> AbstractAsyncContextManager[AsyncSession]:
    return database.unit_of_work(Login.OWNER, actor=actor)
