"""`make bench-cost`: what 1,000 executions cost, from their slots to their results,
with one beat, one worker and the embedded PostgreSQL: CPU seconds, database time and
bytes. They ask AWS nothing: what a call costs besides is in `make bench-aws`. It prints
JSON, from which `python -m tests.bench.sizing` computes the tables of the documents."""

import argparse
import asyncio
import json
import sys
import tempfile
from dataclasses import dataclass, fields
from datetime import timedelta
from pathlib import Path

import asyncpg
import psutil

from app.core.clock import now
from app.core.settings import Settings
from tests.bench.schedule_ground import add_tasks, owner, settle
from tests.tasks.processes import BEAT, WORKER, running
from tests.truth.ground import servers

# The statistics of a backend are a second late.
LATE_SECONDS = 2
WARM = 500  # executions before anything is measured
NOT_YET = timedelta(seconds=15)  # the tasks are there by then, and are not measured
_ALL = """
SELECT count(*) >= $1 AND count(*) = count(finished_at) FROM task_executions
"""
_DATABASE = """
SELECT active_time / 1000 AS seconds, pg_database_size(datname) AS stored,
  pg_current_wal_lsn() - '0/0' AS logged
FROM pg_stat_database WHERE datname = current_database()
"""


@dataclass(frozen=True)
class Spent:
    """CPU seconds of each process, and the database's own numbers."""

    worker_cpu_seconds: float
    beat_cpu_seconds: float
    postgres_cpu_seconds: float
    database_seconds: float
    stored_bytes: float
    logged_bytes: float


def _cpu(pid: int) -> float:
    """Of the process, its children, and those that it has waited for."""
    process = psutil.Process(pid)
    own = process.cpu_times()
    live = [child.cpu_times() for child in process.children(recursive=True)]
    waited_for = own.children_user + own.children_system
    return waited_for + sum(times.user + times.system for times in [own, *live])


async def _postmaster(connection: "asyncpg.Connection[asyncpg.Record]") -> int:
    backend = await connection.fetchval("SELECT pg_backend_pid()")
    return psutil.Process(backend).ppid()


async def _spent(
    connection: "asyncpg.Connection[asyncpg.Record]", worker: int, beat: int
) -> Spent:
    await asyncio.sleep(LATE_SECONDS)
    row = await connection.fetchrow(_DATABASE)
    return Spent(
        _cpu(worker),
        _cpu(beat),
        _cpu(await _postmaster(connection)),
        float(row["seconds"]),
        float(row["stored"]),
        float(row["logged"]),
    )


async def _run(
    connection: "asyncpg.Connection[asyncpg.Record]", executions: int
) -> None:
    """To the end of so many executions."""
    while not await connection.fetchval(_ALL, executions):  # noqa: ASYNC110
        await asyncio.sleep(0.2)


async def _measure(settings: Settings, count: int, log: Path) -> dict[str, float]:
    """Per 1,000 executions, once the processes have begun and are warm."""
    application = "tests.bench.idle_work"
    async with owner(settings) as connection:
        await settle(connection)
        with (
            running(WORKER, settings, log, application=application) as worker,
            running(BEAT, settings, log) as beat,
        ):
            await add_tasks(connection, WARM, next_run_at=now())
            await _run(connection, WARM)
            await add_tasks(connection, count, next_run_at=now() + NOT_YET)
            before = await _spent(connection, worker.pid, beat.pid)
            await _run(connection, WARM + count)
            after = await _spent(connection, worker.pid, beat.pid)
    by = count / 1000
    return {
        field.name: round(
            (getattr(after, field.name) - getattr(before, field.name)) / by, 2
        )
        for field in fields(Spent)
    }


def measure(executions: int) -> dict[str, float]:
    """On servers of its own."""
    with servers() as settings, tempfile.NamedTemporaryFile() as log:
        return asyncio.run(_measure(settings, executions, Path(log.name)))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--executions", type=int, default=5_000)
    found = measure(parser.parse_args().executions)
    figures = {"bench": "cost", "per_executions": 1000, **found}
    sys.stdout.write(json.dumps(figures) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
