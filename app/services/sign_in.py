"""Signing in with e-mail and password, and with the second factor of who has one."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.crypto import KeyProvider
from app.core.db import Database, Login
from app.core.errors import InvalidCredentials, MfaRequired, WrongCode
from app.core.passwords import verify_password
from app.core.settings import Settings
from app.models.user import User
from app.services import (
    actors,
    email_verification,
    organizations,
    second_factor,
    sessions,
    users,
)
from app.services.sessions import SignedIn, Visitor


async def sign_in(
    database: Database,
    settings: Settings,
    keys: KeyProvider,
    visitor: Visitor,
    *,
    email: str,
    password: str,
    code: str | None = None,
) -> SignedIn:
    """A session in the organization that the user has belonged to longest.

    A wrong password and an unknown address are answered the same, after the same
    work: one look-up and one hash, with no transaction open during the latter. Only
    who knows the password learns whether a code is needed.
    """
    async with database.unit_of_work(Login.APP) as session:
        user_id, password_hash = (
            await users.find_by_email(session, email) or (None,) * 2
        )
    if not await verify_password(password, password_hash) or user_id is None:
        raise InvalidCredentials(user_id=user_id)
    async with database.unit_of_work(Login.APP, user_id=user_id) as session:
        home = await organizations.home_of(session, user_id)
        stored = await second_factor.find(session, user_id)
    if stored is not None and code is None:
        raise MfaRequired
    factor = None if stored is None else await second_factor.unseal(keys, stored)
    async with actors.as_user(database, user_id, home) as session:
        user = await _hold(session, user_id, password_hash, has_factor=bool(factor))
        if factor is None or await second_factor.accepts(
            session, settings, factor, code or "", home=home
        ):
            return await _start(session, settings, visitor, user, home)
    raise WrongCode


async def _hold(
    session: AsyncSession, user_id: UUID, password_hash: str | None, *, has_factor: bool
) -> User:
    """Until the commit, so that two sign-ins together do not both have a link mailed.
    Asked for with what was right, which may be something else by now."""
    has_one = User.mfa_enabled_at.is_not(None)
    held = select(User).where(
        User.id == user_id,
        User.password_hash == password_hash,
        has_one if has_factor else ~has_one,
    )
    user = await session.scalar(held.with_for_update(key_share=True))
    if user is None:
        raise InvalidCredentials
    return user


async def _start(
    session: AsyncSession,
    settings: Settings,
    visitor: Visitor,
    user: User,
    home: UUID,
) -> SignedIn:
    if user.email_verified_at is None and settings.smtp_url is not None:
        await email_verification.ask(session, settings, user, organization_id=home)
    return await sessions.start(
        session, settings, visitor, user_id=user.id, organization_id=home
    )
