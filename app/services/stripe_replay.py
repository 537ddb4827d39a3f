"""The operator's look at Stripe's events, and another judgement of those that were lost
on the way or not believed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.settings import Settings
from app.integrations.stripe import Notice
from app.models.subscription import StripeEvent, StripeEventOutcome, Subscription
from app.services import stripe_events


@dataclass(frozen=True, slots=True)
class Chosen:
    """Events by id, if any are named, by when we received them, and by outcome."""

    ids: Sequence[str] = ()
    since: datetime | None = None
    quarantined: bool = False


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many were judged anew and believed; and the subscriptions that are fetched,
    by their organizations."""

    events: int
    followed: int
    subscriptions: Mapping[UUID, UUID]


async def listed(
    session: AsyncSession, chosen: Chosen, *, limit: int
) -> Sequence[StripeEvent]:
    """The newest first. `session` is a system session, here and below."""
    newest = _of(chosen).order_by(StripeEvent.received_at.desc(), StripeEvent.id)
    return (await session.scalars(newest.limit(limit))).all()


async def replay(session: AsyncSession, settings: Settings, chosen: Chosen) -> Replayed:
    """Judge them by what is known today, and have each subscription that they hint at
    fetched once, whatever their number. May be repeated."""
    found = _of(chosen).outerjoin(
        Subscription, Subscription.stripe_customer_id == StripeEvent.customer_id
    )
    whose = found.add_columns(Subscription.organization_id, Subscription.id)
    rows = (await session.execute(whose.order_by(StripeEvent.id))).all()
    followed: list[tuple[UUID, UUID]] = []
    for event, organization_id, subscription_id in rows:
        verdict = stripe_events.judge(_notice(event), organization_id, settings)
        event.outcome, event.reason = verdict
        if verdict.outcome is StripeEventOutcome.FOLLOWED:
            followed.append((organization_id, subscription_id))
    await session.flush()
    subscriptions = dict(followed)
    for organization_id in sorted(subscriptions):
        await stripe_events.ask_for_sync(session, organization_id)
    return Replayed(len(rows), len(followed), subscriptions)


def _of(chosen: Chosen) -> Select[Any]:
    found = select(StripeEvent)
    if chosen.ids:
        found = found.where(StripeEvent.id.in_(chosen.ids))
    if chosen.since is not None:
        found = found.where(StripeEvent.received_at >= chosen.since)
    if chosen.quarantined:
        found = found.where(StripeEvent.outcome == StripeEventOutcome.QUARANTINED)
    return found


def _notice(event: StripeEvent) -> Notice:
    return Notice(
        id=event.id,
        type=event.type,
        livemode=event.livemode,
        object_id=event.object_id,
        customer_id=event.customer_id,
        reference_id=event.reference_id,
        account_id=event.account_id,
        happened_at=event.happened_at,
    )
