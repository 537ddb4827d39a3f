"""Tells those who run an organization that it comes to a limit of its plan."""

from collections.abc import Mapping
from html import escape
from types import MappingProxyType
from uuid import UUID

import structlog
from sqlalchemy import select

from app.core.db import Database, Login
from app.core.settings import Settings
from app.integrations.email import Mail
from app.integrations.mail_frame import framed
from app.models.usage import Metric, UsageWarning
from app.services import mail_rounds
from app.services.decisions.usage import IN_WORDS, REACHED
from app.services.usage import this_month

log = structlog.get_logger(__name__)

_TEXT = """\
{what}: {used:,}. Your organization's plan allows {allowed:,}.

{then}

All limits, and what is used of each, stand here:

{link}
"""
_HTML = """\
<p>{what}: {used:,}. Your organization's plan allows {allowed:,}.</p>
<p>{then}</p>
<p>All limits, and what is used of each, stand here:<br>
<a href="{link}">{link}</a></p>
"""


# What happens where there is no more of it.
_THEN: Mapping[Metric, str] = MappingProxyType(
    {
        Metric.AWS_ACCOUNTS: (
            "No account beyond the limit can be connected. Those that are go on"
            " as always."
        ),
        Metric.ENABLED_TASKS: (
            "No task beyond the limit can be made or enabled. Those that are"
            " enabled go on as always."
        ),
        Metric.MEMBERS: "Nobody beyond the limit can join your organization.",
        Metric.STORED_RESOURCES: (
            "A listing that would store more fails with resource_cap, and what it"
            " lists is unknown from then on."
        ),
        Metric.EXECUTIONS: (
            "What would pass the limit does not run until the next month begins"
            " (UTC): slots are recorded as skipped, with plan_limit as their"
            " reason, and starts by hand are refused."
        ),
        Metric.AWS_CALLS: (
            "Once they are used up, nothing begins until the next month does"
            " (UTC): slots are recorded as skipped, with plan_limit as their"
            " reason, and starts by hand are refused."
        ),
    }
)


async def tell(
    database: Database,
    settings: Settings,
    organization_id: UUID,
    warning_id: UUID,
    *,
    message_id: UUID,
) -> None:
    """Send the warning; raises MailNotSent if somebody was not told. One of an
    earlier month is not sent, and logged."""
    wanted = select(UsageWarning).where(
        UsageWarning.organization_id == organization_id,
        UsageWarning.id == warning_id,
        UsageWarning.month == this_month(),
    )
    async with database.unit_of_work(
        Login.WORKER, organization_id=organization_id, actor="outbox"
    ) as session:
        warning = await session.scalar(wanted)
        addresses = await mail_rounds.who_manages(session, organization_id)
    if warning is None:
        log.warning("mail.not_needed", kind="usage", subject_id=str(warning_id))
        return
    if settings.smtp_url is None or not addresses:
        why = "no_mail" if settings.smtp_url is None else "nobody_sees_all"
        log.warning("mail.told_nobody", why=why, subject_id=str(warning_id))
        return
    mails = {
        user_id: _mail(settings, warning, address)
        for user_id, address in addresses.items()
    }
    await mail_rounds.send(database, settings, message_id, mails)


def _mail(settings: Settings, warning: UsageWarning, address: str) -> Mail:
    what = IN_WORDS[warning.metric]
    about = {
        "what": what[0].upper() + what[1:],
        "then": _THEN[warning.metric],
        "used": warning.used,
        "allowed": warning.allowed,
    }
    is_reached = warning.threshold >= REACHED
    link = f"{settings.public_url}/usage"
    return Mail(
        to=address,
        subject=f"A limit of your plan is {'reached' if is_reached else 'near'}",
        text=_TEXT.format(link=link, **about),
        html=framed(_HTML.format(link=escape(link), **about)),
    )
