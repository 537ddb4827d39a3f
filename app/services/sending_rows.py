"""The rows of sending: who is at a recipient, what waits for it, and what became of
that. Every transaction here begins with the recipient's lock."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    cast,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import INTERVAL, JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import measures
from app.core.ids import new_id
from app.models.notification import (
    Delivery,
    DeliveryStatus,
    DropReason,
    NotificationChannel,
    WebhookEndpoint,
)
from app.services.decisions.sending import (
    LONGEST,
    MOST_TRIES,
    Hold,
    Message,
    Waiting,
    Window,
    next_message,
)

LEASE = timedelta(seconds=60)
MOST_IN_DIGEST = 10_000
# The database's order, in which clocks have no part; ids are for those before it.
_IN_ORDER = (Delivery.number, Delivery.id)

RecipientRow = NotificationChannel | WebhookEndpoint


@dataclass(frozen=True, slots=True)
class Held:
    """The right to send to one recipient, until its lease ends."""

    model: type[RecipientRow]
    organization_id: UUID
    recipient_id: UUID
    fence: int

    @property
    def waits(self) -> ColumnElement[bool]:
        """Which deliveries to it are not over."""
        is_channel = self.model is NotificationChannel
        to = Delivery.channel_id if is_channel else Delivery.endpoint_id
        return and_(
            Delivery.organization_id == self.organization_id,
            to == self.recipient_id,
            Delivery.status == DeliveryStatus.PENDING,
        )


class Fate(StrEnum):
    DELIVERED = "delivered"
    REFUSED = "refused"
    LATER = "later"
    PARTLY = "partly"
    """A part of it has arrived, and the rest is for later."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one message went. `told` is what of it has arrived: addresses of a mail, or
    incidents."""

    fate: Fate
    milliseconds: int
    code: int | None = None
    error: str | None = None
    retry_after: timedelta | None = None
    told: frozenset[str] = frozenset()


async def claim(
    session: AsyncSession, organization_id: UUID, recipient_id: UUID
) -> tuple[Held, RecipientRow] | None:
    """Take the recipient, if something is due there and nobody else is at it."""
    for model in (NotificationChannel, WebhookEndpoint):
        row = await _lock(
            session,
            model,
            model.organization_id == organization_id,
            model.id == recipient_id,
        )
        if row is None:
            continue
        now = await _now(session)
        if row.paused_until is not None and row.due_at is not None:
            row.due_at = max(row.due_at, row.paused_until)
        if row.due_at is None or row.due_at > now:
            return None
        if row.lease_until is not None and row.lease_until > now:
            return None
        row.fence += 1
        row.lease_until = now + LEASE
        return Held(model, organization_id, recipient_id, row.fence), row
    return None


async def hold(session: AsyncSession, held: Held) -> tuple[RecipientRow, datetime]:
    """Lock the recipient and extend its lease; it, and the time. Raises SenderLost if
    somebody else has it by now."""
    model = held.model
    row = await _lock(
        session,
        model,
        model.organization_id == held.organization_id,
        model.id == held.recipient_id,
        model.fence == held.fence,
    )
    if row is None:
        raise SenderLost(held)
    now = await _now(session)
    row.lease_until = now + LEASE
    return row, now


class SenderLost(Exception):
    """A sender came back after its lease had passed to another one."""

    def __init__(self, held: Held) -> None:
        super().__init__(f"{held.recipient_id} has another fence than {held.fence}.")


async def _lock(
    session: AsyncSession, model: type[RecipientRow], *which: ColumnElement[bool]
) -> RecipientRow | None:
    """Rows that refer to it may still be written."""
    found: RecipientRow | None = await session.scalar(
        select(model).where(*which).with_for_update(key_share=True)
    )
    return found


async def _now(session: AsyncSession) -> datetime:
    now: datetime = (await session.execute(select(func.app_now()))).scalar_one()
    return now


# ── what is not sent any more ────────────────────────────────────────────────────


async def drop_unwanted(session: AsyncSession, held: Held, row: RecipientRow) -> None:
    """End what there is a reason not to send, or no time left to."""
    reason = why_nothing(row)
    if reason is not None:
        await _end(session, held.waits, DeliveryStatus.DROPPED, reason)
        return
    due = and_(held.waits, Delivery.available_at <= func.app_now())
    oldest = func.app_now() - literal(LONGEST, INTERVAL)
    await _end(
        session,
        and_(due, Delivery.available_at < oldest),
        DeliveryStatus.DEAD,
        error="It could not be sent for three days.",
    )
    # Each of its tries ended without a word: the worker died, or met a fault of ours.
    await _end(
        session,
        and_(due, Delivery.attempts >= MOST_TRIES),
        DeliveryStatus.DEAD,
        error="It never came to an end.",
    )


def why_nothing(row: RecipientRow) -> DropReason | None:
    """Why nothing is sent to this recipient any more; None where it is."""
    if row.deleted_at is not None:
        return DropReason.CHANNEL_DELETED
    if row.disabled_at is not None:
        return DropReason.CHANNEL_DISABLED
    if isinstance(row, NotificationChannel) and row.verified_at is None:
        return DropReason.NOT_CONFIRMED
    return None


async def _end(
    session: AsyncSession,
    which: ColumnElement[bool],
    status: DeliveryStatus,
    reason: DropReason | None = None,
    *,
    error: str | None = None,
) -> None:
    values: dict[str, Any] = {"status": status, "drop_reason": reason}
    if error is not None:
        values["error"] = error
    ended = await session.execute(
        update(Delivery)
        .where(which)
        .values(**values)
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    )
    _count(session, {status: len(ended.all())})


# ── what is sent next ────────────────────────────────────────────────────────────


async def choose(
    session: AsyncSession, held: Held, row: RecipientRow, now: datetime
) -> Message | Hold | None:
    """Of an endpoint the first that waits, of a channel what its window allows."""
    is_channel = isinstance(row, NotificationChannel)
    statement = (
        select(
            Delivery.id,
            func.greatest(Delivery.at, Delivery.available_at).label("ready_at"),
            Delivery.bundle_id,
            case((Delivery.in_digest, Delivery.rule_id)).label("digest_of"),
        )
        .where(held.waits, Delivery.available_at <= now)
        .order_by(*_IN_ORDER)
        .limit(MOST_IN_DIGEST if is_channel else 1)
    )
    found = (await session.execute(statement)).all()
    waiting = [Waiting(*one) for one in found]
    if not is_channel:
        return Message((waiting[0].id,), waiting[0].bundle_id) if waiting else None
    window = Window(row.window_from, row.window_sent)
    chosen = next_message(waiting, window=window, now=now)
    if isinstance(chosen, Message):
        after = window.with_one_more(now)
        row.window_from, row.window_sent = after.began_at, after.sent
    return chosen


async def begin(session: AsyncSession, held: Held, message: Message) -> UUID:
    """Note that the message is about to be sent, before it may arrive: from now on it
    has this id, however often that happens."""
    single = message.ids[0] if len(message.ids) == 1 else new_id()
    id = message.bundle_id or single
    await session.execute(
        update(Delivery)
        .where(held.waits, Delivery.id.in_(message.ids))
        .values(bundle_id=id, attempts=Delivery.attempts + 1)
        .execution_options(synchronize_session=False)
    )
    return id


async def payloads(
    session: AsyncSession, held: Held, bundle_id: UUID
) -> tuple[list[Mapping[str, Any]], frozenset[str]]:
    """The notices of a message in their order, and who has it already."""
    statement = (
        select(Delivery.payload, Delivery.told)
        .where(held.waits, Delivery.bundle_id == bundle_id)
        .order_by(*_IN_ORDER)
    )
    found = (await session.execute(statement)).all()
    told = frozenset(str(one) for row in found[:1] for one in row.told)
    return [row.payload for row in found], told


# ── what became of it ────────────────────────────────────────────────────────────

_STATUS: Mapping[Fate, Any] = {
    Fate.DELIVERED: DeliveryStatus.DELIVERED,
    Fate.REFUSED: DeliveryStatus.FAILED,
    Fate.LATER: case(
        (Delivery.attempts >= MOST_TRIES, DeliveryStatus.DEAD.value),
        else_=DeliveryStatus.PENDING.value,
    ),
    Fate.PARTLY: DeliveryStatus.PENDING,
}


async def record(
    session: AsyncSession, held: Held, bundle_id: UUID, outcome: Outcome, now: datetime
) -> None:
    """Write the try to each delivery of the message, and what it means. One that got
    on is not counted: there are only so many parts."""
    tried = {
        "at": now.isoformat(),
        "code": outcome.code,
        "error": outcome.error,
        "ms": outcome.milliseconds,
    }
    is_delivered = outcome.fate is Fate.DELIVERED
    of_message = and_(held.waits, Delivery.bundle_id == bundle_id)
    first = select(func.min(Delivery.number)).where(of_message).scalar_subquery()
    told = cast(sorted(outcome.told), JSONB)
    ended = await session.execute(
        update(Delivery)
        .where(of_message)
        .values(
            status=_STATUS[outcome.fate],
            attempts=Delivery.attempts - int(outcome.fate is Fate.PARTLY),
            tries=Delivery.tries.op("||")(cast([tried], JSONB)),
            told=case((Delivery.number == first, told), else_=cast([], JSONB)),
            response_code=outcome.code,
            error=outcome.error,
            delivered_at=now if is_delivered else None,
        )
        .returning(Delivery.status)
        .execution_options(synchronize_session=False)
    )
    counts: dict[DeliveryStatus, int] = {}
    for one in ended.scalars():
        counts[one] = counts.get(one, 0) + 1
    _count(session, counts)


def _count(session: AsyncSession, counts: Mapping[DeliveryStatus, int]) -> None:
    for status, count in counts.items():
        if count and status is not DeliveryStatus.PENDING:
            measures.count(session, measures.DELIVERIES, count, outcome=status.value)


async def next_due(session: AsyncSession, held: Held) -> datetime | None:
    """When the first of what waits may be sent."""
    first: datetime | None = await session.scalar(
        select(func.min(Delivery.available_at)).where(held.waits)
    )
    return first
