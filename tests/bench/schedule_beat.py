"""A real beat process that goes through what is due: how fast, and in how much
memory."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from pathlib import Path

import asyncpg
from redis.asyncio import Redis

from app.core.clock import monotonic
from app.core.queue import EXECUTIONS_PER_HINT, execution_queue
from app.core.settings import Settings
from tests.bench.schedule_ground import MINUTELY, add_tasks, clear, clear_runs
from tests.bench.schedule_servers import cpu_of_servers
from tests.bench.spent import cpu_of, most_mib_of
from tests.tasks.processes import BEAT, Process, running

OUTAGE = timedelta(days=3)
_LOOK_SECONDS = 0.02
_QUEUE = execution_queue("read", "normal")

# All but what became due by itself since the outage ended.
_BEHIND = """
SELECT count(*) FROM (
  SELECT FROM tasks WHERE enabled AND next_run_at <= $1 LIMIT 1) AS one
"""
_MOST_GAPS = """
SELECT coalesce(max(gaps), 0) FROM (
  SELECT count(*) FILTER (WHERE reason = 'scheduler_down') AS gaps
  FROM task_runs GROUP BY task_id) AS of_tasks
"""
# Each slot of each task from the first missed one to its next one, told by the rows.
_UNTOLD = """
SELECT count(*) FROM tasks t
JOIN (SELECT task_id, sum(slots) AS told FROM task_runs GROUP BY task_id) r
  ON r.task_id = t.id
WHERE r.told <> extract(epoch FROM t.next_run_at - $1) / 60
"""


@dataclass(frozen=True)
class Burst:
    """Tasks recorded and hinted a second; microseconds of CPU that a task took in the
    beat, and in the beat and the servers together; the most MiB the beat ever held."""

    per_second: float
    beat_cpu_us: float
    cpu_us: float
    most_mib: float


@dataclass(frozen=True)
class Outage:
    """Seconds until nothing was behind, the most gaps that one task got, and the tasks
    whose slots are not all told exactly once."""

    seconds: float
    most_gaps: int
    tasks_untold: int
    most_mib: float


async def measure_burst(
    settings: Settings, connection: asyncpg.Connection, number: int
) -> Burst:
    """So many tasks more, all due at the same instant, where nothing has run yet."""
    await clear_runs(connection)
    slot = await connection.fetchval("SELECT date_trunc('minute', app_now())")
    await add_tasks(connection, number, next_run_at=slot, grace_seconds=86_400)
    redis = Redis.from_url(settings.redis_url.get_secret_value())
    await redis.delete(_QUEUE)
    try:
        async with _beat(settings) as process:
            await _until(lambda: redis.llen(_QUEUE), 1)
            began, before = monotonic(), cpu_of(process.pid)
            servers = await cpu_of_servers(settings, connection)
            first = await connection.fetchval("SELECT count(*) FROM task_runs")
            # What is hinted is recorded, and to ask Redis disturbs the database less.
            least = number / EXECUTIONS_PER_HINT
            await _until(lambda: redis.llen(_QUEUE), ceil(least))
            await _until(lambda: _nothing_is_behind(connection, slot), 1)
            took, cpu = monotonic() - began, cpu_of(process.pid) - before
            servers = await cpu_of_servers(settings, connection) - servers
            most_mib = most_mib_of(process.pid)
    finally:
        await redis.delete(_QUEUE)
        await redis.aclose()
    done = number - first
    each = 1_000_000 / done
    return Burst(done / took, cpu * each, (cpu + servers) * each, most_mib)


async def measure_outage(
    settings: Settings, connection: asyncpg.Connection, number: int
) -> Outage:
    """So many minutely tasks alone, whose beat was away for three days."""
    await clear(connection)
    now = await connection.fetchval("SELECT date_trunc('minute', app_now())")
    slot = now - OUTAGE
    await add_tasks(connection, number, next_run_at=slot, schedules=MINUTELY)
    async with _beat(settings) as process:
        await _until(lambda: connection.fetchval("SELECT count(*) FROM task_runs"), 1)
        began = monotonic()
        await _until(lambda: _nothing_is_behind(connection, now), 1)
        took, most_mib = monotonic() - began, most_mib_of(process.pid)
    return Outage(
        took,
        await connection.fetchval(_MOST_GAPS),
        await connection.fetchval(_UNTOLD, slot),
        most_mib,
    )


@asynccontextmanager
async def _beat(settings: Settings) -> AsyncIterator[Process]:
    with (
        tempfile.NamedTemporaryFile() as log,
        running(BEAT, settings, Path(log.name)) as process,
    ):
        yield process


async def _nothing_is_behind(connection: asyncpg.Connection, instant: datetime) -> int:
    return 1 - int(await connection.fetchval(_BEHIND, instant))


async def _until(look: Callable[[], Awaitable[int]], wanted: int) -> int:
    while True:
        seen = await look()
        if seen >= wanted:
            return seen
        await asyncio.sleep(_LOOK_SECONDS)
