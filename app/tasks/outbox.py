"""Does one job of the outbox: claim → act → record, at least once. A part that is away
is waited for, ever longer; after ten tries the message is dead and says why."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import INTERVAL

from app.core.db import AWAY, Login
from app.core.errors import Unavailable
from app.models.outbox import OutboxMessage, OutboxStatus
from app.models.user import EmailTokenPurpose
from app.services import (
    artifacts,
    audit_heads,
    chains,
    credential_mails,
    credential_opening,
    credential_probes,
    credential_reviews,
    credential_verification,
    execution_ends,
    housekeeping,
    mails,
    retention,
)
from app.services.outbox import OutboxKind
from app.tasks.worker import Worker

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=5)
MOST_ATTEMPTS = 10
FIRST_PAUSE = timedelta(seconds=10)
OVERDUE = timedelta(seconds=5)  # its hint should have come by now
POLL_SECONDS = 5
POLLED_AT_ONCE = 20
PURGE_SLICE = timedelta(seconds=10)  # then the other messages have their turn


@dataclass(frozen=True, slots=True)
class Message:
    id: UUID
    organization_id: UUID
    kind: OutboxKind
    subject_id: UUID
    fence: int
    attempts: int


async def deliver(worker: Worker, message_id: UUID) -> None:
    """Do the job, unless it is done, dead, or another worker is at it."""
    message = await _claim(worker, message_id)
    if message is None:
        return
    if message.attempts > MOST_ATTEMPTS:
        # Each attempt ended without a word: the worker died or met a fault of ours.
        await _postpone(worker, message, "It never came to an end.")
        return
    try:
        await HANDLERS[message.kind](worker, message)
    except (Unavailable, OSError) as error:
        # The outsider is away: the message says so and is tried again later.
        log.warning("outbox.postponed", kind=message.kind, error=str(error))
        await _postpone(worker, message, f"{type(error).__name__}: {error}")
    else:
        await _done(worker, message)


async def poll(
    worker: Worker, deliver_one: Callable[[Worker, UUID], Awaitable[None]]
) -> None:
    """Find messages without a hint: they are delivered while Redis is away, too."""
    while not worker.stopping:
        try:
            waiting = await _overdue(worker)
        except AWAY as error:
            log.warning("outbox.database_away", error=type(error).__name__)
            waiting = []
        for message_id in waiting:
            await deliver_one(worker, message_id)
        if not waiting:
            await asyncio.sleep(POLL_SECONDS)


async def _overdue(worker: Worker) -> list[UUID]:
    overdue = (
        select(OutboxMessage.id)
        .where(
            OutboxMessage.status == OutboxStatus.PENDING,
            OutboxMessage.available_at < func.app_now() - literal(OVERDUE, INTERVAL),
            _is_free(),
        )
        .order_by(OutboxMessage.available_at)
        .limit(POLLED_AT_ONCE)
    )
    async with worker.database.system_session("outbox.poll") as session:
        return list(await session.scalars(overdue))


def _is_free() -> ColumnElement[bool]:
    lease = OutboxMessage.lease_until
    return or_(lease.is_(None), lease < func.app_now())


async def _claim(worker: Worker, message_id: UUID) -> Message | None:
    statement = (
        update(OutboxMessage)
        .where(
            OutboxMessage.id == message_id,
            OutboxMessage.status == OutboxStatus.PENDING,
            _is_free(),
        )
        .values(
            fence=OutboxMessage.fence + 1,
            attempts=OutboxMessage.attempts + 1,
            lease_until=func.app_now() + LEASE,
        )
        .returning(
            OutboxMessage.id,
            OutboxMessage.organization_id,
            OutboxMessage.kind,
            OutboxMessage.subject_id,
            OutboxMessage.fence,
            OutboxMessage.attempts,
        )
        .execution_options(synchronize_session=False)
    )
    async with worker.database.system_session("outbox.claim") as session:
        row = (await session.execute(statement)).one_or_none()
    if row is None:
        return None
    return Message(
        id=row.id,
        organization_id=row.organization_id,
        kind=OutboxKind(row.kind),
        subject_id=row.subject_id,
        fence=row.fence,
        attempts=row.attempts,
    )


async def _done(worker: Worker, message: Message) -> None:
    await _record(
        worker,
        message,
        status=OutboxStatus.DONE,
        done_at=func.app_now(),
        lease_until=None,
        error=None,
    )


async def _postpone(worker: Worker, message: Message, error: str) -> None:
    is_dead = message.attempts >= MOST_ATTEMPTS
    pause = FIRST_PAUSE * 2 ** (message.attempts - 1)
    await _record(
        worker,
        message,
        status=OutboxStatus.DEAD if is_dead else OutboxStatus.PENDING,
        available_at=func.app_now() + literal(pause, INTERVAL),
        lease_until=None,
        error=error,
    )


async def _record(worker: Worker, message: Message, **values: object) -> None:
    async with worker.database.system_session("outbox.record") as session:
        await session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.id == message.id, OutboxMessage.fence == message.fence)
            .values(**values)
            .execution_options(synchronize_session=False)
        )


# ── the handlers, one per kind ───────────────────────────────────────────────────


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


async def _mail_password_changed(worker: Worker, message: Message) -> None:
    await _mail_notice(worker, message)


async def _mail_mfa_turned_on(worker: Worker, message: Message) -> None:
    await _mail_notice(worker, message)


async def _mail_mfa_turned_off(worker: Worker, message: Message) -> None:
    await _mail_notice(worker, message)


async def _mail_recovery_code_used(worker: Worker, message: Message) -> None:
    await _mail_notice(worker, message)


async def _mail_notice(worker: Worker, message: Message) -> None:
    await mails.send_notice(
        worker.database,
        worker.settings,
        message.organization_id,
        message.subject_id,
        kind=message.kind,
    )


async def _mail_session_revoked(worker: Worker, message: Message) -> None:
    await _mail_notice(worker, message)


async def _mail_invitation(worker: Worker, message: Message) -> None:
    await mails.send_invitation(
        worker.database, worker.settings, message.organization_id, message.subject_id
    )


async def _mail_deletion(worker: Worker, message: Message) -> None:
    await mails.send_deletion(
        worker.database, worker.settings, message.organization_id, message.subject_id
    )


async def _verify_credentials(worker: Worker, message: Message) -> None:
    await credential_verification.verify(
        worker.database,
        worker.settings,
        worker.keys,
        message.organization_id,
        message.subject_id,
    )


async def _review_credentials(worker: Worker, message: Message) -> None:
    await credential_reviews.review(
        worker.database, worker.settings, message.organization_id
    )


async def _probe_credentials(worker: Worker, message: Message) -> None:
    await credential_probes.probe(
        worker.database,
        worker.settings,
        worker.keys,
        message.organization_id,
        message.subject_id,
        is_last_try=message.attempts >= MOST_ATTEMPTS,
    )


async def _mail_credentials_lost(worker: Worker, message: Message) -> None:
    await credential_mails.tell_lost(
        worker.database, worker.settings, message.organization_id, message.subject_id
    )


async def _mail_key_old(worker: Worker, message: Message) -> None:
    await credential_mails.tell_old(
        worker.database, worker.settings, message.organization_id, message.subject_id
    )


async def _destroy_credentials(worker: Worker, message: Message) -> None:
    async with worker.database.unit_of_work(
        Login.WORKER, organization_id=message.organization_id, actor="outbox"
    ) as session:
        await credential_opening.destroy(
            session, message.organization_id, message.subject_id
        )


async def _settle_execution(worker: Worker, message: Message) -> None:
    async with worker.database.unit_of_work(
        Login.WORKER, organization_id=message.organization_id, actor="outbox"
    ) as session:
        await execution_ends.settle_lost(
            session, message.organization_id, message.subject_id
        )


async def _advance_chain(worker: Worker, message: Message) -> None:
    async with worker.database.system_session("chain.advance") as session:
        recorded = await chains.advance(
            session, message.organization_id, message.subject_id
        )
    log.info("chain.advanced", run_id=str(message.subject_id), recorded=recorded)


async def _make_artifact(worker: Worker, message: Message) -> None:
    await artifacts.make(
        worker.database,
        artifacts.storage(worker.settings),
        message.organization_id,
        message.subject_id,
        keep=timedelta(days=worker.settings.artifact_days),
        is_last_try=message.attempts >= MOST_ATTEMPTS,
    )


async def _purge_artifact(worker: Worker, message: Message) -> None:
    await artifacts.purge(
        worker.database,
        artifacts.storage(worker.settings),
        message.organization_id,
        message.subject_id,
    )


async def _purge_history(worker: Worker, message: Message) -> None:
    tenant = message.organization_id
    if not await retention.purge(worker.database, tenant, within=PURGE_SLICE):
        return
    async with worker.database.system_session("history.purge") as session:
        await housekeeping.ask_to_go_on(session, tenant, after=message.id)


async def _store_audit_head(worker: Worker, message: Message) -> None:
    await audit_heads.store(
        worker.database,
        artifacts.storage(worker.settings),
        message.organization_id,
        message.subject_id,
    )


async def _mail_audit_head(worker: Worker, message: Message) -> None:
    await audit_heads.mail(
        worker.database, worker.settings, message.organization_id, message.subject_id
    )


HANDLERS: dict[OutboxKind, Callable[[Worker, Message], Awaitable[None]]] = {
    OutboxKind.MAIL_VERIFY_EMAIL: _mail_verify_email,
    OutboxKind.MAIL_RESET_PASSWORD: _mail_reset_password,
    OutboxKind.MAIL_PASSWORD_CHANGED: _mail_password_changed,
    OutboxKind.MAIL_INVITATION: _mail_invitation,
    OutboxKind.MAIL_DELETION: _mail_deletion,
    OutboxKind.MAIL_SESSION_REVOKED: _mail_session_revoked,
    OutboxKind.MAIL_MFA_TURNED_ON: _mail_mfa_turned_on,
    OutboxKind.MAIL_MFA_TURNED_OFF: _mail_mfa_turned_off,
    OutboxKind.MAIL_RECOVERY_CODE_USED: _mail_recovery_code_used,
    OutboxKind.CREDENTIALS_VERIFY: _verify_credentials,
    OutboxKind.CREDENTIALS_REVIEW: _review_credentials,
    OutboxKind.CREDENTIALS_PROBE: _probe_credentials,
    OutboxKind.MAIL_CREDENTIALS_LOST: _mail_credentials_lost,
    OutboxKind.MAIL_KEY_OLD: _mail_key_old,
    OutboxKind.CREDENTIALS_DESTROY: _destroy_credentials,
    OutboxKind.EXECUTION_SETTLE: _settle_execution,
    OutboxKind.CHAIN_ADVANCE: _advance_chain,
    OutboxKind.ARTIFACT_MAKE: _make_artifact,
    OutboxKind.ARTIFACT_PURGE: _purge_artifact,
    OutboxKind.HISTORY_PURGE: _purge_history,
    OutboxKind.AUDIT_HEAD_STORE: _store_audit_head,
    OutboxKind.MAIL_AUDIT_HEAD: _mail_audit_head,
}
