"""What holds of every membership, and the lock under which all of them are changed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.errors import FieldError, Forbidden, Invalid
from app.core.permissions import Role, covers
from app.models.organization import Member, Organization


async def lock(session: AsyncSession, organization_id: UUID) -> None:
    """Until the commit, nobody else joins, leaves or becomes something else here."""
    held = select(Organization.id).where(Organization.id == organization_id)
    await session.execute(held.with_for_update(key_share=True))


def is_present(organization_id: UUID) -> tuple[ColumnElement[bool], ...]:
    """A condition on Member: of this organization, not removed and not expired."""
    return (
        Member.organization_id == organization_id,
        Member.removed_at.is_(None),
        or_(Member.expires_at.is_(None), Member.expires_at > func.app_now()),
    )


async def end_expired(session: AsyncSession, organization_id: UUID) -> None:
    """Those whose time here has ended make room, under the lock of all."""
    over = update(Member).where(
        Member.organization_id == organization_id,
        Member.expires_at <= func.app_now(),
        Member.removed_at.is_(None),
    )
    await session.execute(over.values(removed_at=func.app_now()))


async def find(
    session: AsyncSession, organization_id: UUID, *conditions: ColumnElement[bool]
) -> Member | None:
    """The one present member of which the conditions hold."""
    wanted = select(Member).where(*is_present(organization_id), *conditions)
    return (await session.scalars(wanted)).one_or_none()


async def lock_as_manager(session: AsyncSession, actor: Actor) -> Member:
    """The actor's own membership, under the lock; raises Forbidden for who is
    no longer what it was when it asked."""
    await lock(session, actor.organization_id)
    own = await find(session, actor.organization_id, Member.user_id == actor.user_id)
    if own is None or not covers(own.role, actor.role):
        # Somebody changed it between this request's first look and its lock.
        raise Forbidden("Your own membership has just changed.")
    return own


def must_cover(own: Role, other: Role) -> None:
    """Nobody gives or takes what it may not do itself."""
    if not covers(own, other):
        raise Forbidden(f"The role {own} cannot give or take the role {other}.")


async def refuse_limits(
    session: AsyncSession,
    *,
    role: Role,
    label_scope: dict[str, Any] | None,
    expires_at: datetime | None,
    expiry: str,
) -> None:
    """Raises Invalid for an owner with a limit, and for an end that has passed;
    `expiry` is the pointer of the latter."""
    wrong = []
    if role is Role.OWNER and label_scope is not None:
        wrong.append(FieldError("/label_scope", "owner", "An owner sees all accounts."))
    if role is Role.OWNER and expires_at is not None:
        wrong.append(FieldError(expiry, "owner", "An owner stays without an end."))
    elif expires_at is not None:
        has_passed = select(func.app_now() >= expires_at)
        if await session.scalar(has_passed):
            wrong.append(FieldError(expiry, "past", "Name a time to come."))
    if wrong:
        names = ", ".join(field.pointer for field in wrong)
        raise Invalid(f"Look at {names}.", fields=tuple(wrong))
