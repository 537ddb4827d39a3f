"""Tells those who run an organization, by mail, what became of its ways into AWS. What
somebody typed is not repeated: names stand in the console."""

from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.core.permissions import Role
from app.core.settings import Settings
from app.integrations.email import Mail
from app.integrations.mail_frame import pointing
from app.models.aws_account import AWSAccount, AWSCredentials, CredentialsStatus
from app.models.organization import Member
from app.models.user import User
from app.services import mail_rounds
from app.services.connections import MAY_RUN
from app.services.decisions.labels import matches
from app.services.memberships import is_present

log = structlog.get_logger(__name__)


class _About(NamedTuple):
    subject: str
    what: str
    then: str


_NOT_ENFORCED = _About(
    subject="A role no longer asks for its ExternalId",
    what="Cloudrota probed its role in your AWS account {account} and was let in"
    " without the ExternalId, or with a wrong one. Others could be let in, too."
    " Cloudrota does not use the role any more, and the tasks that need it stop.",
    then="Put the condition back into the role's trust policy, then verify the"
    " connection again. What it was, and how it has to be, stands here:",
)
_LOST = _About(
    subject="A role lets Cloudrota in no more",
    what="Cloudrota probed its role in your AWS account {account} and was refused."
    " It does not use the role any more, and the tasks that need it stop.",
    then="If that was not meant to be, put it right and verify the connection again."
    " What AWS said stands here:",
)

_OLD = _About(
    subject="An AWS access key has grown old",
    what="The access key that ends in {last4}, by which Cloudrota works in your AWS"
    " account {account}, is {days} days old, {known_by}. It works on.",
    then="Connect a role instead, or make another key and replace this one; nothing"
    " stops meanwhile. Here:",
)
_KNOWN_BY_IAM = "as IAM says"
_KNOWN_BY_US = (
    "counted from when it was stored here, for IAM did not say when it was made"
)


async def tell_lost(
    database: Database,
    settings: Settings,
    organization_id: UUID,
    credentials_id: UUID,
    *,
    message_id: UUID,
) -> None:
    """Say that a role is used no more, and why. Raises MailNotSent if somebody was not
    told. Where it is used again, or deleted, nobody is told, and
    that is logged."""
    lost = AWSCredentials.status.in_(
        [CredentialsStatus.REFUSED, CredentialsStatus.FAILED]
    )
    async with database.unit_of_work(
        Login.WORKER, organization_id=organization_id, actor="outbox"
    ) as session:
        row, account = await _find(session, organization_id, credentials_id, lost)
        told = await _who_runs(session, organization_id, account)
    if row is None or account is None:
        log.warning("mail.not_needed", kind="lost", subject_id=str(credentials_id))
        return
    refused = row.status is CredentialsStatus.REFUSED
    about = _NOT_ENFORCED if refused else _LOST
    mails = _mails(settings, about, row, told, account=account.account_id)
    await mail_rounds.send(database, settings, message_id, mails)


async def tell_old(
    database: Database,
    settings: Settings,
    organization_id: UUID,
    credentials_id: UUID,
    *,
    message_id: UUID,
) -> None:
    """Say that an access key has grown old. Raises MailNotSent if somebody was not
    told. Where it was replaced or deleted, nobody is told, and that
    is logged."""
    still_old = AWSCredentials.key_warned_at.is_not(None) & MAY_RUN
    async with database.unit_of_work(
        Login.WORKER, organization_id=organization_id, actor="outbox"
    ) as session:
        row, account = await _find(session, organization_id, credentials_id, still_old)
        told = await _who_runs(session, organization_id, account)
        now = (await session.execute(select(func.app_now()))).scalar_one()
    since = row and (row.key_created_at or row.key_stored_at)
    if row is None or account is None or since is None:
        log.warning("mail.not_needed", kind="old", subject_id=str(credentials_id))
        return
    mails = _mails(
        settings,
        _OLD,
        row,
        told,
        account=account.account_id,
        last4=row.access_key_last4,
        days=(now - since).days,
        known_by=_KNOWN_BY_IAM if row.key_created_at else _KNOWN_BY_US,
    )
    await mail_rounds.send(database, settings, message_id, mails)


async def _find(
    session: AsyncSession,
    organization_id: UUID,
    credentials_id: UUID,
    still: ColumnElement[bool],
) -> tuple[AWSCredentials | None, AWSAccount | None]:
    row = await session.scalar(
        select(AWSCredentials).where(
            AWSCredentials.organization_id == organization_id,
            AWSCredentials.id == credentials_id,
            still,
        )
    )
    account = await session.scalar(
        select(AWSAccount).where(
            AWSAccount.organization_id == organization_id,
            AWSAccount.id == (None if row is None else row.aws_account_id),
        )
    )
    return row, account


async def _who_runs(
    session: AsyncSession, organization_id: UUID, account: AWSAccount | None
) -> dict[UUID, str]:
    """The verified addresses of the owners and admins who see the account."""
    statement = (
        select(User.id, User.email, Member.label_scope)
        .join(Member, Member.user_id == User.id)
        .where(
            *is_present(organization_id),
            Member.role.in_([Role.OWNER, Role.ADMIN]),
            User.disabled_at.is_(None),
            User.email_verified_at.is_not(None),
        )
        .order_by(User.id)
    )
    labels = {} if account is None else account.labels
    return {
        user_id: address
        for user_id, address, scope in await session.execute(statement)
        if scope is None or matches(scope, labels)
    }


def _mails(
    settings: Settings,
    about: _About,
    row: AWSCredentials,
    addresses: Mapping[UUID, str],
    **facts: object,
) -> dict[UUID, Mail]:
    """One for each person; none where there is no mail."""
    if settings.smtp_url is None or not addresses:
        why = "no_mail" if settings.smtp_url is None else "nobody_sees_the_account"
        log.warning("mail.told_nobody", why=why, subject_id=str(row.id))
        return {}
    link = f"{settings.public_url}/aws-credentials/{row.id}"
    what = about.what.format(**facts)
    return {
        user_id: pointing(
            to=address, subject=about.subject, what=what, then=about.then, link=link
        )
        for user_id, address in addresses.items()
    }
