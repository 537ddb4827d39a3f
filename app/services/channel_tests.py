"""Tests of channels and endpoints: a job sends one notice, and says on the row what
became of it."""

from uuid import UUID

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.channel_errors import ChannelBusy, ChannelRefused
from app.core.clock import now
from app.core.crypto import KeyProvider
from app.core.db import Database, Login
from app.core.errors import CloudrotaError, Unavailable
from app.core.ids import new_id
from app.core.notice import Named, Notice, NoticeEvent, Severity
from app.core.settings import Settings
from app.integrations.channels.registry import Senders
from app.integrations.outbound_target import UnsafeTarget
from app.models.notification import NotificationChannel, WebhookEndpoint
from app.models.organization import Organization
from app.services.outgoing import Addresses

log = structlog.get_logger(__name__)

Recipient = NotificationChannel | WebhookEndpoint
_NOT_CONFIRMED = "Whoever reads the address has not confirmed it yet."


async def check(
    database: Database,
    settings: Settings,
    keys: KeyProvider,
    senders: Senders,
    organization_id: UUID,
    *,
    channel_id: UUID | None = None,
    endpoint_id: UUID | None = None,
) -> None:
    """Send the test that was asked for, and write down how it went; once it is written,
    or the recipient is gone, nothing more is sent."""
    async with database.unit_of_work(
        Login.WORKER, organization_id=organization_id
    ) as session:
        row = await _asked(session, organization_id, channel_id, endpoint_id)
        if row is None:
            log.info(
                "channel_test.not_needed", subject_id=str(channel_id or endpoint_id)
            )
            return
        named = await session.get_one(Organization, organization_id)
        organization = Named(id=named.id, name=named.name)
    notice = _notice(settings, row, organization)
    error = await _outcome(Addresses(database, settings, keys), senders, row, notice)
    async with database.unit_of_work(
        Login.WORKER, organization_id=organization_id
    ) as session:
        await _write(session, row, error)


async def _asked(
    session: AsyncSession,
    organization_id: UUID,
    channel_id: UUID | None,
    endpoint_id: UUID | None,
) -> Recipient | None:
    """The recipient, if a test of it was asked for and has not ended."""
    table: type[NotificationChannel | WebhookEndpoint] = NotificationChannel
    if channel_id is None:
        table = WebhookEndpoint
    wanted = select(table).where(
        table.organization_id == organization_id,
        table.id == (channel_id or endpoint_id),
        table.deleted_at.is_(None),
    )
    row: Recipient | None = await session.scalar(wanted)
    if row is None or row.test_requested_at is None:
        return None
    has_ended = row.tested_at is not None and row.tested_at >= row.test_requested_at
    return None if has_ended else row


async def _outcome(
    address: Addresses, senders: Senders, row: Recipient, notice: Notice
) -> str | None:
    """What went wrong, in a sentence; None where it was taken."""
    if isinstance(row, NotificationChannel) and row.verified_at is None:
        return _NOT_CONFIRMED
    try:
        to = await address(row.organization_id, row)
        await senders.send(to, [notice], delivery_id=notice.id)
    except (ChannelRefused, ChannelBusy, UnsafeTarget, Unavailable) as error:
        log.info("channel_test.failed", subject_id=str(row.id), code=error.code)
        return _sentence(error)
    return None


def _sentence(error: CloudrotaError) -> str:
    return f"{error.title}. {error.detail}".strip()


def _notice(settings: Settings, row: Recipient, organization: Named) -> Notice:
    return Notice(
        id=new_id(),
        event=NoticeEvent.TEST,
        at=now(),
        severity=Severity.INFO,
        organization=organization,
        title=f"This is a test of {row.name}",
        lines=("Somebody of your organization asked for it. Nothing has happened.",),
        link=f"{settings.public_url}/notifications",
    )


async def _write(session: AsyncSession, row: Recipient, error: str | None) -> None:
    table = type(row)
    await session.execute(
        update(table)
        .where(table.organization_id == row.organization_id, table.id == row.id)
        .values(tested_at=func.app_now(), test_error=error)
    )
