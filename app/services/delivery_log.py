"""The log of deliveries: what became of each, and sending it again."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core.actor import Actor
from app.core.errors import IllegalTransition, NotFound
from app.core.ids import new_id
from app.core.notice import NoticeEvent
from app.models.notification import (
    Delivery,
    DeliveryStatus,
    NotificationChannel,
    WebhookEndpoint,
)
from app.services import audit, deliveries
from app.services.paging import Page, Slice, paginate

MOST_REPLAYED = 1_000  # at once
GIVEN_UP = (DeliveryStatus.FAILED, DeliveryStatus.DEAD)

_Model = type[NotificationChannel | WebhookEndpoint]


async def page_of(
    session: AsyncSession,
    actor: Actor,
    page: Page,
    model: _Model,
    recipient_id: UUID,
    *,
    status: DeliveryStatus | None = None,
    event: NoticeEvent | None = None,
) -> Slice[Delivery]:
    """What a channel or endpoint was told, the newest first; also of one that is
    deleted. Raises NotFound."""
    await _get(session, actor, model, recipient_id)
    to = _to(actor, model, recipient_id)
    return await _page(session, page, to, status=status, event=event)


async def page_of_all(
    session: AsyncSession,
    actor: Actor,
    page: Page,
    *,
    status: DeliveryStatus | None = None,
    event: NoticeEvent | None = None,
) -> Slice[Delivery]:
    """What the whole organization was told, or was not, the newest first."""
    mine = Delivery.organization_id == actor.organization_id
    return await _page(session, page, mine, status=status, event=event)


async def _page(
    session: AsyncSession,
    page: Page,
    which: ColumnElement[bool],
    *,
    status: DeliveryStatus | None,
    event: NoticeEvent | None,
) -> Slice[Delivery]:
    statement = select(Delivery).where(which)
    if status is not None:
        statement = statement.where(Delivery.status == status)
    if event is not None:
        statement = statement.where(Delivery.event == event.value)
    return await paginate(session, statement, page, by=[Delivery.at, Delivery.id])


async def replay(session: AsyncSession, actor: Actor, delivery_id: UUID) -> Delivery:
    """Send once more what came to its end: as another delivery, with an id of its own.
    One that waits already is answered as it is. Raises NotFound, and IllegalTransition
    for what has not come to its end or has nobody to go to."""
    mine = Delivery.organization_id == actor.organization_id
    delivery = await session.scalar(
        select(Delivery).where(mine, Delivery.id == delivery_id)
    )
    if delivery is None:
        raise NotFound
    if delivery.status is DeliveryStatus.PENDING:
        raise IllegalTransition("It is still being tried.")
    model: _Model = NotificationChannel if delivery.channel_id else WebhookEndpoint
    recipient_id = delivery.channel_id or delivery.endpoint_id
    assert recipient_id is not None
    await _open_to(session, actor, model, recipient_id)
    waits = await session.scalar(
        select(Delivery).where(
            mine,
            Delivery.replay_of == delivery_id,
            Delivery.status == DeliveryStatus.PENDING,
        )
    )
    if waits is not None:
        return waits
    [id] = await _again(session, actor, model, recipient_id, [delivery])
    await _tell(session, actor, "delivery", delivery_id, replayed=1)
    found = await session.scalars(select(Delivery).where(mine, Delivery.id == id))
    return found.one()


async def replay_given_up(
    session: AsyncSession,
    actor: Actor,
    model: _Model,
    recipient_id: UUID,
    *,
    since: datetime,
) -> tuple[int, int]:
    """Send again what was refused or given up since an instant, the oldest first and
    each once; how many, and how many are left for the next time."""
    await _open_to(session, actor, model, recipient_id)
    later = aliased(Delivery)
    again = exists().where(
        later.organization_id == Delivery.organization_id,
        later.replay_of == Delivery.id,
    )
    which = (
        _to(actor, model, recipient_id),
        Delivery.status.in_(GIVEN_UP),
        Delivery.at >= since,
        ~again,
    )
    count = await session.scalar(select(func.count()).where(*which))
    oldest = select(Delivery).where(*which).order_by(Delivery.at, Delivery.id)
    found = list(await session.scalars(oldest.limit(MOST_REPLAYED)))
    if found:
        await _again(session, actor, model, recipient_id, found)
    table = model.__tablename__.removesuffix("s")
    await _tell(session, actor, table, recipient_id, replayed=len(found))
    return len(found), (count or 0) - len(found)


async def _again(
    session: AsyncSession,
    actor: Actor,
    model: _Model,
    recipient_id: UUID,
    ended: list[Delivery],
) -> list[UUID]:
    """The ids of the new ones, in the same order. A person wants it now: a pause that
    earlier failures led to is over."""
    now = (await session.execute(select(func.app_now()))).scalar_one()
    copied = ("channel_id", "endpoint_id", "rule_id", "notice_id", "problem_id")
    rows: list[dict[str, Any]] = [
        {name: getattr(one, name) for name in copied}
        | {
            "id": new_id(),
            "organization_id": actor.organization_id,
            "at": now,
            "available_at": now,
            "dedupe_key": f"replay:{one.id}",
            "event": one.event,
            "payload": one.payload,
            "why": "It was asked for again.",
            "replay_of": one.id,
            "status": DeliveryStatus.PENDING,
            "attempts": 0,
        }
        for one in ended
    ]
    await session.execute(insert(Delivery), rows)
    await session.execute(
        update(model)
        .where(model.organization_id == actor.organization_id, model.id == recipient_id)
        .values(paused_until=None)
        .execution_options(synchronize_session=False)
    )
    await deliveries.have_sent(session, actor.organization_id, model, recipient_id)
    return [row["id"] for row in rows]


def _to(actor: Actor, model: _Model, recipient_id: UUID) -> ColumnElement[bool]:
    to = Delivery.channel_id if model is NotificationChannel else Delivery.endpoint_id
    return (Delivery.organization_id == actor.organization_id) & (to == recipient_id)


async def _get(
    session: AsyncSession, actor: Actor, model: _Model, recipient_id: UUID
) -> NotificationChannel | WebhookEndpoint:
    found: NotificationChannel | WebhookEndpoint | None = await session.scalar(
        select(model).where(
            model.organization_id == actor.organization_id, model.id == recipient_id
        )
    )
    if found is None:
        raise NotFound
    return found


async def _open_to(
    session: AsyncSession, actor: Actor, model: _Model, recipient_id: UUID
) -> None:
    """Raises NotFound for one that is gone, IllegalTransition for a disabled one."""
    row = await _get(session, actor, model, recipient_id)
    if row.deleted_at is not None:
        raise NotFound
    if row.disabled_at is not None:
        raise IllegalTransition("It is told nothing as long as it is disabled.")


async def _tell(
    session: AsyncSession, actor: Actor, subject: str, id: UUID, *, replayed: int
) -> None:
    await audit.record(
        session,
        organization_id=actor.organization_id,
        actor=actor.signature,
        action="delivery.replay",
        subject_type=subject,
        subject_id=id,
        detail={"replayed": str(replayed)},
    )
