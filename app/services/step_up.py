"""A new proof, within a session, of who one is: for acts that ask for a fresh one."""

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.crypto import KeyProvider
from app.core.db import Database
from app.core.errors import Invalid, StaleVersion
from app.core.passwords import verify_password
from app.core.settings import Settings
from app.core.tokens import AccessClaims
from app.models.user import User, UserSession
from app.services import actors, audit, second_factor


async def prove(
    database: Database,
    settings: Settings,
    keys: KeyProvider,
    claims: AccessClaims,
    *,
    password: str | None,
    code: str | None,
) -> None:
    """The code is needed by who has a second factor, the password by who has none;
    what is sent beside it must be right as well."""
    async with actors.in_name_of(database, claims) as session:
        await actors.authenticate(session, claims)
        user = (
            await session.scalars(select(User).where(User.id == claims.user_id))
        ).one()
        stored = await second_factor.find(session, claims.user_id)
    if stored is not None and code is None:
        raise Invalid.field("/code", "needed", "Send a code of your second factor.")
    if stored is None and password is None:
        raise Invalid.field("/password", "needed", "Send your password.")
    if password is not None and not await verify_password(password, user.password_hash):
        raise Invalid.field("/password", "wrong", "This is not your password.")
    factor = None if stored is None else await second_factor.unseal(keys, stored)
    home = claims.organization_id
    async with actors.in_name_of(database, claims) as session:
        await actors.authenticate(session, claims)
        await _must_be_unchanged(session, user)
        if factor is None or await second_factor.accepts(
            session, settings, factor, code or "", home=home
        ):
            await _renew(session, claims)
            return
    raise Invalid.field("/code", "wrong", "This code is wrong, or was used already.")


async def _must_be_unchanged(session: AsyncSession, seen: User) -> None:
    """What was proved is still what must be, and stays so until the commit."""
    held = select(User.id).where(
        User.id == seen.id,
        User.password_hash.is_not_distinct_from(seen.password_hash),
        User.mfa_enabled_at.is_not_distinct_from(seen.mfa_enabled_at),
    )
    if await session.scalar(held.with_for_update(key_share=True)) is None:
        raise StaleVersion("Your password or second factor was. Try again.")


async def _renew(session: AsyncSession, claims: AccessClaims) -> None:
    own = update(UserSession).where(
        UserSession.id == claims.session_id, UserSession.user_id == claims.user_id
    )
    await session.execute(own.values(proved_at=func.app_now()))
    await audit.record(
        session,
        organization_id=claims.organization_id,
        actor=f"user:{claims.user_id}",
        action="session.step_up",
        subject_type="session",
        subject_id=claims.session_id,
    )
