"""Proof that an e-mail address belongs to its user: a mailed, single-use token."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import Uuid, column, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.core.errors import Invalid, NoOrganization
from app.core.ids import new_id
from app.core.settings import Settings
from app.core.tokens import derive_token, hash_token
from app.models.user import EmailToken, EmailTokenPurpose, User
from app.services import audit, organizations, outbox
from app.services.outbox import OutboxKind

LIFETIME = timedelta(minutes=30)


def token_text(settings: Settings, token_id: UUID) -> str:
    """Made again when the mail is written; stored nowhere."""
    return derive_token(settings, "verify_email", str(token_id))


async def ask(
    session: AsyncSession, settings: Settings, user: User, *, organization_id: UUID
) -> None:
    """Have the user mailed a link, unless one that still works is on its way."""
    if await _is_asked(session, user.id):
        return
    token_id = new_id()
    session.add(
        EmailToken(
            id=token_id,
            user_id=user.id,
            purpose=EmailTokenPurpose.VERIFY_EMAIL,
            token_hash=hash_token(token_text(settings, token_id)),
            expires_at=func.app_now() + LIFETIME,
        )
    )
    await session.flush()
    await outbox.post(
        session,
        organization_id=organization_id,
        kind=OutboxKind.MAIL_VERIFY_EMAIL,
        subject_id=token_id,
    )


async def verify(database: Database, text: str) -> None:
    """Use a mailed token; Invalid if it is used, expired or not ours."""
    async with database.unit_of_work(Login.APP) as session:
        user_id = await _owner_of(session, hash_token(text))
        places = await organizations.memberships_of(session, user_id)
    if not places:
        raise NoOrganization
    organization_id = places[0].organization_id
    async with database.unit_of_work(
        Login.APP,
        organization_id=organization_id,
        user_id=user_id,
        actor=f"user:{user_id}",
    ) as session:
        await _use(session, user_id, hash_token(text))
        await audit.record(
            session,
            organization_id=organization_id,
            actor=f"user:{user_id}",
            action="user.verify_email",
            subject_type="user",
            subject_id=user_id,
        )


async def _is_asked(session: AsyncSession, user_id: UUID) -> bool:
    live = select(EmailToken.id).where(
        EmailToken.user_id == user_id,
        EmailToken.purpose == EmailTokenPurpose.VERIFY_EMAIL,
        EmailToken.used_at.is_(None),
        EmailToken.expires_at > func.app_now(),
    )
    return await session.scalar(live.limit(1)) is not None


async def _owner_of(session: AsyncSession, token_hash: bytes) -> UUID:
    found = func.lookup.email_token(token_hash).table_valued(column("user_id", Uuid))
    owner = await session.scalars(select(found))
    user_id: UUID | None = owner.one_or_none()
    if user_id is None:
        raise _unusable()
    return user_id


async def _use(session: AsyncSession, user_id: UUID, token_hash: bytes) -> None:
    """One statement, so that of two that come together only one succeeds."""
    used = (
        update(EmailToken)
        .where(
            EmailToken.user_id == user_id,
            EmailToken.token_hash == token_hash,
            EmailToken.purpose == EmailTokenPurpose.VERIFY_EMAIL,
            EmailToken.used_at.is_(None),
            EmailToken.expires_at > func.app_now(),
        )
        .values(used_at=func.app_now())
        .returning(EmailToken.id)
    )
    if await session.scalar(used) is None:
        raise _unusable()
    verified = update(User).where(User.id == user_id, User.email_verified_at.is_(None))
    await session.execute(verified.values(email_verified_at=func.app_now()))


def _unusable() -> Invalid:
    return Invalid.field(
        "/token",
        "unusable",
        "This link was used already, has expired, or is not ours."
        " Sign in: if your address is still unverified, a new link is mailed.",
    )
