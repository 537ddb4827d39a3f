"""What each kind of message of the outbox asks for; its mails are in mail_jobs.py."""

from datetime import timedelta

import structlog

from app.core.db import Login
from app.core.notice import NoticeEvent
from app.integrations.channels.registry import Senders
from app.services import (
    artifacts,
    audit_heads,
    chains,
    channel_outages,
    channel_secrets,
    channel_tests,
    credential_opening,
    credential_probes,
    credential_reviews,
    credential_verification,
    deletions,
    execution_ends,
    housekeeping,
    plan_fit,
    retention,
    sending,
    subscription_sync,
)
from app.services.outbox import OutboxKind
from app.tasks import mail_jobs
from app.tasks.message import Handler, Message
from app.tasks.worker import Worker

log = structlog.get_logger(__name__)

PURGE_SLICE = timedelta(seconds=10)  # then the other messages have their turn
SEND_SLICE = timedelta(seconds=10)  # the same


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
        is_last_try=message.is_last_try,
    )


async def _destroy_credentials(worker: Worker, message: Message) -> None:
    async with worker.database.unit_of_work(
        Login.WORKER, organization_id=message.organization_id, actor="outbox"
    ) as session:
        await credential_opening.destroy(
            session, message.organization_id, message.subject_id
        )


async def _test_channel(worker: Worker, message: Message) -> None:
    await channel_tests.check(
        worker.database,
        worker.settings,
        worker.keys,
        Senders(worker.settings),
        message.organization_id,
        channel_id=message.subject_id,
    )


async def _test_endpoint(worker: Worker, message: Message) -> None:
    await channel_tests.check(
        worker.database,
        worker.settings,
        worker.keys,
        Senders(worker.settings),
        message.organization_id,
        endpoint_id=message.subject_id,
    )


async def _destroy_channel_secrets(worker: Worker, message: Message) -> None:
    async with worker.database.unit_of_work(
        Login.WORKER, organization_id=message.organization_id, actor="outbox"
    ) as session:
        await channel_secrets.destroy(
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
        is_last_try=message.is_last_try,
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


async def _sync_subscription(worker: Worker, message: Message) -> None:
    await subscription_sync.sync(
        worker.database, worker.settings, message.organization_id
    )


async def _wind_up_subscription(worker: Worker, message: Message) -> None:
    await deletions.wind_up(worker.database, worker.settings, message.organization_id)


async def _fit_plan(worker: Worker, message: Message) -> None:
    async with worker.database.unit_of_work(
        Login.WORKER, organization_id=message.organization_id, actor="outbox"
    ) as session:
        await plan_fit.fit(session, message.organization_id)


async def _send_deliveries(worker: Worker, message: Message) -> None:
    await sending.send_waiting(
        worker.post, message.organization_id, message.subject_id, within=SEND_SLICE
    )


async def _tell_failing(worker: Worker, message: Message) -> None:
    await _tell_outage(worker, message, NoticeEvent.CHANNEL_FAILING)


async def _tell_recovered(worker: Worker, message: Message) -> None:
    await _tell_outage(worker, message, NoticeEvent.CHANNEL_RECOVERED)


async def _tell_outage(worker: Worker, message: Message, event: NoticeEvent) -> None:
    await channel_outages.tell(
        worker.database,
        worker.settings,
        message.organization_id,
        message.subject_id,
        event=event,
        message_id=message.id,
    )


HANDLERS: dict[OutboxKind, Handler] = {
    OutboxKind.CREDENTIALS_VERIFY: _verify_credentials,
    OutboxKind.CREDENTIALS_REVIEW: _review_credentials,
    OutboxKind.CREDENTIALS_PROBE: _probe_credentials,
    OutboxKind.CREDENTIALS_DESTROY: _destroy_credentials,
    OutboxKind.CHANNEL_TEST: _test_channel,
    OutboxKind.ENDPOINT_TEST: _test_endpoint,
    OutboxKind.CHANNEL_SECRETS_DESTROY: _destroy_channel_secrets,
    OutboxKind.EXECUTION_SETTLE: _settle_execution,
    OutboxKind.CHAIN_ADVANCE: _advance_chain,
    OutboxKind.ARTIFACT_MAKE: _make_artifact,
    OutboxKind.ARTIFACT_PURGE: _purge_artifact,
    OutboxKind.HISTORY_PURGE: _purge_history,
    OutboxKind.AUDIT_HEAD_STORE: _store_audit_head,
    OutboxKind.SUBSCRIPTION_SYNC: _sync_subscription,
    OutboxKind.SUBSCRIPTION_WIND_UP: _wind_up_subscription,
    OutboxKind.PLAN_FIT: _fit_plan,
    OutboxKind.DELIVERIES_SEND: _send_deliveries,
    OutboxKind.CHANNEL_FAILING: _tell_failing,
    OutboxKind.CHANNEL_RECOVERED: _tell_recovered,
    **mail_jobs.HANDLERS,
}
