"""Finds who is due to be told something while nobody is at it: the job that should have
sent it is gone, or the worker that did."""

from datetime import timedelta

from sqlalchemy import func, literal, or_, select
from sqlalchemy.dialects.postgresql import INTERVAL
from sqlalchemy.ext.asyncio import AsyncSession

from app.models.notification import NotificationChannel, WebhookEndpoint
from app.services import outbox
from app.services.outbox import Appointment, OutboxKind

OVERDUE = timedelta(seconds=30)  # its job should have come by now


async def ask_for_sending(session: AsyncSession, *, limit: int) -> int:
    """Ask for up to `limit` recipients of each kind, the longest overdue first; how
    many. `session` is a system session. Any number of beats may: what is found in one
    minute is one job."""
    now = (await session.execute(select(func.app_now()))).scalar_one()
    kind = OutboxKind.DELIVERIES_SEND
    found: list[Appointment] = []
    for model in (NotificationChannel, WebhookEndpoint):
        overdue = (
            select(model.organization_id, model.id)
            .where(
                model.due_at < func.app_now() - literal(OVERDUE, INTERVAL),
                or_(model.lease_until.is_(None), model.lease_until < func.app_now()),
            )
            .order_by(model.due_at)
            .limit(limit)
        )
        for tenant, id in await session.execute(overdue):
            key = f"{kind}:{id}:overdue:{now:%Y-%m-%dT%H:%M}"
            found.append(Appointment(tenant, kind, id, key, now))
    await outbox.appoint(session, found)
    return len(found)
