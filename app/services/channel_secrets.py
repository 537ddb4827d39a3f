"""What a channel or webhook endpoint keeps secret: sealed on arrival, with no
transaction open while the key service is asked, and opened in a worker alone."""

from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import crypto
from app.core.actor import Actor
from app.core.crypto import Envelope, KeyProvider, Place
from app.core.db import pause
from app.core.ids import new_id
from app.core.permissions import Permission
from app.core.secret import Secret
from app.core.settings import Settings
from app.core.tokens import derive_token
from app.models.notification import (
    ChannelSecret,
    NotificationChannel,
    WebhookEndpoint,
)
from app.services import actors

_SHOWN_LETTERS = 4


def place_of(organization_id: UUID, recipient_id: UUID, version: int) -> Place:
    """Where a secret's ciphertext stands, and so the only place it opens at."""
    return Place(
        str(organization_id), str(recipient_id), version, "channel_secrets.ciphertext"
    )


async def seal(
    session: AsyncSession,
    actor: Actor,
    secret: Secret,
    place: tuple[UUID, int],
    *,
    keys: KeyProvider,
) -> Envelope:
    """What is stored of it, as that version of this recipient's. Who was taken off the
    organization while the key service was asked writes nothing."""
    await pause(session)
    envelope = await crypto.seal(keys, secret, place_of(actor.organization_id, *place))
    present = await actors.authenticate_again(session, actor)
    present.must(Permission.EDIT_NOTIFICATIONS)
    return envelope


async def store(
    session: AsyncSession,
    recipient: NotificationChannel | WebhookEndpoint,
    envelope: Envelope,
) -> None:
    """As the version that the recipient's row names."""
    is_channel = isinstance(recipient, NotificationChannel)
    # Inline: this login may not read the row it writes, not even its id.
    await session.execute(
        insert(ChannelSecret)
        .inline()
        .values(
            id=new_id(),
            organization_id=recipient.organization_id,
            channel_id=recipient.id if is_channel else None,
            endpoint_id=None if is_channel else recipient.id,
            version=recipient.secret_version,
            key_id=envelope.key_id,
            wrapped_key=envelope.wrapped_key,
            ciphertext=envelope.ciphertext,
        )
    )


def last_letters(secret: Secret) -> str:
    return secret.reveal()[-_SHOWN_LETTERS:]


def fingerprint(settings: Settings, organization_id: UUID, secret: Secret) -> str:
    """The same for the same secret of this organization, and of no use elsewhere."""
    return derive_token(
        settings, "channel-secret", str(organization_id), secret.reveal()
    )


# ── in a worker ──────────────────────────────────────────────────────────────────


async def open_secret(
    session: AsyncSession,
    keys: KeyProvider,
    organization_id: UUID,
    *,
    channel_id: UUID | None = None,
    endpoint_id: UUID | None = None,
) -> list[Secret]:
    """The present secret of a channel or endpoint, and behind it the one before as long
    as that signs along; none of what needs none or is deleted.

    `session` is a worker's that has read at most: its transaction ends before keys are
    unwrapped. Raises what `unseal` raises.
    """
    recipient_id = channel_id or endpoint_id
    assert recipient_id is not None
    rows = await session.scalars(
        select(ChannelSecret)
        .outerjoin(NotificationChannel, _is_of_channel())
        .outerjoin(WebhookEndpoint, _is_of_endpoint())
        .where(
            ChannelSecret.organization_id == organization_id,
            ChannelSecret.channel_id == channel_id,
            ChannelSecret.endpoint_id == endpoint_id,
            _is_good(),
        )
        .order_by(ChannelSecret.version.desc())
    )
    stored = [
        (row.version, Envelope(row.key_id, row.wrapped_key, row.ciphertext))
        for row in rows
    ]
    await pause(session)
    return [
        await crypto.unseal(
            keys, envelope, place_of(organization_id, recipient_id, version)
        )
        for version, envelope in stored
    ]


async def destroy(
    session: AsyncSession, organization_id: UUID, recipient_id: UUID
) -> int:
    """Destroy what is no good any more of a channel's or endpoint's secrets; how many.
    Again is as good as once. `session` is a worker's."""
    good = (
        select(ChannelSecret.id)
        .outerjoin(NotificationChannel, _is_of_channel())
        .outerjoin(WebhookEndpoint, _is_of_endpoint())
        .where(ChannelSecret.organization_id == organization_id, _is_good())
    )
    gone = await session.execute(
        delete(ChannelSecret)
        .where(
            ChannelSecret.organization_id == organization_id,
            or_(
                ChannelSecret.channel_id == recipient_id,
                ChannelSecret.endpoint_id == recipient_id,
            ),
            ChannelSecret.id.not_in(good),
        )
        .returning(ChannelSecret.id)
    )
    return len(gone.all())


def _is_good() -> ColumnElement[bool]:
    """Of a version whose recipient is there: the present one, and an endpoint's before
    it until its time is over."""
    version = ChannelSecret.version
    is_before = version == WebhookEndpoint.secret_version - 1
    return or_(
        NotificationChannel.secret_version == version,
        WebhookEndpoint.secret_version == version,
        is_before & (WebhookEndpoint.previous_until > func.app_now()),
    )


def _is_of_channel() -> ColumnElement[bool]:
    return (
        (NotificationChannel.organization_id == ChannelSecret.organization_id)
        & (NotificationChannel.id == ChannelSecret.channel_id)
        & NotificationChannel.deleted_at.is_(None)
    )


def _is_of_endpoint() -> ColumnElement[bool]:
    return (
        (WebhookEndpoint.organization_id == ChannelSecret.organization_id)
        & (WebhookEndpoint.id == ChannelSecret.endpoint_id)
        & WebhookEndpoint.deleted_at.is_(None)
    )
