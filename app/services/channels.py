"""Notification channels, as people see them: added, changed, tested, deleted. A secret
is encrypted on arrival; this side cannot read it again."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.channels import (
    ChannelType,
    Configuration,
    EmailToAddress,
    EmailToManagers,
    configuration_of,
)
from app.core.crypto import Envelope, KeyProvider
from app.core.errors import EmailNotVerified, NotFound, StaleVersion, TooMany
from app.core.ids import new_id
from app.core.secret import Secret
from app.core.settings import Settings
from app.core.tokens import derive_token
from app.models.notification import NotificationChannel
from app.schemas.channels import ChannelInput, ChannelPatch, ChannelRead
from app.services import (
    audit,
    channel_confirmations,
    channel_entries,
    channel_secrets,
    editing,
    idempotency,
    memberships,
    outbox,
)
from app.services.editing import Tags
from app.services.outbox import OutboxKind
from app.services.paging import Page, Slice, paginate

MOST = 50
DEFAULT_NAME = "Owners and admins"
TESTED_EVERY = timedelta(seconds=20)


def of_managers(organization_id: UUID) -> NotificationChannel:
    """What every organization begins with, so that somebody is told."""
    return NotificationChannel(
        id=new_id(),
        organization_id=organization_id,
        name=DEFAULT_NAME,
        type=ChannelType.EMAIL,
        configuration=EmailToManagers().model_dump(mode="json"),
        verified_at=func.app_now(),
    )


async def page_of(session: AsyncSession, actor: Actor, page: Page) -> Slice[Any]:
    """Newest first."""
    statement = select(NotificationChannel).where(*_present(actor))
    return await paginate(session, statement, page, by=[NotificationChannel.id])


async def get(
    session: AsyncSession, actor: Actor, channel_id: UUID, *, lock: bool = False
) -> NotificationChannel:
    """Raises NotFound for what is deleted or another tenant's."""
    statement = select(NotificationChannel).where(
        NotificationChannel.id == channel_id, *_present(actor)
    )
    if lock:
        statement = statement.with_for_update().execution_options(
            populate_existing=True
        )
    row = await session.scalar(statement)
    if row is None:
        raise NotFound
    return row


def tag(row: NotificationChannel) -> str:
    """What of it can be edited, as one word. The version stands for the secret."""
    return editing.tag_of(
        row.name, row.configuration, row.secret_version, row.label_scope, row.enabled
    )


async def add(
    session: AsyncSession,
    actor: Actor,
    entry: ChannelInput,
    *,
    settings: Settings,
    keys: KeyProvider,
    idempotency_key: str | None = None,
) -> ChannelRead:
    """Add a channel, once for each key. An address is mailed a link to confirm it."""
    _must_be_verified(actor)
    configuration = await channel_entries.read(
        session, settings, actor, entry.configuration
    )
    secret = channel_entries.secret_of(configuration.type, entry, needed=True)
    repeat: dict[str, Any] = {
        "route": "notification_channels.add",
        "key": idempotency_key,
        "request": _request(entry, secret, settings),
    }
    # A repeat is answered without asking the key service once more.
    earlier = await idempotency.earlier_as(session, actor, ChannelRead, **repeat)
    if earlier is not None:
        return earlier
    id = new_id()
    sealed = await _seal(session, actor, secret, (id, 1), keys=keys)

    async def act() -> NotificationChannel:
        await _refuse_too_many(session, actor)
        row = NotificationChannel(
            id=id,
            organization_id=actor.organization_id,
            name=entry.name,
            type=configuration.type,
            configuration=configuration.model_dump(mode="json"),
            label_scope=entry.label_scope,
            secret_version=0,
            disabled_at=None if entry.enabled else await _now(session),
        )
        if secret is not None:
            await _take(session, row, secret, settings=settings)
        session.add(row)
        await _begin(session, settings, actor, row, configuration)
        if sealed is not None:
            await channel_secrets.store(session, row, sealed)
        await _record(session, actor, row, "notification_channel.create")
        return row

    return await idempotency.once_as(session, actor, ChannelRead, act, **repeat)


async def update(
    session: AsyncSession,
    actor: Actor,
    channel_id: UUID,
    entry: ChannelPatch,
    *,
    settings: Settings,
    keys: KeyProvider,
    expected: Tags = None,
) -> NotificationChannel:
    """Change what is given. Another address is to be confirmed anew. Raises
    StaleVersion where the present state is not expected."""
    row = await get(session, actor, channel_id)
    editing.must_match(expected, tag(row))
    configuration = None
    if entry.configuration is not None:
        configuration = await channel_entries.read(
            session, settings, actor, entry.configuration, stays=row.type
        )
    secret = channel_entries.secret_of(row.type, entry, needed=False)
    if secret is not None or configuration is not None:
        _must_be_verified(actor)
    place = (row.id, row.secret_version + 1)
    sealed = await _seal(session, actor, secret, place, keys=keys)
    await memberships.lock(session, actor.organization_id)
    row = await get(session, actor, channel_id, lock=True)
    editing.must_match(expected, tag(row))
    if sealed is not None and place[1] != row.secret_version + 1:
        raise StaleVersion("Another secret took its place. Try again.")
    _change(row, entry, now=await _now(session))
    if secret is not None:
        await _take(session, row, secret, settings=settings)
    if configuration is not None and configuration.model_dump() != row.configuration:
        row.configuration = configuration.model_dump(mode="json")
        await _begin(session, settings, actor, row, configuration)
    await session.flush()
    if sealed is not None:
        await channel_secrets.store(session, row, sealed)
        await _destroy_later(session, row)
    await _record(
        session,
        actor,
        row,
        "notification_channel.update",
        changed=sorted(entry.model_fields_set),
    )
    return row


async def ask_confirmation(
    session: AsyncSession, settings: Settings, actor: Actor, channel_id: UUID
) -> NotificationChannel:
    """Have an address mailed another link, unless one that works is on its way."""
    _must_be_verified(actor)
    row = await get(session, actor, channel_id, lock=True)
    configuration = configuration_of(row.configuration)
    if row.verified_at is None and isinstance(configuration, EmailToAddress):
        await channel_confirmations.ask(
            session, settings, actor, row.id, address=configuration.address
        )
    await _record(session, actor, row, "notification_channel.ask_confirmation")
    return row


async def request_test(
    session: AsyncSession, actor: Actor, channel_id: UUID
) -> NotificationChannel:
    """Ask for a test; until it has ended, the earlier outcome stands."""
    _must_be_verified(actor)
    row = await get(session, actor, channel_id, lock=True)
    row.test_requested_at = await next_test(session, row.test_requested_at)
    await session.flush()
    await _record(session, actor, row, "notification_channel.test")
    await outbox.post(
        session,
        organization_id=row.organization_id,
        kind=OutboxKind.CHANNEL_TEST,
        subject_id=row.id,
    )
    return row


async def next_test(session: AsyncSession, last: datetime | None) -> datetime:
    """Now, if the last one was asked for long enough ago; raises TooMany."""
    now = await _now(session)
    if last is not None and now - last < TESTED_EVERY:
        seconds = int((TESTED_EVERY - (now - last)).total_seconds()) + 1
        raise TooMany(f"Test it again in {seconds} seconds.", retry_after=seconds)
    return now


async def delete(session: AsyncSession, actor: Actor, channel_id: UUID) -> None:
    """Delete for good: a job destroys the secret; what was told stays on record."""
    row = await get(session, actor, channel_id, lock=True)
    row.deleted_at = await _now(session)
    await session.flush()
    if row.secret_version:
        await _destroy_later(session, row)
    await _record(session, actor, row, "notification_channel.delete")


# ── what is stored ───────────────────────────────────────────────────────────────


def _change(row: NotificationChannel, entry: ChannelPatch, *, now: datetime) -> None:
    if entry.name is not None:
        row.name = entry.name
    if "label_scope" in entry.model_fields_set:
        row.label_scope = entry.label_scope
    if entry.enabled is not None and entry.enabled != row.enabled:
        row.disabled_at = None if entry.enabled else now


async def _begin(
    session: AsyncSession,
    settings: Settings,
    actor: Actor,
    row: NotificationChannel,
    configuration: Configuration,
) -> None:
    """It is told something from now on; or, an address, once that is confirmed."""
    is_address = isinstance(configuration, EmailToAddress)
    row.verified_at = None if is_address else await _now(session)
    await session.flush()
    if isinstance(configuration, EmailToAddress):
        await channel_confirmations.ask(
            session, settings, actor, row.id, address=configuration.address
        )


async def _seal(
    session: AsyncSession,
    actor: Actor,
    secret: Secret | None,
    place: tuple[UUID, int],
    *,
    keys: KeyProvider,
) -> Envelope | None:
    if secret is None:
        return None
    return await channel_secrets.seal(session, actor, secret, place, keys=keys)


async def _take(
    session: AsyncSession,
    row: NotificationChannel,
    secret: Secret,
    *,
    settings: Settings,
) -> None:
    """Put on the row what may be shown."""
    row.secret_version += 1
    row.secret_last4 = channel_secrets.last_letters(secret)
    row.secret_fingerprint = channel_secrets.fingerprint(
        settings, row.organization_id, secret
    )
    row.secret_stored_at = await _now(session)


def _request(
    entry: ChannelInput, secret: Secret | None, settings: Settings
) -> dict[str, Any]:
    """What must be equal for a request to be a repeat. Another secret is another
    request; what is kept does not let it be tried."""
    request = entry.model_dump(mode="json", exclude={"url", "key"})
    if secret is not None:
        request["secret"] = derive_token(settings, "idempotency", secret.reveal())
    return request


async def _refuse_too_many(session: AsyncSession, actor: Actor) -> None:
    await memberships.lock(session, actor.organization_id)
    present = select(func.count(NotificationChannel.id)).where(*_present(actor))
    if (await session.scalar(present) or 0) >= MOST:
        raise TooMany(f"An organization has at most {MOST} channels.")


async def _destroy_later(session: AsyncSession, row: NotificationChannel) -> None:
    await outbox.post(
        session,
        organization_id=row.organization_id,
        kind=OutboxKind.CHANNEL_SECRETS_DESTROY,
        subject_id=row.id,
    )


def _must_be_verified(actor: Actor) -> None:
    """Nobody has others told for an address that is not proven."""
    if not actor.email_verified:
        raise EmailNotVerified("Then set up channels.")


def _present(actor: Actor) -> tuple[Any, ...]:
    return (
        NotificationChannel.organization_id == actor.organization_id,
        NotificationChannel.deleted_at.is_(None),
    )


async def _record(
    session: AsyncSession,
    actor: Actor,
    row: NotificationChannel,
    action: str,
    **detail: Any,
) -> None:
    await audit.record(
        session,
        organization_id=actor.organization_id,
        actor=actor.signature,
        action=action,
        subject_type="notification_channel",
        subject_id=row.id,
        detail={
            "name": row.name,
            "type": row.type,
            "secret_version": row.secret_version,
            **detail,
        },
    )


async def _now(session: AsyncSession) -> datetime:
    now: datetime = (await session.scalars(select(func.app_now()))).one()
    return now
