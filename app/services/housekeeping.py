"""What the beat asks for now and then: that each tenant's history is purged, its ways
into AWS looked through and its subscription fetched once a day; and what belongs to no
tenant, deleted when nobody can use it any more."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.models.notification import ChannelConfirmation
from app.models.organization import Invitation, Organization
from app.models.outbox import OutboxMessage
from app.models.subscription import Subscription
from app.models.user import EmailToken, UserSession
from app.services import outbox
from app.services.outbox import Appointment, OutboxKind

# So that not all tenants have their turn at midnight.
SPREAD_SECONDS = 3600
# Not less than the policies of migration 0016 allow.
_KEPT_EXPIRED = timedelta(days=30)


async def ask_for_purges(session: AsyncSession, *, limit: int) -> int:
    """Have up to `limit` tenants' histories purged that were not today; how many."""
    return await _ask_daily(session, OutboxKind.HISTORY_PURGE, limit)


async def ask_for_reviews(session: AsyncSession, *, limit: int) -> int:
    """Have up to `limit` tenants' ways into AWS looked through that were not today; how
    many."""
    return await _ask_daily(session, OutboxKind.CREDENTIALS_REVIEW, limit)


async def ask_for_syncs(session: AsyncSession, *, limit: int) -> int:
    """Have what Stripe says of up to `limit` customers fetched, whose events may have
    been lost today; how many."""
    customer = select(Subscription.id).where(
        Subscription.organization_id == Organization.id,
        Subscription.stripe_customer_id.is_not(None),
    )
    kind = OutboxKind.SUBSCRIPTION_SYNC
    return await _ask_daily(session, kind, limit, customer.exists())


async def _ask_daily(
    session: AsyncSession,
    kind: OutboxKind,
    limit: int,
    *concerned: ColumnElement[bool],
) -> int:
    """Post a job for up to `limit` of the tenants concerned that had none today, by the
    clock of the database; how many. Any number of beats may: the day names the message.
    `session` is a system session."""
    now = await session.scalar(select(func.app_now()))
    assert now is not None
    key = f"{kind}:{now.date()}"
    asked = select(OutboxMessage.id).where(
        OutboxMessage.organization_id == Organization.id,
        OutboxMessage.dedupe_key == key,
    )
    statement = select(Organization.id).where(~asked.exists(), *concerned).limit(limit)
    tenants = list(await session.scalars(statement))
    await outbox.appoint(
        session, [Appointment(id, kind, id, key, now + _share(id)) for id in tenants]
    )
    return len(tenants)


def _share(organization_id: UUID) -> timedelta:
    return timedelta(seconds=organization_id.int % SPREAD_SECONDS)


async def ask_to_go_on(
    session: AsyncSession, organization_id: UUID, *, after: UUID
) -> None:
    """Post the job that continues the one of the message `after`; once, however often
    that is done."""
    now = await session.scalar(select(func.app_now()))
    assert now is not None
    kind, tenant = OutboxKind.HISTORY_PURGE, organization_id
    goes_on = Appointment(tenant, kind, tenant, f"{kind}:after:{after}", now)
    await outbox.appoint(session, [goes_on])


async def purge_expired(session: AsyncSession, *, limit: int) -> int:
    """Delete sessions, mailed links and invitations that expired a month ago; how
    many. The database lets the system login delete no others."""
    purged = 0
    for model in (UserSession, EmailToken, Invitation, ChannelConfirmation):
        oldest = (
            select(model.id)
            .where(model.expires_at < func.app_now() - _KEPT_EXPIRED)
            .order_by(model.expires_at)
            .limit(limit)
        )
        result: Any = await session.execute(
            delete(model)
            .where(model.id.in_(oldest))
            .execution_options(synchronize_session=False)
        )
        purged += int(result.rowcount)
    return purged
