"""Follows Stripe: what it says of a customer's subscriptions is fetched, and what they
entitle to is written. An event, a night, an operator only ask for that.

Each fetch has a number, taken before it begins. Who asked for one asked before its
number was taken, so that its answer may be dropped for that of a higher number."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

import structlog
from pydantic_core import to_jsonable_python
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.core.settings import Settings
from app.integrations.stripe_client import (
    StripeClient,
    StripeRefused,
    StripeSubscription,
)
from app.models.subscription import (
    PlanPrice,
    Subscription,
    SubscriptionPlan,
    SubscriptionStatus,
)
from app.services import audit, plan_fit, subscription_mails
from app.services.decisions.entitlement import (
    Doubt,
    Entitlement,
    Ours,
    Size,
    entitlement,
    size_of,
)

log = structlog.get_logger(__name__)

ACTOR = "stripe"


@dataclass(frozen=True, slots=True)
class _Attempt:
    number: int
    customer_id: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What is on record when it changes."""

    plan_code: str
    status: SubscriptionStatus
    stripe_subscription_id: str | None
    current_period_end: datetime | None
    cancel_at_period_end: bool
    cancels_at: datetime | None
    trial_until: datetime | None
    past_due_since: datetime | None

    @classmethod
    def of(cls, row: Subscription) -> Self:
        return cls(
            plan_code=row.plan_code,
            status=row.status,
            stripe_subscription_id=row.stripe_subscription_id,
            current_period_end=row.current_period_end,
            cancel_at_period_end=row.cancel_at_period_end,
            cancels_at=row.cancels_at,
            trial_until=row.trial_until,
            past_due_since=row.past_due_since,
        )


async def sync(database: Database, settings: Settings, organization_id: UUID) -> None:
    """Fetch and write; without a customer there is nothing to do. Any number may run at
    once, and each may be repeated. Raises Unavailable, having changed nothing."""
    client = StripeClient.of(settings)
    attempt = await _begin(database, organization_id)
    if attempt is None:
        return
    said = await _ask(client, attempt.customer_id)
    async with _as_worker(database, organization_id) as session:
        row = await _locked(session, organization_id)
        if row is None or not _is_newest(row, attempt):
            log.info("subscription.superseded", organization_id=str(organization_id))
            return
        row.synced_attempt = attempt.number
        row.synced_at = await session.scalar(select(func.app_now()))
        ours = Ours(
            customer_id=attempt.customer_id,
            known_id=row.stripe_subscription_id,
            livemode=client.livemode,
            plan_of_price=await _plan_of_price(session),
            size_of_plan=await _size_of_plan(session),
            default_plan=settings.default_plan,
        )
        found = said if isinstance(said, Doubt) else entitlement(said, ours)
        if isinstance(found, Doubt):
            await _doubt(session, row, found)
        else:
            await _follow(session, settings, row, found)


async def _begin(database: Database, organization_id: UUID) -> _Attempt | None:
    """The next number, committed before Stripe is asked."""
    counted = (
        update(Subscription)
        .where(
            Subscription.organization_id == organization_id,
            Subscription.stripe_customer_id.is_not(None),
        )
        .values(sync_attempts=Subscription.sync_attempts + 1)
        .returning(Subscription.sync_attempts, Subscription.stripe_customer_id)
        .execution_options(synchronize_session=False)
    )
    async with _as_worker(database, organization_id) as session:
        counted_as = (await session.execute(counted)).one_or_none()
    if counted_as is None or counted_as.stripe_customer_id is None:
        return None
    return _Attempt(counted_as.sync_attempts, counted_as.stripe_customer_id)


async def _ask(
    client: StripeClient, customer_id: str
) -> Sequence[StripeSubscription] | Doubt:
    try:
        return await client.subscriptions_of(customer_id)
    except StripeRefused as refusal:
        # Its customer is not there, for one: nobody's plan is taken away for that.
        log.warning("subscription.refused", why=refusal.detail)
        return Doubt(f"Stripe refused to tell ({refusal.reason})")


def _as_worker(
    database: Database, organization_id: UUID
) -> AbstractAsyncContextManager[AsyncSession]:
    return database.unit_of_work(
        Login.WORKER, organization_id=organization_id, actor=ACTOR
    )


async def _locked(session: AsyncSession, organization_id: UUID) -> Subscription | None:
    """Before any other row of the organization, as plan_fit has it."""
    mine = select(Subscription).where(Subscription.organization_id == organization_id)
    return (await session.scalars(mine.with_for_update())).one_or_none()


def _is_newest(row: Subscription, attempt: _Attempt) -> bool:
    """Nothing newer stands, and it is still whom was asked for."""
    return (
        row.synced_attempt < attempt.number
        and row.stripe_customer_id == attempt.customer_id
    )


async def _plan_of_price(session: AsyncSession) -> dict[str, str]:
    rows = await session.execute(select(PlanPrice.stripe_price_id, PlanPrice.plan_code))
    return {row.stripe_price_id: row.plan_code for row in rows}


async def _size_of_plan(session: AsyncSession) -> dict[str, Size]:
    rows = await session.execute(select(SubscriptionPlan.code, SubscriptionPlan.limits))
    return {row.code: size_of(row.limits) for row in rows}


async def _doubt(session: AsyncSession, row: Subscription, doubt: Doubt) -> None:
    """All stays as it is, and says why; on record once for each reason."""
    if row.sync_doubt == doubt.reason:
        return
    row.sync_doubt = doubt.reason
    log.warning(
        "subscription.doubted",
        organization_id=str(row.organization_id),
        why=doubt.reason,
    )
    await _record(session, row, "subscription.doubt", {"reason": doubt.reason})


async def _follow(
    session: AsyncSession, settings: Settings, row: Subscription, found: Entitlement
) -> None:
    """Write what is entitled to and, where the plan is another one, pause or resume."""
    before, doubted, was_ends_at = Terms.of(row), row.sync_doubt, row.ends_at
    _write(row, found)
    after = Terms.of(row)
    await session.flush()
    if after == before and doubted is None:
        return
    was, now = asdict(before), asdict(after)
    changed = {name: [was[name], now[name]] for name in now if was[name] != now[name]}
    await _record(session, row, "subscription.change", changed)
    if after.plan_code != before.plan_code:
        await plan_fit.fit(session, row.organization_id)
    await subscription_mails.ask(
        session,
        settings,
        row,
        was_plan=before.plan_code,
        was_status=before.status,
        was_ends_at=was_ends_at,
        change=f"attempt {row.synced_attempt}",
    )


def _write(row: Subscription, found: Entitlement) -> None:
    """What the operator gave stays; all else is as Stripe has it."""
    row.sync_doubt = None
    if row.status is not SubscriptionStatus.COMPLIMENTARY:
        row.plan_code, row.status = found.plan_code, found.status
        # Seven days of warning begin with the first of them, not with the failure.
        is_past_due = found.status is SubscriptionStatus.PAST_DUE
        since = row.past_due_since or row.synced_at
        row.past_due_since = since if is_past_due else None
    source = found.source
    row.stripe_subscription_id = source.id if source else None
    row.current_period_end = source.current_period_end if source else None
    row.cancel_at_period_end = bool(source and source.cancel_at_period_end)
    row.cancels_at = source.cancel_at if source else None
    row.trial_until = source.trial_end if source else None
    row.trial_used_at = row.trial_used_at or found.trial_used_at
    invoice = source.latest_invoice if source else None
    row.latest_invoice_id = invoice.id if invoice else None
    row.latest_invoice_status = invoice.status if invoice else None
    row.currency = invoice.currency if invoice else None
    row.invoice_total = invoice.total if invoice else None
    row.invoice_tax = invoice.tax if invoice else None


async def _record(
    session: AsyncSession, row: Subscription, action: str, detail: dict[str, Any]
) -> None:
    await audit.record(
        session,
        organization_id=row.organization_id,
        actor=ACTOR,
        action=action,
        subject_type="subscription",
        subject_id=row.id,
        detail=to_jsonable_python(detail),
    )
