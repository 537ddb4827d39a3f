"""kill -9 of worker and beat: no slot is lost, none is doubled, nothing stays stuck.
The judge is plain SQL."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import monotonic, now
from app.core.db import Database, Login
from app.core.settings import Settings
from app.models.aws_account import AWSAccount
from app.models.task import Overlap
from tests.builders import make_task
from tests.personae import People
from tests.tasks.processes import BEAT, WORKER, running

MoveClock = Callable[[str], Awaitable[None]]

TASKS = 24
SPREAD_SECONDS = 6
PATIENCE_SECONDS = 120

FINISHED = text("SELECT count(*) FROM task_executions WHERE status = 'succeeded'")
JUDGE = text(
    "SELECT t.name, count(DISTINCT r.id) AS runs, count(e.id) AS executions,"
    " count(e.id) FILTER (WHERE e.status = 'succeeded') AS succeeded"
    " FROM tasks t LEFT JOIN task_runs r ON r.task_id = t.id"
    " LEFT JOIN task_executions e ON e.run_id = r.id GROUP BY t.id, t.name"
)


async def _due_within_seconds(
    database: Database, people: People, account: AWSAccount
) -> None:
    """Tasks whose one slot of the year comes in the next seconds."""
    start = now()
    async with database.unit_of_work(Login.OWNER) as session:
        for number in range(TASKS):
            await make_task(
                session,
                people.alice.organization_id,
                name=f"Task {number}",
                accounts=(account,),
                services=("dynamodb",),
                parameters={"operations": ["dynamodb:DescribeTable"]},
                regions=("eu-central-1",),
                overlap=Overlap.QUEUE,
                schedule={
                    "kind": "cron",
                    "expression": "0 0 29 2 *",
                    "timezone": "UTC",
                },
                next_run_at=start + timedelta(seconds=number * SPREAD_SECONDS / TASKS),
            )


async def _until_finished(owner: AsyncSession, count: int) -> None:
    give_up_at = monotonic() + PATIENCE_SECONDS
    while await owner.scalar(FINISHED) != count:
        await owner.rollback()
        assert monotonic() < give_up_at, "some executions never finished"
        await asyncio.sleep(0.3)


async def test_killing_worker_and_beat_loses_and_doubles_nothing(
    database: Database,
    people: People,
    account: AWSAccount,
    worker_settings: Settings,
    owner: AsyncSession,
    move_clock: MoveClock,
    tmp_path: Path,
) -> None:
    await _due_within_seconds(database, people, account)
    seed = random.randrange(1_000_000)  # noqa: S311 — picks moments, not secrets
    chance = random.Random(seed)  # noqa: S311 — the same
    with (
        running(WORKER, worker_settings, tmp_path / "worker.log") as worker,
        running(BEAT, worker_settings, tmp_path / "beat.log") as beat,
    ):
        for _ in range(3):
            await asyncio.sleep(chance.uniform(2.0, 4.0))
            for victim in chance.sample([worker, beat], k=chance.choice([1, 2])):
                victim.kill()
                victim.start()
        await asyncio.sleep(2)
        # The leases of the dead run out at once instead of in a minute.
        await move_clock("61 seconds")
        await _until_finished(owner, TASKS)
    rows = (await owner.execute(JUDGE)).all()
    wrong = [row for row in rows if tuple(row[1:]) != (1, 1, 1)]
    assert not wrong, f"seed {seed}: {wrong}"
    assert len(rows) == TASKS


async def test_a_worker_finds_queued_work_while_redis_is_away(
    database: Database,
    people: People,
    account: AWSAccount,
    worker_settings: Settings,
    owner: AsyncSession,
    tmp_path: Path,
) -> None:
    await _due_within_seconds(database, people, account)
    nowhere = "redis://127.0.0.1:9/0"
    with (
        running(WORKER, worker_settings, tmp_path / "w.log", REDIS_URL=nowhere),
        running(BEAT, worker_settings, tmp_path / "b.log", REDIS_URL=nowhere),
    ):
        await _until_finished(owner, TASKS)


async def test_sigterm_gives_back_what_is_running_and_ends_cleanly(
    database: Database,
    people: People,
    account: AWSAccount,
    worker_settings: Settings,
    owner: AsyncSession,
    tmp_path: Path,
) -> None:
    await _due_within_seconds(database, people, account)
    with (
        running(WORKER, worker_settings, tmp_path / "worker.log") as worker,
        running(BEAT, worker_settings, tmp_path / "beat.log"),
    ):
        await asyncio.sleep(4)
        assert worker.stop() == 0
        running_now = await owner.scalar(
            text("SELECT count(*) FROM task_executions WHERE status = 'running'")
        )
        assert running_now == 0
        worker.start()
        await _until_finished(owner, TASKS)
