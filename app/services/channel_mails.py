"""The mail that asks whoever reads an address whether it is to be told there."""

from html import escape
from uuid import UUID

import structlog
from sqlalchemy import func, select

from app.core.db import Database, Login
from app.core.settings import Settings
from app.integrations import email
from app.integrations.email import Mail
from app.integrations.mail_frame import framed
from app.models.notification import ChannelConfirmation, NotificationChannel
from app.models.user import User
from app.services import channel_confirmations

log = structlog.get_logger(__name__)

_SUBJECT = "Confirm that Cloudrota may write to this address"
_TEXT = """\
{asker} asks that notices of Cloudrota be sent to this address.

Confirm it by opening this link within {minutes} minutes:

{link}

If you do not know who that is, ignore this mail: nothing is sent without the link.
"""
_HTML = """\
<p>{asker} asks that notices of Cloudrota be sent to this address.</p>
<p><a class="button" href="{link}">Confirm it</a></p>
<p>It works once, for {minutes} minutes.</p>
<p>If the link does not open, copy this address into your browser:<br>{link}</p>
<p>If you do not know who that is, ignore this mail: nothing is sent without the
link.</p>
"""


async def send_confirmation(
    database: Database, settings: Settings, organization_id: UUID, confirmation_id: UUID
) -> None:
    """Send the link; raises MailNotSent. Who asks is named by a proven address, and no
    text that anybody may choose is repeated. A link that would not work any more is not
    sent, and logged."""
    wanted = (
        select(ChannelConfirmation.address, User.email.label("asker"))
        .join(User, User.id == ChannelConfirmation.asked_by)
        .join(
            NotificationChannel,
            (NotificationChannel.organization_id == ChannelConfirmation.organization_id)
            & (NotificationChannel.id == ChannelConfirmation.channel_id),
        )
        .where(
            ChannelConfirmation.organization_id == organization_id,
            ChannelConfirmation.id == confirmation_id,
            ChannelConfirmation.used_at.is_(None),
            ChannelConfirmation.expires_at > func.app_now(),
            NotificationChannel.deleted_at.is_(None),
            NotificationChannel.configuration["address"].astext
            == ChannelConfirmation.address,
        )
    )
    async with database.unit_of_work(
        Login.WORKER, organization_id=organization_id
    ) as session:
        found = (await session.execute(wanted)).one_or_none()
    if found is None:
        log.warning(
            "mail.not_needed", kind="confirm_channel", subject_id=str(confirmation_id)
        )
        return
    # Behind the #, so that the token is in no request and no server's log.
    token = channel_confirmations.token_of(settings, confirmation_id)
    link = f"{settings.public_url}/confirm-channel#token={token}"
    minutes = int(channel_confirmations.LIFETIME.total_seconds() // 60)
    mail = Mail(
        to=found.address,
        subject=_SUBJECT,
        text=_TEXT.format(asker=found.asker, link=link, minutes=minutes),
        html=framed(
            _HTML.format(asker=escape(found.asker), link=escape(link), minutes=minutes)
        ),
    )
    await email.send(settings, mail)
