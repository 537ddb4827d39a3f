"""Stripe's events, for the operator (`cloudrota replay stripe-events`): the newest are
shown, or judged anew, and their subscriptions fetched. Each line is JSON, the last one
counts."""

import json
from collections.abc import AsyncIterator

from app.core.db import Database
from app.core.settings import Settings
from app.models.subscription import StripeEvent
from app.services import stripe_replay
from app.services.stripe_replay import Chosen
from app.tasks import operator

MOST_LISTED = 100


async def show(database: Database, chosen: Chosen, *, limit: int) -> AsyncIterator[str]:
    """The lines to print."""
    async with database.system_session("stripe_events.list") as session:
        events = await stripe_replay.listed(session, chosen, limit=limit)
    for event in events:
        yield json.dumps(_facts(event))
    yield json.dumps({"events": len(events), "at_most": limit})


def _facts(event: StripeEvent) -> dict[str, object]:
    return {
        "id": event.id,
        "type": event.type,
        "received_at": event.received_at.isoformat(),
        "happened_at": event.happened_at.isoformat(),
        "customer": event.customer_id,
        "object": event.object_id,
        "livemode": event.livemode,
        "outcome": event.outcome,
        "reason": event.reason,
    }


async def replay(
    database: Database, configured: Settings, chosen: Chosen
) -> AsyncIterator[str]:
    """The same of a replay; each organization concerned finds it on its audit log."""
    async with database.system_session("stripe_events.replay") as session:
        done = await stripe_replay.replay(session, configured, chosen)
        for organization_id, subscription_id in done.subscriptions.items():
            await operator.record(
                session,
                organization_id,
                action="operator.replay_stripe_events",
                subject_type="subscription",
                subject_id=subscription_id,
            )
    for organization_id in done.subscriptions:
        yield json.dumps({"fetched_soon": str(organization_id)})
    counts = {"events": done.events, "followed": done.followed}
    yield json.dumps({**counts, "organizations": len(done.subscriptions)})
