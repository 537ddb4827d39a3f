"""Does one job of the outbox: claim → act → record, at least once. A part that is away
is waited for, ever longer; after ten tries the message is dead and says why."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, and_, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import INTERVAL

from app.core import measures, tracing
from app.core.db import AWAY
from app.core.errors import Unavailable
from app.models.outbox import OutboxMessage, OutboxStatus
from app.services.outbox import OutboxKind
from app.tasks.message import MOST_ATTEMPTS, Message
from app.tasks.outbox_jobs import HANDLERS
from app.tasks.worker import Worker

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=1)
EXTEND_SECONDS = 15.0  # while its job is done
FIRST_PAUSE = timedelta(seconds=10)
OVERDUE = timedelta(seconds=5)  # its hint should have come by now
POLL_SECONDS = 5
POLLED_AT_ONCE = 20


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
        with _traced(message):
            async with _holding(worker, message):
                await HANDLERS[message.kind](worker, message)
    except (Unavailable, OSError) as error:
        # The outsider is away: the message says so and is tried again later.
        log.warning("outbox.postponed", kind=message.kind, error=str(error))
        await _postpone(worker, message, f"{type(error).__name__}: {error}")
    else:
        await _done(worker, message)


@contextmanager
def _traced(message: Message) -> Iterator[None]:
    """The log's lines and the span of one try."""
    ids = {
        "organization_id": str(message.organization_id),
        "message_id": str(message.id),
    }
    facts = {f"cloudrota.{name}": id for name, id in ids.items()}
    with (
        structlog.contextvars.bound_contextvars(**ids),
        tracing.span(
            "outbox.deliver",
            {
                **facts,
                "cloudrota.kind": message.kind.value,
                "cloudrota.attempt": message.attempts,
            },
            kind=tracing.SpanKind.CONSUMER,
            of=message.id,
        ),
    ):
        yield


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
    held_by_nobody = or_(lease.is_(None), lease < func.app_now())
    return and_(held_by_nobody, ~func.is_paused())


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


@asynccontextmanager
async def _holding(worker: Worker, message: Message) -> AsyncIterator[None]:
    """Keep the lease while the job is done: that of a lost worker is soon over."""
    extending = asyncio.create_task(_extend(worker, message))
    try:
        yield
    finally:
        extending.cancel()
        await asyncio.wait([extending])


async def _extend(worker: Worker, message: Message) -> None:
    statement = (
        update(OutboxMessage)
        .where(OutboxMessage.id == message.id, OutboxMessage.fence == message.fence)
        .values(lease_until=func.app_now() + LEASE)
        .execution_options(synchronize_session=False)
    )
    while True:
        await asyncio.sleep(EXTEND_SECONDS)
        try:
            async with worker.leases.system_session("outbox.extend") as session:
                await session.execute(statement)
        except AWAY as error:
            log.warning("outbox.not_extended", error=type(error).__name__)


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
    if is_dead:
        measures.OUTBOX_DEAD.labels(message.kind.value).inc()


async def _record(worker: Worker, message: Message, **values: object) -> None:
    async with worker.database.system_session("outbox.record") as session:
        await session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.id == message.id, OutboxMessage.fence == message.fence)
            .values(**values)
            .execution_options(synchronize_session=False)
        )
