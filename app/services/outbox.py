"""Jobs other than executions: recorded with the act that wants them, done after the
commit, at least once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.ids import new_id
from app.core.queue import Job, begin_trace, enqueue
from app.models.outbox import OutboxMessage


class OutboxKind(StrEnum):
    """Each has one handler in app/tasks/outbox.py; a test holds them together."""

    MAIL_VERIFY_EMAIL = "mail.verify_email"
    MAIL_RESET_PASSWORD = "mail.reset_password"  # noqa: S105 — a mail, no password
    MAIL_PASSWORD_CHANGED = "mail.password_changed"  # noqa: S105 — a mail, no password
    MAIL_INVITATION = "mail.invitation"
    MAIL_DELETION = "mail.deletion"
    MAIL_SESSION_REVOKED = "mail.session_revoked"
    MAIL_MFA_TURNED_ON = "mail.mfa_turned_on"
    MAIL_MFA_TURNED_OFF = "mail.mfa_turned_off"
    MAIL_RECOVERY_CODE_USED = "mail.recovery_code_used"
    MAIL_CREDENTIALS_LOST = "mail.credentials_lost"
    MAIL_KEY_OLD = "mail.key_old"
    MAIL_USAGE = "mail.usage"
    CREDENTIALS_VERIFY = "credentials.verify"
    CREDENTIALS_REVIEW = "credentials.review"
    CREDENTIALS_PROBE = "credentials.probe"
    CREDENTIALS_DESTROY = "credentials.destroy"
    EXECUTION_SETTLE = "execution.settle"
    CHAIN_ADVANCE = "chain.advance"
    ARTIFACT_MAKE = "artifact.make"
    ARTIFACT_PURGE = "artifact.purge"
    HISTORY_PURGE = "history.purge"
    AUDIT_HEAD_STORE = "audit_head.store"
    SUBSCRIPTION_SYNC = "subscription.sync"
    MAIL_AUDIT_HEAD = "mail.audit_head"
    PLAN_FIT = "plan.fit"
    MAIL_TRIAL_ENDING = "mail.trial_ending"
    MAIL_PAYMENT_FAILED = "mail.payment_failed"
    MAIL_READ_ONLY = "mail.read_only"
    MAIL_SUBSCRIPTION_ENDING = "mail.subscription_ending"
    MAIL_SUBSCRIPTION_ENDED = "mail.subscription_ended"
    MAIL_PLAN_CHANGED = "mail.plan_changed"
    SUBSCRIPTION_WIND_UP = "subscription.wind_up"
    CHANNEL_SECRETS_DESTROY = "channel_secrets.destroy"
    CHANNEL_TEST = "channel.test"
    ENDPOINT_TEST = "endpoint.test"
    MAIL_CONFIRM_CHANNEL = "mail.confirm_channel"
    DELIVERIES_SEND = "deliveries.send"
    CHANNEL_FAILING = "channel.failing"
    CHANNEL_RECOVERED = "channel.recovered"
    MAIL_CHANNEL_FAILING = "mail.channel_failing"


async def post(
    session: AsyncSession,
    *,
    organization_id: UUID,
    kind: OutboxKind,
    subject_id: UUID,
    dedupe_key: str | None = None,
    not_before: datetime | None = None,
) -> UUID:
    """Record that `kind` must be done for the row `subject_id`, at once or not before
    an instant; the message's id.

    Two posts with the same `dedupe_key` in one organization are a conflict.
    """
    message_id = new_id()
    await session.execute(
        insert(OutboxMessage)
        .inline()
        .values(
            id=message_id,
            organization_id=organization_id,
            kind=kind,
            subject_id=subject_id,
            dedupe_key=dedupe_key or f"{kind}:{message_id}",
            available_at=not_before or func.app_now(),
        )
    )
    begin_trace(session, Job.DELIVER_OUTBOX, message_id)
    if not_before is None:
        # Those of later are found when their time has come.
        enqueue(session, Job.DELIVER_OUTBOX, message_id)
    return message_id


@dataclass(frozen=True, slots=True)
class Appointment:
    """A message that its `dedupe_key` names: however often it is made, it is one."""

    organization_id: UUID
    kind: OutboxKind
    subject_id: UUID
    dedupe_key: str
    available_at: datetime


async def appoint(session: AsyncSession, appointments: Sequence[Appointment]) -> None:
    """Post those that are not there yet. They are found without a hint, each when its
    time has come."""
    if not appointments:
        return
    rows = [
        {
            "id": new_id(),
            "organization_id": one.organization_id,
            "kind": one.kind,
            "subject_id": one.subject_id,
            "dedupe_key": one.dedupe_key,
            "available_at": one.available_at,
        }
        for one in appointments
    ]
    await session.execute(insert(OutboxMessage).on_conflict_do_nothing(), rows)
