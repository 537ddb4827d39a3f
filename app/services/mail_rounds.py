"""One message that is a mail to several people. Who got it is noted, so that one whose
mail server refuses it has it sent to nobody else again."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import String, cast, func, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database
from app.core.permissions import Role
from app.core.settings import Settings
from app.integrations import email
from app.integrations.email import Mail, MailNotSent
from app.models.organization import Member
from app.models.outbox import OutboxMessage
from app.models.user import User
from app.services.memberships import is_present


async def who_manages(session: AsyncSession, organization_id: UUID) -> dict[UUID, str]:
    """The verified addresses of the owners and admins who see all accounts."""
    statement = (
        select(User.id, User.email)
        .join(Member, Member.user_id == User.id)
        .where(
            *is_present(organization_id),
            Member.role.in_([Role.OWNER, Role.ADMIN]),
            Member.label_scope.is_(None),
            User.disabled_at.is_(None),
            User.email_verified_at.is_not(None),
        )
        .order_by(User.id)
    )
    found = await session.execute(statement)
    return {row.id: row.email for row in found}


async def send(
    database: Database, settings: Settings, message_id: UUID, mails: Mapping[UUID, Mail]
) -> None:
    """Send each person theirs, but for those whom this message has reached before.
    Raises MailNotSent if somebody was not reached; the others are all the same."""
    told = await _told(database, message_id)
    failed: MailNotSent | None = None
    for user_id, mail in mails.items():
        if str(user_id) in told:
            continue
        try:
            await email.send(settings, mail)
        except MailNotSent as error:
            failed = error
        else:
            await _note(database, message_id, user_id)
    if failed is not None:
        raise failed


async def _told(database: Database, message_id: UUID) -> set[str]:
    noted = select(OutboxMessage.told).where(OutboxMessage.id == message_id)
    async with database.system_session("mail.round") as session:
        return set((await session.scalars(noted)).one())


async def _note(database: Database, message_id: UUID, user_id: UUID) -> None:
    """At once: who dies after it has sent nobody the same mail twice but this one."""
    one = cast(func.jsonb_build_array(cast(str(user_id), String)), JSONB)
    async with database.system_session("mail.round") as session:
        await session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.id == message_id)
            .values(told=OutboxMessage.told.op("||")(one))
            .execution_options(synchronize_session=False)
        )
