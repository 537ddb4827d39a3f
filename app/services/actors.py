"""Turns a token's claims into the actor it stands for, as things are now."""

from contextlib import AbstractAsyncContextManager

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.db import Database, Login
from app.core.errors import InvalidToken
from app.core.tokens import AccessClaims
from app.models.organization import Member, Organization
from app.models.user import User, UserSession


def as_user(
    database: Database, claims: AccessClaims
) -> AbstractAsyncContextManager[AsyncSession]:
    """A unit of work of the user, in the organization of its claims."""
    return database.unit_of_work(
        Login.APP,
        organization_id=claims.organization_id,
        user_id=claims.user_id,
        actor=f"user:{claims.user_id}",
    )


async def authenticate(session: AsyncSession, claims: AccessClaims) -> Actor:
    """The actor, if session, membership and organization still stand; a removed
    member or a revoked session is refused on its next request."""
    now = func.app_now()
    statement = (
        select(
            Member.role,
            Member.label_scope,
            User.email_verified_at,
            (now - UserSession.proved_at).label("proof_age"),
            and_(Organization.mfa_required, User.mfa_enabled_at.is_(None)).label(
                "must_enrol"
            ),
        )
        .join(User, User.id == Member.user_id)
        .join(UserSession, UserSession.user_id == User.id)
        .join(Organization, Organization.id == Member.organization_id)
        .where(
            Member.organization_id == claims.organization_id,
            Member.user_id == claims.user_id,
            Member.removed_at.is_(None),
            or_(Member.expires_at.is_(None), Member.expires_at > now),
            User.disabled_at.is_(None),
            UserSession.id == claims.session_id,
            UserSession.revoked_at.is_(None),
            UserSession.expires_at > now,
            Organization.deleted_at.is_(None),
        )
    )
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        raise InvalidToken("The session has ended.")
    return Actor(
        organization_id=claims.organization_id,
        user_id=claims.user_id,
        session_id=claims.session_id,
        role=row.role,
        email_verified=row.email_verified_at is not None,
        label_scope=row.label_scope,
        proof_age=row.proof_age,
        must_enrol=row.must_enrol,
    )
