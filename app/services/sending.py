"""Sends what waits for one recipient: claim → send → record, in order, message by
message, with no transaction open while the outsider is asked.

Whoever dies between sending and recording leaves a message that is sent again under the
same id, once its lease has ended.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.channel_errors import ChannelBusy, ChannelRefused
from app.core.clock import monotonic
from app.core.crypto import KeyProvider
from app.core.db import Database, Login
from app.core.errors import Unavailable
from app.core.notice import Notice
from app.core.settings import Settings
from app.integrations.channels.contract import Outgoing, Sent
from app.integrations.channels.registry import Senders
from app.integrations.outbound_target import UnsafeTarget
from app.services import muted_deliveries, outbox, sending_rows
from app.services.decisions.sending import BREAKS_AFTER, Hold, pause_after
from app.services.outbox import Appointment, OutboxKind
from app.services.outgoing import Addresses
from app.services.sending_rows import (
    LEASE,
    Fate,
    Held,
    Outcome,
    RecipientRow,
    SenderLost,
)

log = structlog.get_logger(__name__)

# One message; its lease must outlast it.
MOST_SECONDS = LEASE.total_seconds() - 15
_MOST_ERROR = 500  # characters


class Send(Protocol):
    """Sends the notices as one message: app/integrations/channels/registry.py."""

    async def __call__(
        self, outgoing: Outgoing, notices: Sequence[Notice], *, delivery_id: UUID
    ) -> Sent: ...


Address = Callable[[UUID, RecipientRow], Awaitable[Outgoing]]


@dataclass(frozen=True, slots=True)
class Post:
    """What sending needs: `address` finds out how a tenant's recipient is reached, and
    opens its secrets."""

    database: Database
    address: Address
    send: Send


def post_of(
    database: Database, settings: Settings, keys: KeyProvider, senders: Senders
) -> Post:
    """The one of a process."""
    return Post(database, Addresses(database, settings, keys), senders.send)


@dataclass(frozen=True, slots=True)
class _Message:
    id: UUID
    notices: Sequence[Notice]
    told: frozenset[str]


async def send_waiting(
    post: Post, organization_id: UUID, recipient_id: UUID, *, within: timedelta
) -> None:
    """Send what is due to a recipient for about `within`; what is left is asked for
    again. Where somebody else is at it, this one leaves it to that."""
    until = monotonic() + within.total_seconds()
    async with _transaction(post, organization_id) as session:
        claimed = await sending_rows.claim(session, organization_id, recipient_id)
    if claimed is None:
        return
    held, row = claimed
    try:
        try:
            to = await post.address(organization_id, row)
        except Unavailable as error:
            await _leave_closed(post, held, error)
            return
        outcome: tuple[UUID, Outcome] | None = None
        while (message := await _step(post, held, outcome, until)) is not None:
            outcome = message.id, await _send(post, to, message)
    except SenderLost as lost:
        # What it sent last is sent again by whoever has it now, under the same id.
        log.warning("sender.lost", recipient_id=str(recipient_id), reason=str(lost))


def _transaction(
    post: Post, organization_id: UUID
) -> AbstractAsyncContextManager[AsyncSession]:
    return post.database.unit_of_work(
        Login.WORKER, organization_id=organization_id, actor="sender"
    )


async def _leave_closed(post: Post, held: Held, error: Unavailable) -> None:
    """Its secrets cannot be opened now: that fails the recipient, and is no try of any
    message, so that what waits is sent once they can."""
    said = f"Its secret could not be opened. {error}"[:_MOST_ERROR]
    async with _transaction(post, held.organization_id) as session:
        row, now = await sending_rows.hold(session, held)
        await _note(session, row, Outcome(Fate.LATER, 0, error=said), now)
        await sending_rows.drop_unwanted(session, held, row)
        await _leave(session, held, row, now, None)
    log.warning("sender.closed", recipient_id=str(held.recipient_id), error=said)


async def _step(
    post: Post, held: Held, outcome: tuple[UUID, Outcome] | None, until: float
) -> _Message | None:
    """Record how the last message went and begin the next one; None if there is none
    to be sent now: the recipient is left then."""
    async with _transaction(post, held.organization_id) as session:
        mutes = await muted_deliveries.standing(session, held)
        row, now = await sending_rows.hold(session, held)
        if outcome is not None:
            await sending_rows.record(session, held, *outcome, now)
            await _note(session, row, outcome[1], now)
        await muted_deliveries.drop(session, held, mutes)
        if outcome is None or sending_rows.why_nothing(row) is not None:
            await sending_rows.drop_unwanted(session, held, row)
        is_paused = row.paused_until is not None and row.paused_until > now
        chosen = None
        if not is_paused and monotonic() < until:
            chosen = await sending_rows.choose(session, held, row, now)
        if chosen is None or isinstance(chosen, Hold):
            await _leave(session, held, row, now, chosen)
            return None
        id = await sending_rows.begin(session, held, chosen)
        payloads, told = await sending_rows.payloads(session, held, id)
    return _Message(id, [Notice.model_validate(one) for one in payloads], told)


async def _send(post: Post, to: Outgoing, message: _Message) -> Outcome:
    begun = monotonic()

    def end(fate: Fate, error: str | None = None, **more: Any) -> Outcome:
        took = int((monotonic() - begun) * 1000)
        return Outcome(fate, took, error=error and error[:_MOST_ERROR], **more)

    left = [one for one in to.recipients if one not in message.told]
    to = replace(to, recipients=left, told=message.told)
    try:
        async with asyncio.timeout(MOST_SECONDS):
            sent = await post.send(to, message.notices, delivery_id=message.id)
    except ChannelRefused as refused:
        return end(Fate.REFUSED, str(refused), code=refused.status)
    except ChannelBusy as busy:
        asked = busy.retry_after
        told = message.told | busy.told
        return end(
            Fate.PARTLY if told > message.told else Fate.LATER,
            str(busy),
            code=busy.status,
            retry_after=None if asked is None else timedelta(seconds=asked),
            told=told,
        )
    # What a name leads to may be mended, too.
    except (Unavailable, UnsafeTarget) as error:
        return end(Fate.LATER, str(error), told=message.told)
    except (TimeoutError, OSError) as error:
        said = f"{type(error).__name__}: {error}".removesuffix(": ")
        return end(Fate.LATER, said, told=message.told)
    return end(Fate.DELIVERED, code=sent.code)


async def _note(
    session: AsyncSession, row: RecipientRow, outcome: Outcome, now: datetime
) -> None:
    """What it means for the recipient: after some failures in a row it is left alone
    for longer, and others are told; the first success ends that, though it be of a
    part."""
    if outcome.fate in (Fate.DELIVERED, Fate.PARTLY):
        if row.failing_since is not None:
            await _tell(session, row, OutboxKind.CHANNEL_RECOVERED)
        row.failures, row.failing_since, row.paused_until = 0, None, None
        row.last_delivered_at, row.last_error = now, None
        if outcome.fate is Fate.PARTLY:
            row.paused_until = now + _pause(1, outcome)
        return
    row.failures += 1
    row.last_error = outcome.error
    is_broken = row.failures >= BREAKS_AFTER
    if is_broken or outcome.fate is Fate.LATER:
        row.paused_until = now + _pause(row.failures, outcome)
    if is_broken and row.failing_since is None:
        row.failing_since = now
        await _tell(session, row, OutboxKind.CHANNEL_FAILING)


def _pause(failures: int, outcome: Outcome) -> timedelta:
    if outcome.fate is Fate.PARTLY and outcome.retry_after == timedelta():
        return timedelta()  # it took all that there was time for
    chance = random.random()  # noqa: S311 — it keeps recipients apart
    return pause_after(failures, asked=outcome.retry_after, chance=chance)


async def _tell(session: AsyncSession, row: RecipientRow, kind: OutboxKind) -> None:
    await outbox.post(
        session, organization_id=row.organization_id, kind=kind, subject_id=row.id
    )


async def _leave(
    session: AsyncSession,
    held: Held,
    row: RecipientRow,
    now: datetime,
    why: Hold | None,
) -> None:
    """Give the recipient back, and have what is left sent when its time has come."""
    row.lease_until = None
    due = await sending_rows.next_due(session, held)
    if due is not None:
        later = [row.paused_until, None if why is None else why.until]
        due = max([due, now, *(one for one in later if one is not None)])
    row.due_at = due
    if due is None:
        return
    if due <= now:
        await outbox.post(
            session,
            organization_id=held.organization_id,
            kind=OutboxKind.DELIVERIES_SEND,
            subject_id=held.recipient_id,
        )
        return
    await outbox.appoint(session, [appointment(held.organization_id, row.id, due)])


def appointment(
    organization_id: UUID, recipient_id: UUID, due_at: datetime
) -> Appointment:
    """The job that sends what is due then: one, however often it is asked for."""
    kind = OutboxKind.DELIVERIES_SEND
    key = f"{kind}:{recipient_id}:{due_at.isoformat()}"
    return Appointment(organization_id, kind, recipient_id, key, due_at)
