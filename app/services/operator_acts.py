"""What the operator of an installation does to people's sign-in when they cannot help
themselves. It is told to each organization that it concerns, in its own log."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import MfaIsOff, NotFound
from app.core.settings import Settings
from app.models.organization import Member, Organization
from app.models.user import User
from app.services import audit, mfa, second_factor, sessions
from app.services.outbox import OutboxKind

ENDED_BY_OPERATOR = "ended_by_operator"


@dataclass(frozen=True, slots=True)
class Ended:
    """How many sessions of how many people."""

    people: int
    sessions: int


async def end_sessions_of_person(
    session: AsyncSession, email: str, *, operator: str
) -> Ended:
    """Sign a person out everywhere. Raises NotFound for an address that nobody has."""
    user = await _hold(session, email)
    ended = await sessions.end_all(session, user.id, reason=ENDED_BY_OPERATOR)
    for organization_id in await _homes(session, user.id):
        await audit.record(
            session,
            organization_id=organization_id,
            actor=operator,
            action="session.end_everywhere",
            subject_type="user",
            subject_id=user.id,
            detail={"ended": ended},
        )
    return Ended(1, ended)


async def end_sessions_of_organization(
    session: AsyncSession, organization_id: UUID, *, operator: str
) -> Ended:
    """Sign all of its members out, of their other organizations too: a session can act
    in each of them. Raises NotFound."""
    if await session.get(Organization, organization_id) is None:
        raise NotFound
    members = await _members(session, organization_id)
    ended = 0
    for user_id in members:
        ended += await sessions.end_all(session, user_id, reason=ENDED_BY_OPERATOR)
    await audit.record(
        session,
        organization_id=organization_id,
        actor=operator,
        action="organization.end_sessions",
        subject_type="organization",
        subject_id=organization_id,
        detail={"people": len(members), "ended": ended},
    )
    return Ended(len(members), ended)


async def forget_second_factor(
    session: AsyncSession,
    settings: Settings,
    email: str,
    *,
    operator: str,
    proof: str,
) -> Ended:
    """Of a person who has neither app nor recovery code: multi-factor sign-in is off
    and all sessions end. A password that was allowed beside it alone is gone, and a new
    one is set by mail. `proof` says how it was made sure who asks; it is recorded.
    Raises NotFound, and MfaIsOff where there is nothing to forget."""
    user = await _hold(session, email)
    if user.mfa_enabled_at is None:
        raise MfaIsOff
    if user.password_needs_mfa:
        user.password_hash, user.password_needs_mfa = None, False
        await session.flush()
    await mfa.forget(session, user.id)
    ended = await sessions.end_all(session, user.id, reason=ENDED_BY_OPERATOR)
    homes = await _homes(session, user.id)
    for organization_id in homes:
        await audit.record(
            session,
            organization_id=organization_id,
            actor=operator,
            action="mfa.turn_off",
            subject_type="user",
            subject_id=user.id,
            detail={"proof": proof, "ended": ended},
        )
    for home in homes[:1]:
        kind = OutboxKind.MAIL_MFA_TURNED_OFF
        await second_factor.tell(session, settings, user.id, home, kind)
    return Ended(1, ended)


async def _hold(session: AsyncSession, email: str) -> User:
    found = select(User).where(User.email == func.lower(email.strip()))
    user = await session.scalar(found.with_for_update(key_share=True))
    if user is None:
        raise NotFound
    return user


async def _homes(session: AsyncSession, user_id: UUID) -> Sequence[UUID]:
    found = select(Member.organization_id).where(
        Member.user_id == user_id, Member.removed_at.is_(None)
    )
    return (await session.scalars(found.order_by(Member.organization_id))).all()


async def _members(session: AsyncSession, organization_id: UUID) -> Sequence[UUID]:
    found = select(Member.user_id).where(
        Member.organization_id == organization_id, Member.removed_at.is_(None)
    )
    return (await session.scalars(found.order_by(Member.user_id))).all()
