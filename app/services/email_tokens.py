"""Tokens that are sent by mail, work once, and prove who reads the mailbox."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, column, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.core.errors import Invalid
from app.core.ids import new_id
from app.core.settings import Settings
from app.core.tokens import derive_token, hash_token
from app.models.user import EmailToken, EmailTokenPurpose
from app.services import organizations, outbox
from app.services.outbox import OutboxKind

LIFETIME = timedelta(minutes=30)

_MAILS: Mapping[EmailTokenPurpose, OutboxKind] = MappingProxyType(
    {
        EmailTokenPurpose.VERIFY_EMAIL: OutboxKind.MAIL_VERIFY_EMAIL,
        EmailTokenPurpose.RESET_PASSWORD: OutboxKind.MAIL_RESET_PASSWORD,
    }
)


def text_of(settings: Settings, purpose: EmailTokenPurpose, token_id: UUID) -> str:
    """Made again when the mail is written; stored nowhere."""
    return derive_token(settings, purpose.value, str(token_id))


async def ask(
    session: AsyncSession,
    settings: Settings,
    purpose: EmailTokenPurpose,
    *,
    user_id: UUID,
    organization_id: UUID,
) -> bool:
    """Have the user mailed a link; False if one that still works is on its way."""
    asked = select(EmailToken.id).where(*_live(user_id, purpose)).limit(1)
    if await session.scalar(asked) is not None:
        return False
    token_id = new_id()
    session.add(
        EmailToken(
            id=token_id,
            user_id=user_id,
            purpose=purpose,
            token_hash=hash_token(text_of(settings, purpose, token_id)),
            expires_at=func.app_now() + LIFETIME,
        )
    )
    await session.flush()
    await outbox.post(
        session,
        organization_id=organization_id,
        kind=_MAILS[purpose],
        subject_id=token_id,
    )
    return True


async def owner_of(database: Database, text: str) -> tuple[UUID, UUID]:
    """Whose it is, asked before anybody is known, and the organization that the user
    has belonged to longest. Raises Invalid for none of ours."""
    found = func.lookup.email_token(hash_token(text)).table_valued(
        column("user_id", Uuid)
    )
    async with database.unit_of_work(Login.APP) as session:
        user_id: UUID | None = await session.scalar(select(found))
        if user_id is None:
            raise _unusable()
        return user_id, await organizations.home_of(session, user_id)


async def must_work(
    session: AsyncSession, purpose: EmailTokenPurpose, text: str, *, user_id: UUID
) -> None:
    """Raises Invalid for a token that is used or expired, or is for something else."""
    is_it = EmailToken.token_hash == hash_token(text)
    live = select(EmailToken.id).where(is_it, *_live(user_id, purpose))
    if await session.scalar(live) is None:
        raise _unusable()


async def use(
    session: AsyncSession, purpose: EmailTokenPurpose, text: str, *, user_id: UUID
) -> None:
    """One statement, so that of two that come together only one succeeds; the other
    gets Invalid."""
    used = (
        update(EmailToken)
        .where(EmailToken.token_hash == hash_token(text), *_live(user_id, purpose))
        .values(used_at=func.app_now())
        .returning(EmailToken.id)
    )
    if await session.scalar(used) is None:
        raise _unusable()


def _live(user_id: UUID, purpose: EmailTokenPurpose) -> tuple[ColumnElement[bool], ...]:
    return (
        EmailToken.user_id == user_id,
        EmailToken.purpose == purpose,
        EmailToken.used_at.is_(None),
        EmailToken.expires_at > func.app_now(),
    )


def _unusable() -> Invalid:
    return Invalid.field(
        "/token",
        "unusable",
        "This link was used already, has expired, or is not ours. Ask for a new one:"
        " for your password where you sign in; for your address by signing in.",
    )
