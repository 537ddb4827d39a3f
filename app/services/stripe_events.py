"""Keeps each event of Stripe's once, however often it is sent."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.integrations.stripe import Notice
from app.models.subscription import StripeEvent


async def keep(session: AsyncSession, notice: Notice) -> None:
    """Record the event unless it is known already."""
    await session.execute(
        insert(StripeEvent)
        .values(
            id=notice.id,
            type=notice.type,
            livemode=notice.livemode,
            object_id=notice.object_id,
            customer_id=notice.customer_id,
            happened_at=notice.happened_at,
        )
        .on_conflict_do_nothing()
    )
