"""Proof that an e-mail address belongs to its user: a mailed, single-use token."""

from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database
from app.core.settings import Settings
from app.models.user import EmailTokenPurpose, User
from app.services import actors, audit, email_tokens

_PURPOSE = EmailTokenPurpose.VERIFY_EMAIL


async def ask(
    session: AsyncSession, settings: Settings, user: User, *, organization_id: UUID
) -> None:
    """Have the user mailed a link, unless one that still works is on its way."""
    whose = {"user_id": user.id, "organization_id": organization_id}
    await email_tokens.ask(session, settings, _PURPOSE, **whose)


async def verify(database: Database, text: str) -> None:
    """Use a mailed token; Invalid if it is used, expired or not ours."""
    user_id, organization_id = await email_tokens.owner_of(database, text)
    async with actors.as_user(database, user_id, organization_id) as session:
        await email_tokens.use(session, _PURPOSE, text, user_id=user_id)
        await confirm(session, user_id)
        await audit.record(
            session,
            organization_id=organization_id,
            actor=f"user:{user_id}",
            action="user.verify_email",
            subject_type="user",
            subject_id=user_id,
        )


async def confirm(session: AsyncSession, user_id: UUID) -> None:
    """The user has read a mail that was sent to its address."""
    verified = update(User).where(User.id == user_id, User.email_verified_at.is_(None))
    await session.execute(verified.values(email_verified_at=func.app_now()))
