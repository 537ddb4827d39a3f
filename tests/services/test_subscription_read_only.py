"""A subscription is read-only once its payment is past due for a week."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.models.subscription import Subscription, SubscriptionStatus
from tests.personae import People


@pytest.mark.parametrize(
    ("status", "past_due", "expected"),
    [
        (SubscriptionStatus.PAST_DUE, timedelta(days=7, seconds=1), True),
        (SubscriptionStatus.PAST_DUE, timedelta(days=7, seconds=-60), False),
        (SubscriptionStatus.PAST_DUE, timedelta(), False),
        (SubscriptionStatus.ACTIVE, None, False),
        (SubscriptionStatus.CANCELED, None, False),
    ],
)
async def test_is_read_only_after_a_week_past_due(
    owner: AsyncSession,
    people: People,
    status: SubscriptionStatus,
    past_due: timedelta | None,
    expected: bool,
) -> None:
    mine = Subscription.organization_id == people.alice.organization_id
    await owner.execute(
        update(Subscription)
        .where(mine)
        .values(
            status=status,
            past_due_since=None if past_due is None else func.app_now() - past_due,
        )
    )
    row = (await owner.scalars(select(Subscription).where(mine))).one()
    said = await owner.scalar(select(Subscription.is_read_only).where(mine))
    assert (bool(row.is_read_only), bool(said)) == (expected, expected)
