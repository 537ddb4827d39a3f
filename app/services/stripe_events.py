"""Keeps each event of Stripe's once, however often it is sent, and has the subscription
that it hints at fetched. What cannot be believed is kept, too, and not followed."""

from datetime import timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import delete, func, literal, select
from sqlalchemy.dialects.postgresql import INTERVAL, insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.core.settings import Settings
from app.core.stripe_key import is_live
from app.integrations.stripe import Notice
from app.models.subscription import StripeEvent, StripeEventOutcome
from app.services import outbox
from app.services.outbox import OutboxKind


class Quarantine(StrEnum):
    """Why an event is not followed."""

    NOT_CONFIGURED = "not_configured"
    FOREIGN_ACCOUNT = "foreign_account"
    WRONG_LIVEMODE = "wrong_livemode"
    UNKNOWN_CUSTOMER = "unknown_customer"
    FOREIGN_REFERENCE = "foreign_reference"


class Verdict(NamedTuple):
    outcome: StripeEventOutcome
    reason: Quarantine | None = None


# Stripe sends one again for three days; an operator may want to for longer.
KEPT = timedelta(days=90)
# That a customer was made is told before its id could be stored, and says nothing of
# subscriptions.
_NEVER_OURS = "customer.created"


def judge(notice: Notice, organization_id: UUID | None, settings: Settings) -> Verdict:
    """What becomes of an event of that organization's customer, or of nobody's."""
    if reason := _unbelievable(notice, settings):
        return Verdict(StripeEventOutcome.QUARANTINED, reason)
    if notice.customer_id is None or notice.type == _NEVER_OURS:
        return Verdict(StripeEventOutcome.NOTED)
    if organization_id is None:
        reason = Quarantine.UNKNOWN_CUSTOMER
    elif notice.reference_id not in {None, str(organization_id)}:
        reason = Quarantine.FOREIGN_REFERENCE
    if reason is not None:
        return Verdict(StripeEventOutcome.QUARANTINED, reason)
    return Verdict(StripeEventOutcome.FOLLOWED)


def _unbelievable(notice: Notice, settings: Settings) -> Quarantine | None:
    if settings.stripe_api_key is None:
        return Quarantine.NOT_CONFIGURED
    if notice.account_id is not None:
        return Quarantine.FOREIGN_ACCOUNT
    if notice.livemode is not is_live(settings.stripe_api_key):
        return Quarantine.WRONG_LIVEMODE
    return None


async def keep(database: Database, settings: Settings, notice: Notice) -> Verdict:
    """Record the event unless it is known already and, in the same transaction, ask for
    its organization's subscription to be fetched."""
    organization_id = await _organization_of(database, notice.customer_id)
    verdict = judge(notice, organization_id, settings)
    kept = insert(StripeEvent).values(
        id=notice.id,
        type=notice.type,
        livemode=notice.livemode,
        object_id=notice.object_id,
        customer_id=notice.customer_id,
        reference_id=notice.reference_id,
        account_id=notice.account_id,
        outcome=verdict.outcome,
        reason=verdict.reason,
        happened_at=notice.happened_at,
    )
    new = kept.on_conflict_do_nothing().returning(StripeEvent.id)
    async with database.unit_of_work(
        Login.APP, organization_id=organization_id, actor="stripe"
    ) as session:
        is_new = await session.scalar(new) is not None
        if (
            is_new
            and organization_id
            and verdict.outcome is StripeEventOutcome.FOLLOWED
        ):
            await ask_for_sync(session, organization_id)
    return verdict


async def _organization_of(database: Database, customer_id: str | None) -> UUID | None:
    if customer_id is None:
        return None
    async with database.unit_of_work(Login.APP, actor="stripe") as session:
        found: UUID | None = await session.scalar(
            select(func.lookup.organization_of_customer(customer_id))
        )
    return found


async def ask_for_sync(session: AsyncSession, organization_id: UUID) -> None:
    """Have what Stripe says of the organization's customer fetched soon."""
    await outbox.post(
        session,
        organization_id=organization_id,
        kind=OutboxKind.SUBSCRIPTION_SYNC,
        subject_id=organization_id,
    )


async def purge(session: AsyncSession, *, limit: int) -> int:
    """Delete events that nobody will replay any more; how many. `session` is a system
    session."""
    old = (
        select(StripeEvent.id)
        .where(StripeEvent.received_at < func.app_now() - literal(KEPT, INTERVAL))
        .order_by(StripeEvent.received_at)
        .limit(limit)
    )
    gone: Any = await session.execute(
        delete(StripeEvent)
        .where(StripeEvent.id.in_(old))
        .execution_options(synchronize_session=False)
    )
    return int(gone.rowcount)
