"""What we write to people. No mail repeats what somebody typed: anybody can register
another's address, with a name that is an advertisement."""

from collections.abc import Mapping
from html import escape
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

import structlog
from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.core.settings import Settings
from app.integrations import email
from app.integrations.email import Mail
from app.integrations.mail_frame import framed
from app.models.organization import Invitation, Member, Organization
from app.models.user import EmailToken, EmailTokenPurpose, User
from app.services import email_tokens, invitations
from app.services.memberships import is_present
from app.services.outbox import OutboxKind

log = structlog.get_logger(__name__)


class _Linked(NamedTuple):
    """A mail around one link: why it comes, what the link does, and what to do with a
    mail that nobody asked for."""

    subject: str
    opening: str
    link: str
    path: str
    unasked: str


_LINKED: Mapping[EmailTokenPurpose, _Linked] = MappingProxyType(
    {
        EmailTokenPurpose.VERIFY_EMAIL: _Linked(
            subject="Confirm your e-mail address",
            opening="Welcome to Cloudrota.",
            link="Confirm your e-mail address",
            path="verify-email",
            unasked="If you did not register, ignore this mail: nothing happens"
            " without the link.",
        ),
        EmailTokenPurpose.RESET_PASSWORD: _Linked(
            subject="Set a new password",
            opening="Somebody asked for a new password for your Cloudrota account.",
            link="Set a new password",
            path="reset-password",
            unasked="If it was not you, ignore this mail: your password stays as it"
            " is, and nobody else has got the link.",
        ),
    }
)
_LINKED_TEXT = """\
{opening}

{link_text} by opening this link within {minutes} minutes:

{link}

{unasked}
"""
_LINKED_HTML = """\
<p>{opening}</p>
<p><a href="{link}">{link_text}</a> within {minutes} minutes.</p>
<p>If the link does not open, copy this address into your browser:<br>{link}</p>
<p>{unasked}</p>
"""


class _Notice(NamedTuple):
    """A mail that says what was done, to who may not have done it."""

    subject: str
    what: str
    further: str = ""


_NOTICES: Mapping[OutboxKind, _Notice] = MappingProxyType(
    {
        OutboxKind.MAIL_PASSWORD_CHANGED: _Notice(
            subject="Your password was changed",
            what="The password of your Cloudrota account was changed, and its other"
            " sessions were ended.",
        ),
        OutboxKind.MAIL_SESSION_REVOKED: _Notice(
            subject="A session of yours was ended",
            what="Somebody used an old sign-in of yours, which may have been copied:"
            " that session was ended, for you and for whoever it was. Sign in again to"
            " go on.",
        ),
        OutboxKind.MAIL_MFA_TURNED_ON: _Notice(
            subject="Multi-factor sign-in was turned on",
            what="Signing in to your Cloudrota account now needs a code of an"
            " authenticator app.",
            further="Then turn the app off again with one of its recovery codes, or"
            " ask who runs this installation.",
        ),
        OutboxKind.MAIL_MFA_TURNED_OFF: _Notice(
            subject="Multi-factor sign-in was turned off",
            what="Signing in to your Cloudrota account needs only its password now.",
            further="Then turn multi-factor sign-in on again.",
        ),
        OutboxKind.MAIL_RECOVERY_CODE_USED: _Notice(
            subject="A recovery code was used",
            what="A recovery code of your Cloudrota account was used in place of a code"
            " of your authenticator app. It does not work again.",
            further="Then end all sessions and make new recovery codes.",
        ),
    }
)
_NOTICE_TEXT = """\
{what}

If it was not you, set a new password at once: {link}

{further}
"""
_NOTICE_HTML = """\
<p>{what}</p>
<p>If it was not you, <a href="{link}">set a new password</a> at once:<br>{link}</p>
<p>{further}</p>
"""
_INVITED_TEXT = """\
{inviter} invites you to an organization on Cloudrota.

Look at the invitation, and accept it, by opening this link within {days} days:

{link}

If you do not know who that is, ignore this mail: nothing happens without the link.
"""
_INVITED_HTML = """\
<p>{inviter} invites you to an organization on Cloudrota.</p>
<p><a href="{link}">Look at the invitation</a>, and accept it, within {days} days.</p>
<p>If the link does not open, copy this address into your browser:<br>{link}</p>
<p>If you do not know who that is, ignore this mail: nothing happens without the
link.</p>
"""
_DELETION_TEXT = """\
One of its owners has asked that your organization on Cloudrota be deleted, with its
accounts, tasks, results and all else that is in it, on {day}.

Until then it works as always. Any owner can take the deletion back there:

{link}
"""
_DELETION_HTML = """\
<p>One of its owners has asked that your organization on Cloudrota be deleted, with its
accounts, tasks, results and all else that is in it, on {day}.</p>
<p>Until then it works as always. Any owner can take the deletion back there:<br>
<a href="{link}">{link}</a></p>
"""


async def link_mail(
    session: AsyncSession,
    settings: Settings,
    token_id: UUID,
    *,
    purpose: EmailTokenPurpose,
) -> Mail | None:
    """The mail with the link of an e-mail token; None if the link would not work,
    because it was used, has expired, is for something else, or its user is not of this
    organization."""
    statement = (
        select(User.email)
        .join(EmailToken, EmailToken.user_id == User.id)
        .where(
            EmailToken.id == token_id,
            EmailToken.purpose == purpose,
            EmailToken.used_at.is_(None),
            EmailToken.expires_at > func.app_now(),
        )
    )
    address = await session.scalar(statement)
    if address is None:
        return None
    about = _LINKED[purpose]
    # Behind the #, so that the token is in no request and no server's log.
    token = email_tokens.text_of(settings, purpose, token_id)
    link = f"{settings.public_url}/{about.path}#token={token}"
    words = {
        "opening": about.opening,
        "link_text": about.link,
        "minutes": int(email_tokens.LIFETIME.total_seconds() // 60),
        "unasked": about.unasked,
    }
    return Mail(
        to=address,
        subject=about.subject,
        text=_LINKED_TEXT.format(link=link, **words),
        html=framed(_LINKED_HTML.format(link=escape(link), **words)),
    )


async def send_link(
    database: Database,
    settings: Settings,
    organization_id: UUID,
    token_id: UUID,
    *,
    purpose: EmailTokenPurpose,
) -> None:
    """Send the mail of an e-mail token, with no transaction open meanwhile; raises
    MailNotSent. A link that would not work any more is not sent, and logged."""
    async with database.unit_of_work(
        Login.WORKER, organization_id=organization_id
    ) as session:
        mail = await link_mail(session, settings, token_id, purpose=purpose)
    if mail is None:
        log.warning("mail.not_needed", kind=purpose.value, subject_id=str(token_id))
        return
    await email.send(settings, mail)


async def send_notice(
    database: Database,
    settings: Settings,
    organization_id: UUID,
    user_id: UUID,
    *,
    kind: OutboxKind,
) -> None:
    """Tell a user what was done with its account; raises MailNotSent. A user who has
    left is not told, and that is logged."""
    async with database.unit_of_work(
        Login.WORKER, organization_id=organization_id
    ) as session:
        address = await session.scalar(select(User.email).where(User.id == user_id))
    if address is None:
        log.warning("mail.not_needed", kind=kind.value, subject_id=str(user_id))
        return
    about = _NOTICES[kind]
    link = f"{settings.public_url}/forgot-password"
    words = {"what": about.what, "further": about.further}
    mail = Mail(
        to=address,
        subject=about.subject,
        text=_NOTICE_TEXT.format(link=link, **words).rstrip() + "\n",
        html=framed(_NOTICE_HTML.format(link=escape(link), **words)),
    )
    await email.send(settings, mail)


async def send_invitation(
    database: Database, settings: Settings, organization_id: UUID, invitation_id: UUID
) -> None:
    """Send the link of an invitation; raises MailNotSent. Its inviter is named by a
    proven address, not by a name that anybody may choose. One that is not open any
    more is not sent, and logged."""
    wanted = (
        select(Invitation.email, User.email.label("inviter"))
        .join(
            Member,
            and_(
                Member.organization_id == Invitation.organization_id,
                Member.id == Invitation.invited_by,
            ),
        )
        .join(User, User.id == Member.user_id)
        .where(
            Invitation.organization_id == organization_id,
            Invitation.id == invitation_id,
            Invitation.accepted_at.is_(None),
            Invitation.withdrawn_at.is_(None),
            Invitation.expires_at > func.app_now(),
        )
    )
    async with database.unit_of_work(
        Login.WORKER, organization_id=organization_id
    ) as session:
        found = (await session.execute(wanted)).one_or_none()
    if found is None:
        log.warning("mail.not_needed", kind="invitation", subject_id=str(invitation_id))
        return
    link = invitations.link_of(settings, invitation_id)
    days = invitations.LIFETIME.days
    mail = Mail(
        to=found.email,
        subject="You are invited to Cloudrota",
        text=_INVITED_TEXT.format(inviter=found.inviter, link=link, days=days),
        html=framed(
            _INVITED_HTML.format(
                inviter=escape(found.inviter), link=escape(link), days=days
            )
        ),
    )
    await email.send(settings, mail)


async def send_deletion(
    database: Database, settings: Settings, organization_id: UUID, user_id: UUID
) -> None:
    """Tell an owner when its organization will be deleted; raises MailNotSent. Where
    that was taken back meanwhile, or the owner has left, nobody is told, and it is
    logged."""
    wanted = (
        select(User.email, Organization.deletion_due_at)
        .join(Member, Member.user_id == User.id)
        .join(Organization, Organization.id == Member.organization_id)
        .where(
            *is_present(organization_id),
            Member.user_id == user_id,
            Organization.deletion_due_at.is_not(None),
        )
    )
    async with database.unit_of_work(
        Login.WORKER, organization_id=organization_id
    ) as session:
        found = (await session.execute(wanted)).one_or_none()
    if found is None:
        log.warning("mail.not_needed", kind="deletion", subject_id=str(user_id))
        return
    due_at = found.deletion_due_at
    about = {"link": settings.public_url, "day": f"{due_at:%d %B %Y, %H:%M} UTC"}
    mail = Mail(
        to=found.email,
        subject="Your organization will be deleted",
        text=_DELETION_TEXT.format(**about),
        html=framed(_DELETION_HTML.format(**about)),
    )
    await email.send(settings, mail)
