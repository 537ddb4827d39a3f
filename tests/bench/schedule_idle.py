"""What a tick of the beat costs when nothing is due."""

import json
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from time import process_time
from typing import Any

import asyncpg

from app.core.clock import monotonic
from app.core.db import Database
from app.core.settings import Settings
from app.services.dispatch import CLAIM_OLDEST
from app.tasks import beat
from app.tasks.publisher import RedisPublisher
from tests.bench.schedule_ground import plain

TICKS = 300


@dataclass(frozen=True)
class Idle:
    """Milliseconds of a whole tick, as the beat does it (the median), of CPU that it
    takes in the beat, and of its one statement within the database; the pages that this
    looked at; and the scans it is made of."""

    median_ms: float
    cpu_ms: float
    database_ms: float
    pages: int
    scans: frozenset[str]

    @property
    def cost_ms(self) -> float:
        """What is told apart best from the noise of other processes."""
        return self.cpu_ms + self.database_ms

    @property
    def is_by_index(self) -> bool:
        """Neither the table nor anything else was read through."""
        return not any("Seq Scan" in scan for scan in self.scans)


async def measure(settings: Settings) -> Idle:
    """With whatever tasks there are, none of which may be due."""
    publisher = RedisPublisher(settings)
    database = Database(settings, publisher)
    try:
        ticks = []
        cpu = process_time()
        for _ in range(TICKS):
            began = monotonic()
            assert not await beat.tick(database)
            ticks.append((monotonic() - began) * 1000)
        cpu = process_time() - cpu
    finally:
        await database.close()
        await publisher.close()
    plans = [await _explain(settings) for _ in range(20)]
    plan = min(plans, key=lambda one: float(one["Execution Time"]))
    return Idle(
        statistics.median(ticks),
        cpu / TICKS * 1000,
        plan["Execution Time"],
        plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"],
        frozenset(_scans(plan["Plan"])),
    )


async def _explain(settings: Settings) -> dict[str, Any]:
    connection = await asyncpg.connect(plain(settings.database_system_url))
    try:
        statement = CLAIM_OLDEST.text.replace(":limit", "1000")
        told = await connection.fetchval(
            f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}"
        )
    finally:
        await connection.close()
    plan: dict[str, Any] = json.loads(told)[0]
    return plan


def _scans(node: dict[str, Any]) -> Iterator[str]:
    """Those that were carried out."""
    if "Relation Name" in node and node["Actual Loops"]:
        yield f"{node['Node Type']} on {node['Relation Name']}"
    for inner in node.get("Plans", ()):
        yield from _scans(inner)
