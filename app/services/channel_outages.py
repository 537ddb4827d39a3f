"""A channel or webhook endpoint that takes nothing is itself reported elsewhere: to the
other channels and endpoints, else to those who run the organization by mail. Once for
each outage, and once when it is over."""

from collections.abc import Sequence
from html import escape
from urllib.parse import urlsplit
from uuid import UUID

import structlog
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.core.notice import Named, Notice, NoticeEvent, Severity
from app.core.settings import Settings
from app.integrations.email import Mail
from app.integrations.mail_frame import framed
from app.models.notification import Delivery, NotificationChannel, WebhookEndpoint
from app.models.organization import Organization
from app.services import deliveries, mail_rounds, outbox
from app.services.deliveries import Entry
from app.services.outbox import Appointment, OutboxKind
from app.services.sending_rows import RecipientRow

log = structlog.get_logger(__name__)

_TITLES = {
    NoticeEvent.CHANNEL_FAILING: "{name} does not take what it is told",
    NoticeEvent.CHANNEL_RECOVERED: "{name} takes what it is told again",
}
_MOST_NAME = 200
_TEXT = """\
A channel of your organization on Cloudrota does not take what it is told. It is tried
again and again, at least once an hour; what waits longer than three days is given up,
and can be sent again by hand.

Which one it is, and what it answered, stands here:

{link}
"""
_HTML = """\
<p>A channel of your organization on Cloudrota does not take what it is told. It is
tried again and again, at least once an hour; what waits longer than three days is given
up, and can be sent again by hand.</p>
<p>Which one it is, and what it answered, stands here:<br>
<a href="{link}">{link}</a></p>
"""


async def tell(
    database: Database,
    settings: Settings,
    organization_id: UUID,
    recipient_id: UUID,
    *,
    event: NoticeEvent,
    message_id: UUID,
) -> None:
    """Have everybody else told, who can be. The message of the outbox is the notice's
    id, so that a repeat tells nobody twice; what is not so any more is not told."""
    async with database.unit_of_work(
        Login.WORKER, organization_id=organization_id, actor="outbox"
    ) as session:
        row = await _get(session, organization_id, recipient_id)
        is_failing = row is not None and row.failing_since is not None
        if row is None or is_failing is not (event is NoticeEvent.CHANNEL_FAILING):
            log.info("outage.over", recipient_id=str(recipient_id), told=event.value)
            return
        if await _is_told(session, organization_id, message_id):
            return
        notice = await _notice(session, settings, row, (event, message_id))
        others = await _others(session, row, event)
        entries = [
            Entry(
                notice,
                channel_id=one.id if isinstance(one, NotificationChannel) else None,
                endpoint_id=one.id if isinstance(one, WebhookEndpoint) else None,
                why="A channel's outage is told to the others.",
            )
            for one in others
        ]
        await deliveries.enter(session, organization_id, entries)
        if event is NoticeEvent.CHANNEL_FAILING and not _reach_managers(others):
            kind = OutboxKind.MAIL_CHANNEL_FAILING
            key = f"{kind}:{message_id}"
            mailed = Appointment(organization_id, kind, recipient_id, key, notice.at)
            await outbox.appoint(session, [mailed])


async def mail(
    database: Database,
    settings: Settings,
    organization_id: UUID,
    recipient_id: UUID,
    *,
    message_id: UUID,
) -> None:
    """Tell owners and admins; raises MailNotSent if one of them was not reached."""
    async with database.unit_of_work(
        Login.WORKER, organization_id=organization_id, actor="outbox"
    ) as session:
        told = await mail_rounds.who_manages(session, organization_id)
    if settings.smtp_url is None or not told:
        why = "no_mail" if settings.smtp_url is None else "nobody_manages"
        log.warning("mail.told_nobody", why=why, subject_id=str(recipient_id))
        return
    link = f"{settings.public_url}/notifications"
    mails = {
        user_id: Mail(
            to=address,
            subject="A notification channel is failing",
            text=_TEXT.format(link=link),
            html=framed(_HTML.format(link=escape(link))),
        )
        for user_id, address in told.items()
    }
    await mail_rounds.send(database, settings, message_id, mails)


async def _get(
    session: AsyncSession, organization_id: UUID, recipient_id: UUID
) -> RecipientRow | None:
    for model in (NotificationChannel, WebhookEndpoint):
        found: RecipientRow | None = await session.scalar(
            select(model).where(
                model.organization_id == organization_id, model.id == recipient_id
            )
        )
        if found is not None:
            return found
    return None


async def _is_told(
    session: AsyncSession, organization_id: UUID, notice_id: UUID
) -> bool:
    told = select(Delivery.id).where(
        Delivery.organization_id == organization_id,
        Delivery.notice_id == notice_id,
    )
    return await session.scalar(told.limit(1)) is not None


async def _notice(
    session: AsyncSession,
    settings: Settings,
    row: RecipientRow,
    about: tuple[NoticeEvent, UUID],
) -> Notice:
    event, id = about
    named = select(Organization.id, Organization.name, func.app_now().label("now"))
    organization = (
        await session.execute(named.where(Organization.id == row.organization_id))
    ).one()
    is_failing = event is NoticeEvent.CHANNEL_FAILING
    lines = [f"It last said: {row.last_error}"] if is_failing and row.last_error else []
    return Notice(
        id=id,
        event=event,
        at=organization.now,
        severity=Severity.ERROR if is_failing else Severity.INFO,
        organization=Named(id=organization.id, name=organization.name),
        title=_TITLES[event].format(name=_name_of(row)),
        lines=tuple(lines),
        link=f"{settings.public_url}/notifications",
        detail={"recipient_id": str(row.id), "failures": row.failures},
    )


def _name_of(row: RecipientRow) -> str:
    """Of an endpoint the host alone: the path may be a secret."""
    if isinstance(row, NotificationChannel):
        return f"The channel {row.name[:_MOST_NAME]}"
    return f"The webhook endpoint at {urlsplit(row.url).hostname}"[:_MOST_NAME]


async def _others(
    session: AsyncSession, row: RecipientRow, event: NoticeEvent
) -> Sequence[RecipientRow]:
    """Who hears of all accounts, is not failing itself, and wants to know."""
    channels = select(NotificationChannel).where(
        NotificationChannel.organization_id == row.organization_id,
        NotificationChannel.id != row.id,
        NotificationChannel.deleted_at.is_(None),
        NotificationChannel.disabled_at.is_(None),
        NotificationChannel.verified_at.is_not(None),
        NotificationChannel.failing_since.is_(None),
        NotificationChannel.label_scope.is_(None),
    )
    endpoints = select(WebhookEndpoint).where(
        WebhookEndpoint.organization_id == row.organization_id,
        WebhookEndpoint.id != row.id,
        WebhookEndpoint.deleted_at.is_(None),
        WebhookEndpoint.disabled_at.is_(None),
        WebhookEndpoint.failing_since.is_(None),
        WebhookEndpoint.label_scope.is_(None),
        WebhookEndpoint.events.contains([event.value]),
    )
    found: list[RecipientRow] = list(await session.scalars(channels))
    return [*found, *await session.scalars(endpoints)]


def _reach_managers(others: Sequence[RecipientRow]) -> bool:
    return any(
        isinstance(one, NotificationChannel)
        and one.configuration.get("to") == "managers"
        for one in others
    )
