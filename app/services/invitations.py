"""Invitations: a place in the organization, offered to who reads an address's mails."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, literal, select, update
from sqlalchemy.dialects.postgresql import INTERVAL
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Bundle

from app.core.actor import Actor
from app.core.errors import EmailNotVerified, Invalid, NotFound, TooMany
from app.core.ids import new_id
from app.core.permissions import Permission
from app.core.settings import Settings
from app.core.tokens import derive_token, hash_token
from app.models.organization import Invitation, Member
from app.models.subscription import SubscriptionPlan
from app.models.usage_count import CountedMetric
from app.models.user import User
from app.schemas.members import InvitationCreate
from app.services import audit, outbox, plan_limits
from app.services.memberships import (
    end_expired,
    is_present,
    lock_as_manager,
    must_cover,
    refuse_limits,
)
from app.services.outbox import OutboxKind
from app.services.paging import Page, Slice, paginate

LIFETIME = timedelta(days=7)
MOST_A_DAY = 100

_SHOWN: Bundle[Any] = Bundle(
    "invitation",
    *(Invitation.id, Invitation.email, Invitation.role, Invitation.label_scope),
    *(Invitation.member_expires_at, Invitation.invited_by),
    *(Invitation.created_at, Invitation.expires_at),
    case(
        (Invitation.accepted_at.is_not(None), "accepted"),
        (Invitation.withdrawn_at.is_not(None), "withdrawn"),
        (Invitation.expires_at <= func.app_now(), "expired"),
        else_="open",
    ).label("status"),
)


def link_of(settings: Settings, invitation_id: UUID) -> str:
    """Behind the #, so that the token is in no request and no server's log."""
    token = token_of(settings, invitation_id)
    return f"{settings.public_url}/accept-invitation#token={token}"


def token_of(settings: Settings, invitation_id: UUID) -> str:
    """Made again where it is needed; only its hash is stored."""
    return derive_token(settings, "invitation", str(invitation_id))


async def page_of(session: AsyncSession, actor: Actor, page: Page) -> Slice[Any]:
    """All of the organization's, newest first."""
    actor.must(Permission.READ_INVITATIONS)
    shown = select(_SHOWN).where(Invitation.organization_id == actor.organization_id)
    return await paginate(session, shown, page, by=[Invitation.id])


async def invite(
    session: AsyncSession, settings: Settings, actor: Actor, wanted: InvitationCreate
) -> Any:
    """Offer a place, by mail where there is mail. It takes the place of an earlier
    offer to the same address. Raises PlanLimit where all places are taken; those that
    are only offered are taken when they are accepted."""
    if not actor.email_verified:
        raise EmailNotVerified("Then invite others.")
    plan = await plan_limits.hold(session, actor.organization_id)
    own = await lock_as_manager(session, actor)
    must_cover(own.role, wanted.role)
    await refuse_limits(
        session,
        role=wanted.role,
        label_scope=wanted.label_scope,
        expires_at=wanted.member_expires_at,
        expiry="/member_expires_at",
    )
    await _refuse_members(session, actor, wanted.email)
    await _refuse_too_many(session, actor)
    await _refuse_a_full_house(session, actor, plan)
    await _withdraw(session, actor, Invitation.email == wanted.email)
    invitation_id = new_id()
    session.add(
        Invitation(
            id=invitation_id,
            organization_id=actor.organization_id,
            invited_by=own.id,
            token_hash=hash_token(token_of(settings, invitation_id)),
            expires_at=func.app_now() + LIFETIME,
            **wanted.model_dump(),
        )
    )
    await session.flush()
    if settings.smtp_url is not None:
        await outbox.post(
            session,
            organization_id=actor.organization_id,
            kind=OutboxKind.MAIL_INVITATION,
            subject_id=invitation_id,
        )
    await _record(session, actor, "invitation.create", invitation_id, role=wanted.role)
    return await session.scalar(select(_SHOWN).where(*_is(actor, invitation_id)))


async def withdraw(session: AsyncSession, actor: Actor, invitation_id: UUID) -> None:
    """Take an open offer back; raises NotFound for any other."""
    await lock_as_manager(session, actor)
    if not await _withdraw(session, actor, Invitation.id == invitation_id):
        raise NotFound
    await _record(session, actor, "invitation.withdraw", invitation_id)


def _is(actor: Actor, invitation_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return (
        Invitation.organization_id == actor.organization_id,
        Invitation.id == invitation_id,
    )


async def _withdraw(
    session: AsyncSession, actor: Actor, which: ColumnElement[bool]
) -> bool:
    withdrawn = (
        update(Invitation)
        .where(
            Invitation.organization_id == actor.organization_id,
            Invitation.accepted_at.is_(None),
            Invitation.withdrawn_at.is_(None),
            which,
        )
        .values(withdrawn_at=func.app_now())
        .returning(Invitation.id)
    )
    return await session.scalar(withdrawn) is not None


async def _refuse_members(session: AsyncSession, actor: Actor, email: str) -> None:
    known = (
        select(Member.id)
        .join(User, User.id == Member.user_id)
        .where(*is_present(actor.organization_id), User.email == email)
    )
    if await session.scalar(known) is not None:
        raise Invalid.field("/email", "member", "This address is a member's already.")


async def _refuse_too_many(session: AsyncSession, actor: Actor) -> None:
    of_a_day = select(func.count()).where(
        Invitation.organization_id == actor.organization_id,
        Invitation.created_at > func.app_now() - literal(timedelta(days=1), INTERVAL),
    )
    if (await session.scalar(of_a_day) or 0) >= MOST_A_DAY:
        raise TooMany(f"An organization invites at most {MOST_A_DAY} times a day.")


async def _refuse_a_full_house(
    session: AsyncSession, actor: Actor, plan: SubscriptionPlan
) -> None:
    await end_expired(session, actor.organization_id)
    await plan_limits.refuse_another(
        session, plan, actor.organization_id, CountedMetric.MEMBERS, at="/email"
    )


async def _record(
    session: AsyncSession,
    actor: Actor,
    action: str,
    invitation_id: UUID,
    **detail: str,
) -> None:
    await audit.record(
        session,
        organization_id=actor.organization_id,
        actor=actor.signature,
        action=action,
        subject_type="invitation",
        subject_id=invitation_id,
        detail=detail,
    )
