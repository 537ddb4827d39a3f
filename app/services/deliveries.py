"""Deliveries: what is to be told to whom, entered in the transaction that decides it,
and the log of what became of each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.ids import new_id
from app.core.notice import Notice
from app.models.notification import (
    Delivery,
    DeliveryStatus,
    NotificationChannel,
    WebhookEndpoint,
)
from app.services import outbox
from app.services.outbox import OutboxKind

_AT_ONCE = 1_000  # rows of one statement


@dataclass(frozen=True, slots=True)
class Entry:
    """One notice for one channel or endpoint, exactly one of which is given.

    `why` is a sentence. Not sent before `not_before`. `in_digest`: one message with all
    the others of its rule that are due then.
    """

    notice: Notice
    channel_id: UUID | None = None
    endpoint_id: UUID | None = None
    rule_id: UUID | None = None
    why: str | None = None
    not_before: datetime | None = None
    in_digest: bool = False

    @property
    def recipient_id(self) -> UUID:
        recipient_id = self.channel_id or self.endpoint_id
        assert recipient_id is not None
        return recipient_id


async def enter(
    session: AsyncSession, organization_id: UUID, entries: Sequence[Entry]
) -> int:
    """Record each entry as a delivery, in this order for each recipient, and have them
    sent: at once, or when their time has come. How many. `session` is the tenant's,
    under the worker login."""
    if not entries:
        return 0
    now = (await session.execute(select(func.app_now()))).scalar_one()
    rows = [_row(organization_id, entry, now) for entry in entries]
    for first in range(0, len(rows), _AT_ONCE):
        await session.execute(insert(Delivery), rows[first : first + _AT_ONCE])
    for model, due in (
        (NotificationChannel, _due(rows, "channel_id")),
        (WebhookEndpoint, _due(rows, "endpoint_id")),
    ):
        for recipient_id, since in due.items():
            not_before = since if since > now else None
            await have_sent(session, organization_id, model, recipient_id, not_before)
    return len(rows)


def _row(organization_id: UUID, entry: Entry, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "at": now,
        "organization_id": organization_id,
        "channel_id": entry.channel_id,
        "endpoint_id": entry.endpoint_id,
        "rule_id": entry.rule_id,
        "notice_id": entry.notice.id,
        "problem_id": entry.notice.problem_id,
        "dedupe_key": f"{entry.notice.id}:{entry.recipient_id}:{entry.rule_id or ''}",
        "event": entry.notice.event.value,
        "payload": entry.notice.model_dump(mode="json"),
        "why": entry.why,
        "available_at": entry.not_before or now,
        "in_digest": entry.in_digest,
        "status": DeliveryStatus.PENDING,
        "attempts": 0,
    }


def _due(rows: Iterable[Mapping[str, Any]], name: str) -> Mapping[UUID, datetime]:
    """The recipients of one kind, in one order everywhere, and the first instant at
    which each has something to be told."""
    due: dict[UUID, datetime] = {}
    for row in rows:
        if (id := row[name]) is not None:
            due[id] = min(due.get(id, row["available_at"]), row["available_at"])
    return dict(sorted(due.items()))


async def have_sent(
    session: AsyncSession,
    organization_id: UUID,
    model: type[NotificationChannel | WebhookEndpoint],
    recipient_id: UUID,
    not_before: datetime | None = None,
) -> None:
    """Note on the recipient that something is to be sent, now or at an instant to come,
    and ask for it."""
    await session.execute(
        update(model)
        .where(model.organization_id == organization_id, model.id == recipient_id)
        # Of two values, the one that is null counts for nothing.
        .values(due_at=func.least(model.due_at, not_before or func.app_now()))
        .execution_options(synchronize_session=False)
    )
    await outbox.post(
        session,
        organization_id=organization_id,
        kind=OutboxKind.DELIVERIES_SEND,
        subject_id=recipient_id,
        not_before=not_before,
    )
