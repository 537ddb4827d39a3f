"""Proof that the address of a channel is read by who wants to be told there: a mailed
link, which works once. Whoever opens it needs no account."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import Uuid, column, func, literal, select, update
from sqlalchemy.dialects.postgresql import INTERVAL
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.db import Database, Login
from app.core.errors import Invalid, TooMany
from app.core.ids import new_id
from app.core.settings import Settings
from app.core.tokens import derive_token, hash_token
from app.models.notification import ChannelConfirmation, NotificationChannel
from app.services import audit, outbox
from app.services.outbox import OutboxKind

LIFETIME = timedelta(minutes=30)
MOST_A_DAY = 100
ACTOR = "confirmation"


def token_of(settings: Settings, confirmation_id: UUID) -> str:
    """Made again when the mail is written; only its hash is stored."""
    return derive_token(settings, "confirm-channel", str(confirmation_id))


async def ask(
    session: AsyncSession,
    settings: Settings,
    actor: Actor,
    channel_id: UUID,
    *,
    address: str,
) -> bool:
    """Have the address mailed a link; False if one that still works is on its way.
    Raises TooMany, as mails to others are no toy."""
    on_its_way = select(ChannelConfirmation.id).where(
        ChannelConfirmation.organization_id == actor.organization_id,
        ChannelConfirmation.channel_id == channel_id,
        ChannelConfirmation.address == address,
        ChannelConfirmation.used_at.is_(None),
        ChannelConfirmation.expires_at > func.app_now(),
    )
    if await session.scalar(on_its_way.limit(1)) is not None:
        return False
    await _refuse_too_many(session, actor)
    id = new_id()
    session.add(
        ChannelConfirmation(
            id=id,
            organization_id=actor.organization_id,
            channel_id=channel_id,
            address=address,
            asked_by=actor.person,
            token_hash=hash_token(token_of(settings, id)),
            expires_at=func.app_now() + LIFETIME,
        )
    )
    await session.flush()
    await outbox.post(
        session,
        organization_id=actor.organization_id,
        kind=OutboxKind.MAIL_CONFIRM_CHANNEL,
        subject_id=id,
    )
    return True


async def confirm(database: Database, token: str) -> None:
    """Whoever reads the address wants to be told there. Raises Invalid for a link that
    was used, has expired, or is of an address that the channel no longer has."""
    found = func.lookup.channel_confirmation(hash_token(token)).table_valued(
        column("organization_id", Uuid)
    )
    async with database.unit_of_work(Login.APP) as session:
        organization_id: UUID | None = await session.scalar(select(found))
    if organization_id is None:
        raise _unusable()
    async with database.unit_of_work(
        Login.APP, organization_id=organization_id, actor=ACTOR
    ) as session:
        channel = await _use(session, organization_id, token)
        await audit.record(
            session,
            organization_id=organization_id,
            actor=ACTOR,
            action="notification_channel.confirm",
            subject_type="notification_channel",
            subject_id=channel.id,
            detail={"name": channel.name},
        )


async def _use(
    session: AsyncSession, organization_id: UUID, token: str
) -> NotificationChannel:
    """One statement decides which of two that come together succeeds."""
    used = (
        update(ChannelConfirmation)
        .where(
            ChannelConfirmation.organization_id == organization_id,
            ChannelConfirmation.token_hash == hash_token(token),
            ChannelConfirmation.used_at.is_(None),
            ChannelConfirmation.expires_at > func.app_now(),
        )
        .values(used_at=func.app_now())
        .returning(ChannelConfirmation.channel_id, ChannelConfirmation.address)
    )
    link = (await session.execute(used)).one_or_none()
    if link is None:
        raise _unusable()
    confirmed = (
        update(NotificationChannel)
        .where(
            NotificationChannel.organization_id == organization_id,
            NotificationChannel.id == link.channel_id,
            NotificationChannel.deleted_at.is_(None),
            NotificationChannel.configuration["address"].astext == link.address,
        )
        .values(verified_at=func.app_now())
        .returning(NotificationChannel)
    )
    channel = await session.scalar(confirmed)
    if channel is None:
        raise _unusable()
    return channel


async def _refuse_too_many(session: AsyncSession, actor: Actor) -> None:
    of_a_day = select(func.count()).where(
        ChannelConfirmation.organization_id == actor.organization_id,
        ChannelConfirmation.created_at
        > func.app_now() - literal(timedelta(days=1), INTERVAL),
    )
    if (await session.scalar(of_a_day) or 0) >= MOST_A_DAY:
        raise TooMany(f"An organization asks at most {MOST_A_DAY} times a day.")


def _unusable() -> Invalid:
    return Invalid.field(
        "/token",
        "unusable",
        "This link was used already, has expired, or is not ours. Whoever set up the"
        " channel can have another one mailed.",
    )
