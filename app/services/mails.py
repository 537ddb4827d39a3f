"""What we write to people. No mail repeats what somebody typed: anybody can register
another's address, with a name that is an advertisement."""

from html import escape
from uuid import UUID

import structlog
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.core.settings import Settings
from app.integrations import email
from app.integrations.email import Mail
from app.models.user import EmailToken, User
from app.services import email_verification

log = structlog.get_logger(__name__)

_VERIFY_TEXT = """\
Welcome to Cloudrota.

Confirm your e-mail address by opening this link within {minutes} minutes:

{link}

If you did not register, ignore this mail: nothing happens without the link.
"""
_VERIFY_HTML = """\
<!doctype html>
<html lang="en">
<body style="font-family: sans-serif; line-height: 1.5">
<p>Welcome to Cloudrota.</p>
<p><a href="{link}">Confirm your e-mail address</a> within {minutes} minutes.</p>
<p>If the link does not open, copy this address into your browser:<br>{link}</p>
<p>If you did not register, ignore this mail: nothing happens without the link.</p>
</body>
</html>
"""


async def verify_email_mail(
    session: AsyncSession, settings: Settings, token_id: UUID
) -> Mail | None:
    """The mail with the link of an e-mail token; None if the link would not work,
    because it was used, has expired, or its user is not of this organization."""
    statement = (
        select(User.email)
        .join(EmailToken, EmailToken.user_id == User.id)
        .where(
            EmailToken.id == token_id,
            EmailToken.used_at.is_(None),
            EmailToken.expires_at > func.app_now(),
        )
    )
    address = await session.scalar(statement)
    if address is None:
        return None
    # Behind the #, so that the token is in no request and no server's log.
    token = email_verification.token_text(settings, token_id)
    link = f"{settings.public_url}/verify-email#token={token}"
    minutes = int(email_verification.LIFETIME.total_seconds() // 60)
    return Mail(
        to=address,
        subject="Confirm your e-mail address",
        text=_VERIFY_TEXT.format(link=link, minutes=minutes),
        html=_VERIFY_HTML.format(link=escape(link), minutes=minutes),
    )


async def send_verification(
    database: Database, settings: Settings, organization_id: UUID, token_id: UUID
) -> None:
    """Send the mail of an e-mail token, with no transaction open meanwhile; raises
    MailNotSent. A link that would not work any more is not sent, and logged."""
    async with database.unit_of_work(
        Login.WORKER, organization_id=organization_id
    ) as session:
        mail = await verify_email_mail(session, settings, token_id)
    if mail is None:
        log.warning("mail.not_needed", kind="verify_email", subject_id=str(token_id))
        return
    await email.send(settings, mail)
