"""Signing in with e-mail and password."""

from sqlalchemy import select

from app.core.db import Database, Login
from app.core.errors import InvalidCredentials
from app.core.passwords import verify_password
from app.core.settings import Settings
from app.models.user import User
from app.services import email_verification, organizations, sessions, users
from app.services.sessions import SignedIn, Visitor


async def sign_in(
    database: Database,
    settings: Settings,
    visitor: Visitor,
    *,
    email: str,
    password: str,
) -> SignedIn:
    """A session in the organization that the user has belonged to longest.

    A wrong password and an unknown address are answered the same, after the same
    work: one look-up and one hash, with no transaction open during the latter.
    """
    async with database.unit_of_work(Login.APP) as session:
        user_id, password_hash = (
            await users.find_by_email(session, email) or (None,) * 2
        )
    if not await verify_password(password, password_hash) or user_id is None:
        raise InvalidCredentials(user_id=user_id)
    async with database.unit_of_work(Login.APP, user_id=user_id) as session:
        home = await organizations.home_of(session, user_id)
    async with database.unit_of_work(
        Login.APP, organization_id=home, user_id=user_id, actor=f"user:{user_id}"
    ) as session:
        # Held, so that two sign-ins together do not both have a link mailed; and asked
        # for with the password that was right, which may be another by now.
        held = select(User).where(
            User.id == user_id, User.password_hash == password_hash
        )
        user = await session.scalar(held.with_for_update(key_share=True))
        if user is None:
            raise InvalidCredentials
        if user.email_verified_at is None and settings.smtp_url is not None:
            await email_verification.ask(session, settings, user, organization_id=home)
        return await sessions.start(
            session, settings, visitor, user_id=user_id, organization_id=home
        )
