"""kill -9 of worker and beat: no slot is lost, none is doubled, nothing stays stuck.
The judge is plain SQL."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import monotonic, now
from app.core.db import Database, Login
from app.core.settings import Settings
from app.models.aws_account import AWSAccount, CredentialsPurpose
from app.models.run import Status
from app.models.task import ActionKind, Overlap, TaskType
from tests.builders import make_account, make_credentials, make_task
from tests.builders_runs import make_execution
from tests.chaos.fake_aws import FakeCloud, fake_cloud
from tests.personae import People
from tests.tasks.processes import BEAT, WORKER, running

MoveClock = Callable[[str], Awaitable[None]]

TASKS = 24
SPREAD_SECONDS = 6
PATIENCE_SECONDS = 120

FINISHED = text(
    "SELECT count(*) = :count FROM task_executions WHERE status = 'succeeded'"
)
STARTED = text("SELECT count(*) > 0 FROM task_executions WHERE status <> 'queued'")
OUTCOMES = text("SELECT array_agg(status) FROM execution_units")
RUNNING = text("SELECT count(*) FROM task_executions WHERE status = 'running'")
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
    await _until(owner, FINISHED.bindparams(count=count))


async def _until(owner: AsyncSession, question: TextClause) -> None:
    give_up_at = monotonic() + PATIENCE_SECONDS
    while not await owner.scalar(question):
        await owner.rollback()
        assert monotonic() < give_up_at, f"never true: {question}"
        await asyncio.sleep(0.3)


async def _until_done(cloud: FakeCloud) -> None:
    give_up_at = monotonic() + PATIENCE_SECONDS
    while not cloud.effects:
        assert monotonic() < give_up_at, "nothing was ever done"
        await asyncio.sleep(0.1)


async def _until_logged(log: Path, words: str) -> None:
    give_up_at = monotonic() + PATIENCE_SECONDS
    while words not in await asyncio.to_thread(log.read_text):
        assert monotonic() < give_up_at, f"never logged: {words}"
        await asyncio.sleep(0.1)


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
        await _until(owner, STARTED)
        assert worker.stop() == 0
        assert not await owner.scalar(RUNNING)
        worker.start()
        await _until_finished(owner, TASKS)


async def test_sigterm_lets_a_change_that_is_under_way_end_with_its_outcome(
    database: Database,
    people: People,
    worker_settings: Settings,
    owner: AsyncSession,
    tmp_path: Path,
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        execution_id = await _rehearsal(session, people.alice.organization_id)
    with fake_cloud(tmp_path, seed=1) as cloud:
        await cloud.steer(hold="SendMessage")
        settings = worker_settings.model_copy(
            update={"aws_emulator_url": cloud.url, "worker_kind": "mutate"}
        )
        with running(WORKER, settings, tmp_path / "worker.log") as worker:
            await _until_done(cloud)
            stopped = asyncio.create_task(asyncio.to_thread(worker.stop))
            await _until_logged(tmp_path / "worker.log", "Warm shutdown")
            await cloud.steer()
            assert await stopped == 0
            assert await owner.scalar(OUTCOMES) == ["succeeded"]
            worker.start()
            await _until_finished(owner, 1)
        assert cloud.effects == [f"{execution_id}:1"]


async def _rehearsal(session: AsyncSession, organization_id: UUID) -> UUID:
    """A change of one step that is queued; its execution."""
    account = await make_account(session, organization_id, credentials=None)
    purpose = CredentialsPurpose.WRITE
    await make_credentials(session, organization_id, account, purpose=purpose)
    task = await make_task(
        session,
        organization_id,
        accounts=(account,),
        type=TaskType.REHEARSAL,
        kind=ActionKind.MUTATE,
        services=("sqs",),
        parameters={"queue_url": "https://sqs.example/rehearsals", "steps": 1},
    )
    queued = await make_execution(session, task, account, status=Status.QUEUED)
    return queued.id
