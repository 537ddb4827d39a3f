"""The slow loop beside the beat's ticks: once a minute it deletes what is over, and
links what is new in the audit log. It never keeps a tick waiting, and any number of
beats may run it."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import AWAY, Database
from app.services import (
    audit_chain,
    housekeeping,
    live_events,
    sending_sweep,
    stripe_events,
    throttling,
    usage_warnings,
)

log = structlog.get_logger(__name__)

SECONDS = 60.0
BATCH = 5_000
MOST_BATCHES = 20  # of one kind, before the others have their turn

Chore = Callable[[AsyncSession], Awaitable[int]]

CHORES: dict[str, Chore] = {
    "live_events": partial(live_events.purge, limit=BATCH),
    "expired": partial(housekeeping.purge_expired, limit=BATCH),
    "throttles": partial(throttling.purge, limit=BATCH),
    "asked_for_purges": partial(housekeeping.ask_for_purges, limit=BATCH),
    "asked_for_reviews": partial(housekeeping.ask_for_reviews, limit=BATCH),
    "warned_of_usage": partial(usage_warnings.find, limit=BATCH),
    "asked_for_syncs": partial(housekeeping.ask_for_syncs, limit=BATCH),
    "asked_for_sending": partial(sending_sweep.ask_for_sending, limit=BATCH),
    "stripe_events": partial(stripe_events.purge, limit=BATCH),
    "sealed": partial(audit_chain.seal, limit=BATCH),
    "heads": partial(audit_chain.take_heads, limit=BATCH),
}


async def keep(database: Database) -> None:
    """For as long as the process lives."""
    while True:
        await asyncio.sleep(SECONDS)
        try:
            done = await tidy(database)
        except AWAY as error:
            log.warning("housekeeping.database_away", error=type(error).__name__)
            continue
        if any(done.values()):
            log.info("housekeeping.tidied", **done)


async def tidy(database: Database) -> dict[str, int]:
    """Do each chore until little is left of it, each batch in a transaction of its own;
    how much was done of each."""
    return {name: await _all(database, name, chore) for name, chore in CHORES.items()}


async def _all(database: Database, name: str, chore: Chore) -> int:
    total = 0
    for _ in range(MOST_BATCHES):
        async with database.system_session(f"housekeeping.{name}") as session:
            done = await chore(session)
        total += done
        if done < BATCH:
            break
    return total
