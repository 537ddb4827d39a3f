"""The turn to change what an organization's rules watch: one router, or whoever ends a
mute or drops what is muted, at a time. It ends with the transaction. Who takes it takes
it first, before any row's lock."""

from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession


async def is_free(session: AsyncSession, organization_id: UUID) -> bool:
    """Take the turn, unless somebody else has it."""
    taken = func.pg_try_advisory_xact_lock(_key(organization_id))
    return bool(await session.scalar(select(taken)))


async def wait(session: AsyncSession, organization_id: UUID) -> None:
    """Take the turn as soon as nobody else has it."""
    await session.execute(select(func.pg_advisory_xact_lock(_key(organization_id))))


def _key(organization_id: UUID) -> ColumnElement[int]:
    return func.hashtextextended(f"routing:{organization_id}", 0)
