"""The least that could do the scheduler's work: bare asyncpg on four plain tables
without tenants, foreign keys or rules, and one push of ready messages a batch."""

import asyncio
from dataclasses import dataclass
from time import process_time
from uuid import UUID

import asyncpg
from redis.asyncio import Redis

from app.core.clock import monotonic
from app.core.ids import new_id
from app.core.queue import Hint, Job
from app.core.settings import Settings
from app.tasks.publisher import message
from tests.bench.schedule_ground import owner, plain
from tests.bench.schedule_servers import cpu_of_servers

BATCH = 1000
LANES = 2
QUEUE = "prototype"

_TABLES = """
CREATE SCHEMA prototype;
CREATE TABLE prototype.tasks (id uuid PRIMARY KEY, account_id uuid, every interval,
  next_run_at timestamptz);
CREATE TABLE prototype.runs (id uuid PRIMARY KEY, task_id uuid, slot timestamptz,
  status text, UNIQUE (task_id, slot));
CREATE TABLE prototype.executions (id uuid PRIMARY KEY, run_id uuid, account_id uuid,
  status text, UNIQUE (run_id, account_id));
"""
_TASKS = """
INSERT INTO prototype.tasks
SELECT uuidv7(), uuidv7(), '1 day', now() FROM generate_series(1, $1)
"""
_CLAIM = """
SELECT id, account_id, next_run_at, next_run_at + every AS next FROM prototype.tasks
WHERE next_run_at <= now() ORDER BY next_run_at LIMIT $1 FOR UPDATE SKIP LOCKED
"""
_RUNS = """
INSERT INTO prototype.runs
SELECT *, 'queued' FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[])
ON CONFLICT DO NOTHING
"""
_EXECUTIONS = """
INSERT INTO prototype.executions
SELECT *, 'queued' FROM unnest($1::uuid[], $2::uuid[], $3::uuid[])
"""
_ADVANCE = """
UPDATE prototype.tasks t SET next_run_at = u.next
FROM unnest($1::uuid[], $2::timestamptz[]) AS u (id, next) WHERE t.id = u.id
"""


@dataclass(frozen=True)
class Prototype:
    """Tasks a second, microseconds of CPU for each in this process and the servers
    together, and milliseconds of a tick when nothing is due."""

    per_second: float
    cpu_us: float
    idle_ms: float


async def measure(settings: Settings, number: int) -> Prototype:
    """On tables of its own, which are removed again."""
    async with owner(settings) as connection:
        await connection.execute(_TABLES)
        await connection.execute(_TASKS, number)
        await connection.execute(
            "CREATE INDEX ON prototype.tasks (next_run_at) WITH (fillfactor = 90)"
        )
        await connection.execute("VACUUM (ANALYZE) prototype.tasks")
        began, before = monotonic(), process_time()
        servers = await cpu_of_servers(settings, connection)
        await asyncio.gather(*(_dispatch_all(settings) for _ in range(LANES)))
        took, cpu = monotonic() - began, process_time() - before
        cpu += await cpu_of_servers(settings, connection) - servers
        idle = [await _idle(connection) for _ in range(200)]
        await connection.execute("DROP SCHEMA prototype CASCADE")
    return Prototype(number / took, cpu / number * 1_000_000, min(idle) * 1000)


async def _idle(connection: asyncpg.Connection) -> float:
    began = monotonic()
    await connection.fetch(_CLAIM, BATCH)
    return monotonic() - began


async def _dispatch_all(settings: Settings) -> None:
    connection = await asyncpg.connect(plain(settings.database_owner_url))
    redis = Redis.from_url(settings.redis_url.get_secret_value())
    try:
        while ids := await _dispatch(connection):
            ready = [message(Hint(Job.RUN_EXECUTION, id, QUEUE)) for id in ids]
            await redis.lpush(QUEUE, *ready)
    finally:
        await redis.delete(QUEUE)
        await redis.aclose()
        await connection.close()


async def _dispatch(connection: asyncpg.Connection) -> list[UUID]:
    async with connection.transaction():
        due = await connection.fetch(_CLAIM, BATCH)
        if not due:
            return []
        tasks = [row["id"] for row in due]
        runs = [new_id() for _ in due]
        executions = [new_id() for _ in due]
        accounts = [row["account_id"] for row in due]
        await connection.execute(
            _RUNS, runs, tasks, [row["next_run_at"] for row in due]
        )
        await connection.execute(_EXECUTIONS, executions, runs, accounts)
        await connection.execute(_ADVANCE, tasks, [row["next"] for row in due])
    return executions
