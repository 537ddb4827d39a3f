"""The outbox's mails. Where a kind only names the words, one handler passes it on."""

from collections.abc import Awaitable, Callable, Mapping

from app.models.user import EmailTokenPurpose
from app.services import (
    audit_heads,
    channel_mails,
    channel_outages,
    credential_mails,
    mails,
    subscription_mails,
    usage_mails,
)
from app.services.outbox import OutboxKind
from app.tasks.message import Handler, Message
from app.tasks.worker import Worker

NOTICES = (
    OutboxKind.MAIL_PASSWORD_CHANGED,
    OutboxKind.MAIL_SESSION_REVOKED,
    OutboxKind.MAIL_MFA_TURNED_ON,
    OutboxKind.MAIL_MFA_TURNED_OFF,
    OutboxKind.MAIL_RECOVERY_CODE_USED,
)
ABOUT_SUBSCRIPTIONS = (
    OutboxKind.MAIL_TRIAL_ENDING,
    OutboxKind.MAIL_PAYMENT_FAILED,
    OutboxKind.MAIL_READ_ONLY,
    OutboxKind.MAIL_SUBSCRIPTION_ENDING,
    OutboxKind.MAIL_SUBSCRIPTION_ENDED,
    OutboxKind.MAIL_PLAN_CHANGED,
)


async def _mail_verify_email(worker: Worker, message: Message) -> None:
    await _mail_link(worker, message, EmailTokenPurpose.VERIFY_EMAIL)


async def _mail_reset_password(worker: Worker, message: Message) -> None:
    await _mail_link(worker, message, EmailTokenPurpose.RESET_PASSWORD)


async def _mail_link(
    worker: Worker, message: Message, purpose: EmailTokenPurpose
) -> None:
    await mails.send_link(
        worker.database,
        worker.settings,
        message.organization_id,
        message.subject_id,
        purpose=purpose,
    )


async def _mail_notice(worker: Worker, message: Message) -> None:
    await mails.send_notice(
        worker.database,
        worker.settings,
        message.organization_id,
        message.subject_id,
        kind=message.kind,
    )


async def _mail_invitation(worker: Worker, message: Message) -> None:
    await mails.send_invitation(
        worker.database, worker.settings, message.organization_id, message.subject_id
    )


async def _mail_deletion(worker: Worker, message: Message) -> None:
    await mails.send_deletion(
        worker.database, worker.settings, message.organization_id, message.subject_id
    )


async def _mail_confirm_channel(worker: Worker, message: Message) -> None:
    await channel_mails.send_confirmation(
        worker.database, worker.settings, message.organization_id, message.subject_id
    )


async def _mail_round(
    worker: Worker, message: Message, tell: Callable[..., Awaitable[None]]
) -> None:
    whose = (message.organization_id, message.subject_id)
    await tell(worker.database, worker.settings, *whose, message_id=message.id)


async def _mail_credentials_lost(worker: Worker, message: Message) -> None:
    await _mail_round(worker, message, credential_mails.tell_lost)


async def _mail_key_old(worker: Worker, message: Message) -> None:
    await _mail_round(worker, message, credential_mails.tell_old)


async def _mail_usage(worker: Worker, message: Message) -> None:
    await _mail_round(worker, message, usage_mails.tell)


async def _mail_channel_failing(worker: Worker, message: Message) -> None:
    await _mail_round(worker, message, channel_outages.mail)


async def _mail_audit_head(worker: Worker, message: Message) -> None:
    await _mail_round(worker, message, audit_heads.mail)


async def _mail_subscription(worker: Worker, message: Message) -> None:
    await subscription_mails.tell(
        worker.database,
        worker.settings,
        message.organization_id,
        kind=message.kind,
        message_id=message.id,
    )


HANDLERS: Mapping[OutboxKind, Handler] = {
    OutboxKind.MAIL_VERIFY_EMAIL: _mail_verify_email,
    OutboxKind.MAIL_RESET_PASSWORD: _mail_reset_password,
    OutboxKind.MAIL_INVITATION: _mail_invitation,
    OutboxKind.MAIL_DELETION: _mail_deletion,
    OutboxKind.MAIL_CREDENTIALS_LOST: _mail_credentials_lost,
    OutboxKind.MAIL_KEY_OLD: _mail_key_old,
    OutboxKind.MAIL_USAGE: _mail_usage,
    OutboxKind.MAIL_CONFIRM_CHANNEL: _mail_confirm_channel,
    OutboxKind.MAIL_AUDIT_HEAD: _mail_audit_head,
    OutboxKind.MAIL_CHANNEL_FAILING: _mail_channel_failing,
    **dict.fromkeys(NOTICES, _mail_notice),
    **dict.fromkeys(ABOUT_SUBSCRIPTIONS, _mail_subscription),
}
