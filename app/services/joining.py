"""Accepting an invitation. It needs no session, as who has the mailed link has proven
the address; and it gives none: everybody signs in as always."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import String, Uuid, column, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.core.errors import FieldError, Invalid
from app.core.ids import new_id
from app.core.passwords import hash_password
from app.core.permissions import Role, covers
from app.core.tokens import hash_token
from app.models.organization import Invitation, Member, Organization
from app.models.user import User, UserIdentity
from app.schemas.members import InvitationAnswer
from app.services import (
    actors,
    audit,
    email_verification,
    mfa,
    plan_limits,
    sessions,
    subscriptions,
    users,
)
from app.services.decisions.password_rules import weakness
from app.services.decisions.zones import unknown_zone
from app.services.memberships import end_expired, find, lock

_NOT_NEW = "You have an account already: accept without it, and sign in."

Needed = Literal["name", "password"]


@dataclass(frozen=True, slots=True)
class Offer:
    """What a link offers to whom, and what accepting it needs."""

    organization_name: str
    email: str
    role: Role
    expires_at: datetime
    asks_for: list[Needed]


@dataclass(frozen=True, slots=True)
class _Invited:
    """Whom a token invites, and where; `user_id` is new for who has no account."""

    organization_id: UUID
    invitation_id: UUID
    email: str
    user_id: UUID
    is_known: bool


async def look(database: Database, token: str) -> Offer:
    """What the link offers; raises Invalid for one that is of no use."""
    invited = await _invited(database, token)
    async with actors.in_name_of(database, invited) as session:
        invitation, organization_name = await _open(session, invited)
        return Offer(
            organization_name,
            invited.email,
            invitation.role,
            invitation.expires_at,
            await _needed(session, invited),
        )


async def accept(database: Database, answer: InvitationAnswer) -> None:
    """Become a member. An address without an account gets one; one whose account was
    never verified gets a new password and loses its sessions, as they may be of
    somebody who registered it first. Raises PlanLimit where no place is left."""
    invited = await _invited(database, answer.token)
    async with actors.in_name_of(database, invited) as session:
        await _open(session, invited)
        needed = await _needed(session, invited)
    _refuse_wrong_members(answer, needed, email=invited.email)
    hashed = await hash_password(answer.password) if answer.password else None
    async with actors.in_name_of(database, invited) as session:
        await plan_limits.hold(session, invited.organization_id)
        await lock(session, invited.organization_id)
        invitation, _ = await _open(session, invited)
        await subscriptions.must_be_open(session, invited.organization_id)
        if hashed is not None:
            await _settle_account(session, invited, answer, hashed)
        await _join(session, invited, invitation)
        invitation.accepted_at = await session.scalar(select(func.app_now()))
        await session.flush()
        await audit.record(
            session,
            organization_id=invited.organization_id,
            actor=f"user:{invited.user_id}",
            action="invitation.accept",
            subject_type="invitation",
            subject_id=invited.invitation_id,
        )


async def _invited(database: Database, token: str) -> _Invited:
    found = func.lookup.invitation(hash_token(token)).table_valued(
        column("organization_id", Uuid),
        column("invitation_id", Uuid),
        column("email", String),
    )
    async with database.unit_of_work(Login.APP) as session:
        row = (await session.execute(select(found))).one_or_none()
        if row is None:
            raise _unusable()
        user = await users.find_by_email(session, row.email)
    return _Invited(
        row.organization_id,
        row.invitation_id,
        row.email,
        user_id=user[0] if user else new_id(),
        is_known=user is not None,
    )


async def _open(session: AsyncSession, invited: _Invited) -> tuple[Invitation, str]:
    """The invitation, while its inviter could still make it, and the organization's
    name; else raises Invalid."""
    wanted = (
        select(Invitation, Organization.name)
        .join(Organization, Organization.id == Invitation.organization_id)
        .where(
            Invitation.organization_id == invited.organization_id,
            Invitation.id == invited.invitation_id,
            Invitation.accepted_at.is_(None),
            Invitation.withdrawn_at.is_(None),
            Invitation.expires_at > func.app_now(),
            Organization.deleted_at.is_(None),
        )
    )
    row = (await session.execute(wanted)).one_or_none()
    if row is None:
        raise _unusable()
    invitation, organization_name = row
    is_inviter = Member.id == invitation.invited_by
    by = await find(session, invited.organization_id, is_inviter)
    if by is None or not covers(by.role, invitation.role):
        raise _unusable()
    return invitation, organization_name


async def _needed(session: AsyncSession, invited: _Invited) -> list[Needed]:
    """What the account of the invited lacks."""
    if not invited.is_known:
        return ["name", "password"]
    verified = select(User.email_verified_at).where(User.id == invited.user_id)
    return [] if await session.scalar(verified) is not None else ["password"]


def _refuse_wrong_members(
    answer: InvitationAnswer, needed: list[Needed], *, email: str
) -> None:
    wrong = []
    for name in ("name", "password"):
        is_given = getattr(answer, name) is not None
        if name in needed and not is_given:
            wrong.append(FieldError(f"/{name}", "required", "Your account needs it."))
        elif is_given and name not in needed:
            wrong.append(FieldError(f"/{name}", "unexpected", _NOT_NEW))
    if answer.timezone is not None:
        if "name" in needed:
            wrong += filter(None, [unknown_zone(answer.timezone, "/timezone")])
        else:
            wrong.append(FieldError("/timezone", "unexpected", _NOT_NEW))
    if answer.password and (weak := weakness(answer.password, email=email)):
        wrong.append(FieldError("/password", "weak", weak))
    if wrong:
        names = ", ".join(field.pointer for field in wrong)
        raise Invalid(f"Look at {names}.", fields=tuple(wrong))


async def _settle_account(
    session: AsyncSession, invited: _Invited, answer: InvitationAnswer, hashed: str
) -> None:
    """A verified account with this password, new or taken over."""
    user_id = invited.user_id
    if invited.is_known:
        new = update(User).where(User.id == user_id)
        new = new.values(password_hash=hashed, password_needs_mfa=False)
        await session.execute(new)
        await mfa.forget(session, user_id)  # it may be another's app
        await sessions.end_all(session, user_id, reason=sessions.PASSWORD_CHANGED)
    else:
        about = {"name": answer.name, "timezone": answer.timezone}
        session.add(
            User(id=user_id, email=invited.email, password_hash=hashed, **about)
        )
        await session.flush()
        by = {"provider": "password", "subject": invited.email}
        session.add(UserIdentity(user_id=user_id, **by))
        await session.flush()
    await email_verification.confirm(session, user_id)


async def _join(
    session: AsyncSession, invited: _Invited, invitation: Invitation
) -> None:
    tenant, is_oneself = invited.organization_id, Member.user_id == invited.user_id
    if await find(session, tenant, is_oneself) is not None:
        raise Invalid.field("/token", "member", "You are a member already.")
    await end_expired(session, tenant)
    session.add(
        Member(
            organization_id=tenant,
            user_id=invited.user_id,
            role=invitation.role,
            label_scope=invitation.label_scope,
            expires_at=invitation.member_expires_at,
        )
    )
    await session.flush()


def _unusable() -> Invalid:
    return Invalid.field(
        "/token",
        "unusable",
        "This invitation was used already, was withdrawn, has expired, or is not ours."
        " Ask who invited you for a new one.",
    )
