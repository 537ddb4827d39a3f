"""`make bench-worker`: executions that ask AWS nothing, through the whole of a worker
process, beside what Celery alone does with as many messages. The last line is JSON."""

import argparse
import asyncio
import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import asyncpg
from redis.asyncio import Redis

from app.core.clock import monotonic, now
from app.core.queue import EXECUTIONS_PER_HINT, Hint, Job
from app.core.settings import Settings
from app.tasks.publisher import RedisPublisher
from tests.bench.schedule_ground import add_tasks, owner, settle
from tests.tasks.processes import WORKER, running
from tests.truth.ground import servers

QUEUE = "read.normal"
LEAST_BY_BARE = 0.4

_QUEUE_ALL = """
WITH runs AS (
  INSERT INTO task_runs (id, organization_id, task_id, task_version_id, trigger, slots,
    status)
  SELECT gen_random_uuid(), t.organization_id, t.id, v.id, 'manual', 1, 'queued'
  FROM tasks t JOIN task_versions v ON v.task_id = t.id
  RETURNING id, organization_id, task_id
)
INSERT INTO task_executions (id, organization_id, task_id, run_id, aws_account_id, kind,
  priority, status, fence, attempt, retry_no, timeout_seconds)
SELECT gen_random_uuid(), r.organization_id, r.task_id, r.id, g.aws_account_id, 'read',
  'normal', 'queued', 0, 0, 0, 900
FROM runs r JOIN task_targets g ON g.task_id = r.task_id
RETURNING id
"""
_RATE = """
SELECT count(*) / extract(epoch FROM max(finished_at) - min(started_at))
FROM task_executions WHERE status = 'succeeded'
"""
_LEFT = "SELECT count(*) FROM task_executions WHERE finished_at IS NULL"


@dataclass(frozen=True)
class Rates:
    """Executions, and Celery's own no-op, per second, by one worker process each."""

    executions: int
    ours: float
    bare: float

    def lines(self) -> list[str]:
        return [
            f"{self.executions:,} executions that ask AWS nothing, by one process",
            f"  claimed, run, recorded   {self.ours:8.0f} a second",
            f"  Celery alone, no-op      {self.bare:8.0f} a second",
        ]

    def figures(self) -> dict[str, object]:
        return {
            "executions_per_second": round(self.ours),
            "bare_celery_per_second": round(self.bare),
            "by_bare_celery": round(self.ours / self.bare, 2),
        }

    def is_as_promised(self) -> bool:
        return self.ours >= LEAST_BY_BARE * self.bare


async def _push(settings: Settings, ids: list[UUID]) -> None:
    publisher = RedisPublisher(settings)
    for start in range(0, len(ids), 1000):
        batch = ids[start : start + 1000]
        await publisher.publish([Hint(Job.RUN_EXECUTION, id, QUEUE) for id in batch])
    await publisher.close()


async def _ours(
    settings: Settings, connection: "asyncpg.Connection[asyncpg.Record]", log: Path
) -> float:
    ids = [row["id"] for row in await connection.fetch(_QUEUE_ALL)]
    await connection.execute("VACUUM (ANALYZE) task_executions, task_runs")
    await _push(settings, ids[::EXECUTIONS_PER_HINT])
    with running(WORKER, settings, log, application="tests.bench.idle_work"):
        while await connection.fetchval(_LEFT):  # noqa: ASYNC110 — only it tells
            await asyncio.sleep(0.2)
    return float(await connection.fetchval(_RATE))


async def _bare(settings: Settings, count: int, log: Path) -> float:
    await _push(settings, [UUID(int=number) for number in range(count)])
    broker = Redis.from_url(settings.redis_url.get_secret_value())
    began = None
    with running(WORKER, settings, log, application="tests.bench.bare_celery"):
        while left := await broker.llen(QUEUE):
            if began is None and left < count:
                began = monotonic()
                count = left
            await asyncio.sleep(0.01)
    assert began is not None
    await broker.aclose()
    return count / (monotonic() - began)


async def _measure(settings: Settings, count: int) -> Rates:
    with tempfile.NamedTemporaryFile() as log:
        async with owner(settings) as connection:
            await settle(connection)
            await add_tasks(connection, count, next_run_at=now().replace(year=2099))
            ours = await _ours(settings, connection, Path(log.name))
        return Rates(count, ours, await _bare(settings, 3 * count, Path(log.name)))


def measure(executions: int = 5_000) -> Rates:
    """On servers of its own."""
    with servers() as settings:
        return asyncio.run(_measure(settings, executions))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--executions", type=int, default=5_000)
    found = measure(parser.parse_args().executions)
    figures = json.dumps({"bench": "worker", **found.figures()})
    sys.stdout.write("\n".join([*found.lines(), figures]) + "\n")
    return 0 if found.is_as_promised() else 1


if __name__ == "__main__":
    sys.exit(main())
