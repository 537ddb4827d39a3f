"""Stripe's events, for the operator: `python -m app.tasks.stripe_events list` shows the
newest, `… replay` judges them anew and has their subscriptions fetched. Both choose by
ids, --since INSTANT and --quarantined. Each line is JSON, the last one counts."""

import argparse
import asyncio
import json
import sys
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

from app.core.db import Database
from app.core.settings import Settings, settings
from app.models.subscription import StripeEvent
from app.services import stripe_replay
from app.services.stripe_replay import Chosen
from app.tasks import operator
from app.tasks.publisher import RedisPublisher

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


def read(arguments: Sequence[str]) -> argparse.Namespace:
    """What was asked for; ends the process where that makes no sense."""
    parser = argparse.ArgumentParser(prog="python -m app.tasks.stripe_events")
    parser.add_argument("act", choices=["list", "replay"])
    parser.add_argument("ids", nargs="*", metavar="ID")
    parser.add_argument("--since", type=_instant, metavar="INSTANT")
    parser.add_argument("--quarantined", action="store_true")
    parser.add_argument("--limit", type=int, default=MOST_LISTED)
    asked = parser.parse_args(arguments)
    chosen = Chosen(asked.ids, asked.since, asked.quarantined)
    if asked.act == "replay" and chosen == Chosen([]):
        parser.error("replay needs ids, --since or --quarantined")
    asked.chosen = chosen
    return asked


def _instant(text: str) -> datetime:
    """As 2026-11-22 or 2026-11-22T08:00:00Z; without a zone it is UTC."""
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


async def _run(asked: argparse.Namespace) -> None:
    configured = settings()
    publisher = RedisPublisher(configured)
    database = Database(configured, publisher)
    if asked.act == "list":
        lines = show(database, asked.chosen, limit=asked.limit)
    else:
        lines = replay(database, configured, asked.chosen)
    try:
        async for line in lines:
            sys.stdout.write(line + "\n")
    finally:
        await database.close()
        await publisher.close()


if __name__ == "__main__":
    asyncio.run(_run(read(sys.argv[1:])))
