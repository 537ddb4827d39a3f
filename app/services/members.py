"""Who belongs to the organization: shown, changed, removed, leaving, handing over."""

from typing import Any
from uuid import UUID

from pydantic_core import to_jsonable_python
from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Bundle

from app.core.actor import Actor
from app.core.errors import Conflict, Forbidden, Invalid, LastOwner, NotFound
from app.core.permissions import Permission, Role
from app.models.organization import Member
from app.models.user import User
from app.schemas.members import MemberPatch
from app.services import audit
from app.services.editing import Tags, must_match, tag_of
from app.services.memberships import (
    find,
    is_present,
    lock,
    lock_as_manager,
    must_cover,
    refuse_limits,
)
from app.services.paging import Page, Slice, paginate

_SHOWN: Bundle[Any] = Bundle(
    "member",
    *(Member.id, Member.user_id, User.name, User.email),
    *(Member.role, Member.label_scope, Member.expires_at, Member.created_at),
)


async def page_of(session: AsyncSession, actor: Actor, page: Page) -> Slice[Any]:
    """The present members, newest first. Who is limited to some accounts is shown
    itself alone: its colleagues may be another client's."""
    return await paginate(session, _shown_to(actor), page, by=[Member.id])


async def get(session: AsyncSession, actor: Actor, member_id: UUID) -> Any:
    """Raises NotFound."""
    shown = await session.scalar(_shown_to(actor).where(Member.id == member_id))
    if shown is None:
        raise NotFound
    return shown


def tag(member: Any) -> str:
    """Of what can be edited."""
    return tag_of(member.role, member.label_scope, member.expires_at)


async def change(
    session: AsyncSession,
    actor: Actor,
    member_id: UUID,
    patch: MemberPatch,
    *,
    expected: Tags = None,
) -> Any:
    """Change what is given. It acts on the member's next request."""
    own, member = await _of_another(session, actor, member_id)
    must_match(expected, tag(member))
    wanted = patch.model_dump(exclude_unset=True)
    if "role" in wanted:
        must_cover(own.role, wanted["role"])
    before = {name: getattr(member, name) for name in wanted}
    for name, value in wanted.items():
        setattr(member, name, value)
    await refuse_limits(
        session,
        role=member.role,
        label_scope=member.label_scope,
        expires_at=wanted.get("expires_at"),
        expiry="/expires_at",
    )
    await session.flush()
    changes = to_jsonable_python({"before": before, "after": wanted})
    await _record(session, actor.person, "member.change", member, **changes)
    return await get(session, actor, member.id)


async def remove(session: AsyncSession, actor: Actor, member_id: UUID) -> None:
    """Remove another; its next request is refused."""
    _, member = await _of_another(session, actor, member_id)
    await _end(session, member)
    await _record(session, actor.person, "member.remove", member)


async def leave(session: AsyncSession, organization_id: UUID, user_id: UUID) -> None:
    """Leave the organization; raises LastOwner for who is its only owner."""
    own = await must_be_spared(session, organization_id, user_id)
    await _end(session, own)
    await _record(session, user_id, "member.leave", own)


async def must_be_spared(
    session: AsyncSession, organization_id: UUID, user_id: UUID
) -> Member:
    """The membership of somebody who is not the only owner, under the lock; raises
    LastOwner for who is."""
    await lock(session, organization_id)
    own = await find(session, organization_id, Member.user_id == user_id)
    if own is None:
        raise Forbidden("You are no member any more.")
    others = select(func.count()).where(
        *is_present(organization_id), Member.role == Role.OWNER, Member.id != own.id
    )
    if own.role is Role.OWNER and not await session.scalar(others):
        raise LastOwner
    return own


async def hand_over(session: AsyncSession, actor: Actor, member_id: UUID) -> None:
    """Make another member an owner, and oneself an admin."""
    actor.must(Permission.TRANSFER_ORGANIZATION)
    own = await lock_as_manager(session, actor)
    heir = await find(session, actor.organization_id, Member.id == member_id)
    if heir is None:
        raise _unfit("unknown", "There is no such member.")
    if heir.id == own.id:
        raise _unfit("oneself", "You are the owner.")
    if heir.label_scope is not None or heir.expires_at is not None:
        raise _unfit("limited", "Lift the limits of this member first.")
    heir.role, own.role = Role.OWNER, Role.ADMIN
    await session.flush()
    await _record(session, actor.person, "organization.transfer", heir)


async def _of_another(
    session: AsyncSession, actor: Actor, member_id: UUID
) -> tuple[Member, Member]:
    """The actor's own membership, and that of somebody whom it may change, under the
    lock of all."""
    own = await lock_as_manager(session, actor)
    member = await find(session, actor.organization_id, Member.id == member_id)
    if member is None:
        raise NotFound
    if member.id == own.id:
        raise Conflict("Nobody changes their own membership: leave, or hand over.")
    must_cover(own.role, member.role)
    return own, member


async def _end(session: AsyncSession, member: Member) -> None:
    member.removed_at = await session.scalar(select(func.app_now()))
    await session.flush()


def _shown_to(actor: Actor) -> Select[Any]:
    actor.must(Permission.READ_MEMBERS)
    shown = (
        select(_SHOWN)
        .join(User, User.id == Member.user_id)
        .where(*is_present(actor.organization_id))
    )
    if actor.label_scope is not None:
        shown = shown.where(Member.user_id == actor.user_id)
    return shown


async def _record(
    session: AsyncSession, user_id: UUID, action: str, member: Member, **detail: Any
) -> None:
    await audit.record(
        session,
        organization_id=member.organization_id,
        actor=f"user:{user_id}",
        action=action,
        subject_type="member",
        subject_id=member.id,
        detail=detail,
    )


def _unfit(code: str, message: str) -> Invalid:
    return Invalid.field("/member_id", code, message)
