"""What the beat asks for now and then: that each tenant's history is purged once a day;
and what belongs to no tenant, deleted when nobody can use it any more."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.ids import new_id
from app.models.organization import Invitation, Organization
from app.models.outbox import OutboxMessage
from app.models.user import EmailToken, UserSession
from app.services.outbox import OutboxKind

# So that not all tenants are purged at midnight.
SPREAD_SECONDS = 3600
# Not less than the policies of migration 0016 allow.
_KEPT_EXPIRED = timedelta(days=30)


async def ask_for_purges(session: AsyncSession, *, limit: int) -> int:
    """Post a job for up to `limit` tenants that had none today, by the clock of the
    database; how many. Any number of beats may: the day names the message. `session`
    is a system session."""
    now = await session.scalar(select(func.app_now()))
    assert now is not None
    key = f"{OutboxKind.HISTORY_PURGE}:{now.date()}"
    asked = select(OutboxMessage.id).where(
        OutboxMessage.organization_id == Organization.id,
        OutboxMessage.dedupe_key == key,
    )
    statement = select(Organization.id).where(~asked.exists()).limit(limit)
    tenants = list(await session.scalars(statement))
    if tenants:
        await _post(session, [_message(id, key, now + _share(id)) for id in tenants])
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
    key = f"{OutboxKind.HISTORY_PURGE}:after:{after}"
    await _post(session, [_message(organization_id, key, now)])


def _message(
    organization_id: UUID, dedupe_key: str, available_at: datetime
) -> dict[str, Any]:
    return {
        "id": new_id(),
        "organization_id": organization_id,
        "kind": OutboxKind.HISTORY_PURGE,
        "subject_id": organization_id,
        "dedupe_key": dedupe_key,
        "available_at": available_at,
    }


async def _post(session: AsyncSession, messages: Sequence[dict[str, Any]]) -> None:
    # What is posted for later is found when its time has come, without a hint.
    statement = insert(OutboxMessage).on_conflict_do_nothing()
    await session.execute(statement, messages)


async def purge_expired(session: AsyncSession, *, limit: int) -> int:
    """Delete sessions, mailed tokens and invitations that expired a month ago; how
    many. The database lets the system login delete no others."""
    purged = 0
    for model in (UserSession, EmailToken, Invitation):
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
