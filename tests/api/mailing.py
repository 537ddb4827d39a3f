"""What the outbox does with the mails that are asked for, without a worker."""

from sqlalchemy import select

from app.core.db import Database, Login
from app.core.settings import Settings
from app.models.outbox import OutboxMessage, OutboxStatus
from app.models.user import EmailTokenPurpose
from app.services import mails
from app.services.outbox import OutboxKind

_LINKS = {
    OutboxKind.MAIL_VERIFY_EMAIL: EmailTokenPurpose.VERIFY_EMAIL,
    OutboxKind.MAIL_RESET_PASSWORD: EmailTokenPurpose.RESET_PASSWORD,
}


async def deliver(database: Database, settings: Settings) -> int:
    """Send each mail that is due, once; how many there were."""
    async with database.unit_of_work(Login.OWNER) as session:
        due = select(OutboxMessage).where(OutboxMessage.status == OutboxStatus.PENDING)
        messages = (await session.scalars(due)).all()
        for message in messages:
            message.status = OutboxStatus.DONE
    for message in messages:
        kind = OutboxKind(message.kind)
        whose = (database, settings, message.organization_id, message.subject_id)
        if kind in _LINKS:
            await mails.send_link(*whose, purpose=_LINKS[kind])
        elif kind is OutboxKind.MAIL_INVITATION:
            await mails.send_invitation(*whose)
        elif kind is OutboxKind.MAIL_DELETION:
            await mails.send_deletion(*whose)
        else:
            await mails.send_notice(*whose, kind=kind)
    return len(messages)
