"""Tells owners and admins, by mail, what became of their subscription and what follows
from it. What somebody typed is not repeated."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

import structlog
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.core.notice import NoticeEvent
from app.core.settings import Settings
from app.integrations.email import Mail
from app.integrations.mail_frame import pointing
from app.models.aws_account import AWSAccount
from app.models.notice import RecordedNotice
from app.models.subscription import (
    GRACE,
    Subscription,
    SubscriptionPlan,
    SubscriptionStatus,
)
from app.models.task import Task
from app.services import mail_rounds, outbox
from app.services.decisions.held_history import held_history
from app.services.decisions.standing import reminder_of
from app.services.decisions.usage import PLAN_LIMIT
from app.services.outbox import Appointment, OutboxKind

log = structlog.get_logger(__name__)

_GIVING = {
    SubscriptionStatus.ACTIVE,
    SubscriptionStatus.TRIALING,
    SubscriptionStatus.PAST_DUE,
}
_OVER = {
    SubscriptionStatus.CANCELED,
    SubscriptionStatus.UNPAID,
    SubscriptionStatus.PAUSED,
}
# It is read-only after the grace, not at its last instant.
_AFTER = timedelta(seconds=1)


class _About(NamedTuple):
    subject: str
    what: str
    then: str


_TRIAL_ENDING = _About(
    subject="Your trial ends soon",
    what="The trial of the plan {plan} for your organization on Cloudrota ends on"
    " {trial_until}.",
    then="From then on the plan is paid for, with the card that was given. If you do"
    " not want that, cancel it in the customer portal, which is here:",
)
_PAYMENT_FAILED = _About(
    subject="A payment has failed",
    what="A payment for your organization on Cloudrota has failed. Everything works on"
    " until {read_only_at}; from then on it is read-only, and due runs are skipped.",
    then="Settle the invoice or change the card in the customer portal, which is here:",
)
_READ_ONLY = _About(
    subject="Your organization is read-only",
    what="A payment for your organization on Cloudrota has been overdue for seven days."
    " It is read-only now: everything can be read and exported, and due runs are"
    " skipped and recorded as such. Nothing is deleted because of that. {history}",
    then="Soon after the invoice is settled everything goes on. The customer portal is"
    " here:",
)
_ENDING = _About(
    subject="Your subscription will end",
    what="The subscription of your organization on Cloudrota is cancelled. It has the"
    " plan {plan} until {ends_at}, and nothing is paid after that.",
    then="Then what the smallest plan does not allow is paused, and history that it"
    " does not keep is deleted 30 days later. Up to that day it can be taken back in"
    " the customer portal, which is here:",
)
_ENDED = _About(
    subject="Your subscription has ended",
    what="The subscription of your organization on Cloudrota has ended. The plan is"
    " {plan} now. {paused} {history}",
    then="A plan can be chosen at any time, and what is paused goes on then. Here:",
)
_PLAN_CHANGED = _About(
    subject="Your plan has changed",
    what="The plan of your organization on Cloudrota, or what it allows, has changed:"
    " it is {plan} now. {paused} {history}",
    then="What the plan allows, and what is used of it, stands here:",
)
_MAILS: Mapping[OutboxKind, _About] = MappingProxyType(
    {
        OutboxKind.MAIL_TRIAL_ENDING: _TRIAL_ENDING,
        OutboxKind.MAIL_PAYMENT_FAILED: _PAYMENT_FAILED,
        OutboxKind.MAIL_READ_ONLY: _READ_ONLY,
        OutboxKind.MAIL_SUBSCRIPTION_ENDING: _ENDING,
        OutboxKind.MAIL_SUBSCRIPTION_ENDED: _ENDED,
        OutboxKind.MAIL_PLAN_CHANGED: _PLAN_CHANGED,
    }
)
# ── what is to be told ───────────────────────────────────────────────────────────


async def ask(
    session: AsyncSession,
    settings: Settings,
    row: Subscription,
    *,
    was_plan: str,
    was_status: SubscriptionStatus,
    was_ends_at: datetime | None,
    change: str,
) -> None:
    """Post the mails of a change, each at its time, in the transaction that made it.
    `change` names it, so that a repeat posts none twice. What is not so any more when
    its time has come is not told."""
    now = (await session.execute(select(func.app_now()))).scalar_one()
    posts: dict[OutboxKind, tuple[str, datetime]] = {}
    if row.status is SubscriptionStatus.TRIALING and row.trial_until is not None:
        when = max(now, reminder_of(row.trial_until))
        posts[OutboxKind.MAIL_TRIAL_ENDING] = (row.trial_until.isoformat(), when)
    if row.past_due_since is not None:
        since = row.past_due_since.isoformat()
        posts[OutboxKind.MAIL_PAYMENT_FAILED] = (since, now)
        late = row.past_due_since + GRACE + _AFTER
        posts[OutboxKind.MAIL_READ_ONLY] = (since, max(now, late))
    if row.ends_at not in {None, was_ends_at} and row.status in _GIVING:
        posts[OutboxKind.MAIL_SUBSCRIPTION_ENDING] = (change, now)
    if row.status in _OVER and was_status not in _OVER:
        posts[OutboxKind.MAIL_SUBSCRIPTION_ENDED] = (change, now)
    elif row.plan_code != was_plan:
        posts[OutboxKind.MAIL_PLAN_CHANGED] = (change, now)
    if settings.smtp_url is None:
        # That of being read-only is a notice, too.
        posts = {
            kind: post
            for kind, post in posts.items()
            if kind is OutboxKind.MAIL_READ_ONLY
        }
    await _appoint(session, row, posts)


async def of_limits(
    session: AsyncSession, settings: Settings, row: Subscription, *, change: str
) -> None:
    """Post the mail of a plan whose limits have changed. `change` names that."""
    if settings.smtp_url is not None:
        now = (await session.execute(select(func.app_now()))).scalar_one()
        posts = {OutboxKind.MAIL_PLAN_CHANGED: (change, now)}
        await _appoint(session, row, posts)


async def _appoint(
    session: AsyncSession,
    row: Subscription,
    posts: Mapping[OutboxKind, tuple[str, datetime]],
) -> None:
    await outbox.appoint(
        session,
        [
            Appointment(row.organization_id, kind, row.id, f"{kind}:{which}", at)
            for kind, (which, at) in posts.items()
        ],
    )


# ── telling it ───────────────────────────────────────────────────────────────────


async def tell(
    database: Database,
    settings: Settings,
    organization_id: UUID,
    *,
    kind: OutboxKind,
    message_id: UUID,
) -> None:
    """Send one of the mails, as things are now. Raises MailNotSent if somebody was not
    told. What is not so any more is told nobody, and logged."""
    mine = (
        select(Subscription, SubscriptionPlan, func.app_now())
        .join(SubscriptionPlan, SubscriptionPlan.code == Subscription.plan_code)
        .where(Subscription.organization_id == organization_id)
    )
    async with database.unit_of_work(
        Login.WORKER, organization_id=organization_id, actor="outbox"
    ) as session:
        row, plan, now = (await session.execute(mine)).one()
        told = await mail_rounds.who_manages(session, organization_id)
        paused = await _paused(session, organization_id)
        is_so = _is_so(kind, row, now)
        if is_so and kind is OutboxKind.MAIL_READ_ONLY:
            await _note_read_only(session, row, message_id)
    if not is_so:
        log.warning("mail.not_needed", kind=kind.value, subject_id=str(row.id))
        return
    late = row.past_due_since and row.past_due_since + GRACE
    words = {
        "plan": plan.name,
        "paused": paused,
        "history": _history(row, plan.limits["history_days"], now),
        "trial_until": _day(row.trial_until),
        "read_only_at": _day(late),
        "ends_at": _day(row.ends_at),
    }
    about = _MAILS[kind]
    if settings.smtp_url is None or not told:
        why = "no_mail" if settings.smtp_url is None else "nobody_pays"
        log.warning("mail.told_nobody", why=why, subject=about.subject)
        return
    mails = {id: _mail(settings, about, address, words) for id, address in told.items()}
    await mail_rounds.send(database, settings, message_id, mails)


async def _note_read_only(
    session: AsyncSession, row: Subscription, message_id: UUID
) -> None:
    """Once, under the id of the message, however often that is tried."""
    assert row.past_due_since is not None
    noted = insert(RecordedNotice).values(
        organization_id=row.organization_id,
        id=message_id,
        event=NoticeEvent.SUBSCRIPTION_READ_ONLY,
        facts={"past_due_since": row.past_due_since.isoformat()},
    )
    await session.execute(noted.on_conflict_do_nothing())


def _is_so(kind: OutboxKind, row: Subscription, now: datetime) -> bool:
    """Whether what the mail says is still so."""
    match kind:
        case OutboxKind.MAIL_TRIAL_ENDING:
            is_trial = row.status is SubscriptionStatus.TRIALING
            until = row.trial_until
            is_near = until is not None and reminder_of(until) <= now < until
            return is_trial and row.ends_at is None and is_near
        case OutboxKind.MAIL_PAYMENT_FAILED:
            is_due = row.status is SubscriptionStatus.PAST_DUE
            return is_due and not row.is_read_only
        case OutboxKind.MAIL_READ_ONLY:
            return bool(row.is_read_only)
        case OutboxKind.MAIL_SUBSCRIPTION_ENDING:
            return row.ends_at is not None and row.status in _GIVING
        case OutboxKind.MAIL_SUBSCRIPTION_ENDED:
            return row.status in _OVER
        case _:
            return True


async def _paused(session: AsyncSession, organization_id: UUID) -> str:
    """What rests because of the plan, as a sentence."""
    tasks = select(func.count()).where(
        Task.organization_id == organization_id,
        Task.disabled_reason == PLAN_LIMIT,
        Task.deleted_at.is_(None),
    )
    accounts = select(func.count()).where(
        AWSAccount.organization_id == organization_id,
        AWSAccount.connected,
        AWSAccount.paused_at.is_not(None),
    )
    of_tasks = (await session.execute(tasks)).scalar_one()
    of_accounts = (await session.execute(accounts)).scalar_one()
    if not of_tasks and not of_accounts:
        return "Nothing had to be paused for it."
    return (
        f"Paused because of its limits: tasks {of_tasks}, AWS accounts {of_accounts}."
    )


def _history(row: Subscription, days: int | None, now: datetime) -> str:
    """What is kept, as a sentence, and what goes when."""
    held = held_history(
        until=row.history_held_until,
        days=row.history_held_days,
        then_days=days,
        now=now,
    )
    if held is not None:
        return held.in_words()
    kept = "for ever" if days is None else f"for {days:,} days"
    return f"History is kept {kept}, as the plan says."


def _day(at: datetime | None) -> str:
    return "" if at is None else f"{at:%d %B %Y, %H:%M} UTC"


def _mail(
    settings: Settings, about: _About, address: str, words: Mapping[str, str]
) -> Mail:
    return pointing(
        to=address,
        subject=about.subject,
        what=about.what.format_map(words),
        then=about.then,
        link=f"{settings.public_url}/subscription",
    )
