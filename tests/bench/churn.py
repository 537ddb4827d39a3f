"""`make bench-churn`: an hour of a thousand minutely tasks, as fast as a beat and a
worker get through it, with the history purged ten minutes behind. What the hot tables
and their indexes then take is set beside what they take once written anew. The last
line is JSON; the exit code is 1 where they swell, or where what is asked all the time
looks at more than before."""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.db import Database, Login
from app.core.settings import Settings
from app.models.task import ActionKind
from app.services import claims, retention
from app.services.dispatch import dispatch_due
from app.tasks.publisher import RedisPublisher
from tests.bench.explained import Cost, cost_of
from tests.bench.schedule_ground import add_tasks, owner, settle
from tests.tasks.processes import BEAT, WORKER, running
from tests.truth.ground import servers

TENANTS = 20
_KEPT = 10  # rounds
_FAR = timedelta(days=365)
_PATIENCE = timedelta(seconds=30)  # of one purge
_HOT = (
    *("tasks", "task_runs", "task_executions", "execution_units", "task_results"),
    "outbox",
)
_MOST_SWOLLEN = 3.0
_MOST_GROWTH = 3.0
_SIZES = """
SELECT c.relname, pg_table_size(c.oid) + pg_indexes_size(c.oid) AS bytes
FROM pg_class c WHERE c.relname = ANY ($1::text[]) AND c.relkind = 'r'
"""
# The plan's days, in the time of this benchmark.
_KEPT_SINCE = """
CREATE OR REPLACE FUNCTION kept_since() RETURNS timestamptz LANGUAGE sql STABLE
AS $$ SELECT '{}'::timestamptz $$
"""
_LEFT = "SELECT count(*) FROM task_executions WHERE finished_at IS NULL"


@dataclass(frozen=True)
class Churned:
    """Bytes of each hot table with its indexes, after all rounds and written anew; and
    what is asked all the time, before the first round and after the last."""

    executions: int
    bytes_after: Mapping[str, int]
    bytes_anew: Mapping[str, int]
    before: Mapping[str, Cost]
    after: Mapping[str, Cost]

    @property
    def swollen(self) -> float:
        return sum(self.bytes_after.values()) / sum(self.bytes_anew.values())

    @property
    def growth(self) -> float:
        """Of what grew most, in pages."""
        return max(
            self.after[name].pages / self.before[name].pages for name in self.before
        )

    def lines(self) -> Sequence[str]:
        lines = [f"{self.executions:,} executions"]
        for name, size in self.bytes_after.items():
            anew = self.bytes_anew[name]
            lines.append(
                f"  {name:20}{size / 2**20:8.1f} MiB, written anew {anew / 2**20:8.1f}"
            )
        for name, cost in self.after.items():
            lines.append(
                f"  {name:20}{cost.pages:8,} pages, before {self.before[name].pages:8,}"
            )
        return lines


async def _costs(database: Database) -> Mapping[str, Cost]:
    asked: dict[str, Callable[[AsyncSession], Awaitable[object]]] = {
        "an idle tick": partial(dispatch_due, limit=1_000),
        "an idle claim": partial(
            claims.claim, kind=ActionKind.READ, worker="bench", running_cap=20, most=10
        ),
    }
    return {
        name: await cost_of(database, Login.SYSTEM, work)
        for name, work in asked.items()
    }


async def _sizes(connection: "asyncpg.Connection[asyncpg.Record]") -> dict[str, int]:
    rows = await connection.fetch(_SIZES, list(_HOT))
    return {row["relname"]: row["bytes"] for row in rows}


async def _round(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Each task is due once, and has run."""
    await connection.execute("UPDATE tasks SET next_run_at = now()")
    due = "SELECT count(*) FROM tasks WHERE next_run_at <= now()"
    while await connection.fetchval(due) or await connection.fetchval(_LEFT):  # noqa: ASYNC110 — what others do is looked for
        await asyncio.sleep(0.2)


async def _purge(
    database: Database,
    connection: "asyncpg.Connection[asyncpg.Record]",
    kept_since: str,
) -> None:
    await connection.execute(_KEPT_SINCE.format(kept_since))
    for row in await connection.fetch("SELECT id FROM organizations"):
        await retention.purge(database, UUID(str(row["id"])), within=_PATIENCE)


async def _measure(settings: Settings, tasks: int, rounds: int, log: Path) -> Churned:
    database = Database(settings, RedisPublisher(settings))
    async with owner(settings) as connection:
        await settle(connection, TENANTS)
        await add_tasks(connection, tasks, next_run_at=now() + _FAR)
        before = await _costs(database)
        began = []
        application = "tests.bench.idle_work"
        with (
            running(WORKER, settings, log, application=application),
            running(BEAT, settings, log),
        ):
            for _ in range(rounds):
                began.append(now())
                await _round(connection)
                if len(began) > _KEPT:
                    await _purge(database, connection, began[-_KEPT].isoformat())
        executions = await connection.fetchval("SELECT count(*) FROM task_executions")
        after, bytes_after = await _costs(database), await _sizes(connection)
        await connection.execute(f"VACUUM (FULL, ANALYZE) {', '.join(_HOT)}")
        bytes_anew = await _sizes(connection)
    await database.close()
    return Churned(executions, bytes_after, bytes_anew, before, after)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true")
    tasks, rounds = (200, 20) if parser.parse_args().short else (1_000, 60)
    with servers() as settings, tempfile.NamedTemporaryFile() as log:
        found = asyncio.run(_measure(settings, tasks, rounds, Path(log.name)))
    figures = {
        "bench": "churn",
        "executions": tasks * rounds,
        "swollen": round(found.swollen, 2),
        "growth": round(found.growth, 2),
    }
    sys.stdout.write("\n".join([*found.lines(), json.dumps(figures)]) + "\n")
    is_well = found.swollen <= _MOST_SWOLLEN and found.growth <= _MOST_GROWTH
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
