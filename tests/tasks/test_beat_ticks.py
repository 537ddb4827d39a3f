"""The beat's ticks: what they dispatch and hint, and what cannot stop them."""

import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from redis.asyncio import Redis
from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.db import Database, Login
from app.core.queue import execution_queue
from app.core.settings import Settings
from app.models.run import Status, TaskExecution, TaskRun
from app.models.task import Task
from app.tasks import beat
from app.tasks.worker import WEDGED_EXIT_CODE
from tests.builders import make_account, make_task
from tests.personae import People, Persona

QUEUE = execution_queue("read", "normal")
YEARLY = {"kind": "cron", "expression": "0 0 1 1 *", "timezone": "UTC"}


@pytest.fixture
async def redis(configured: Settings) -> AsyncIterator[Redis]:
    """With an empty queue of hints."""
    async with Redis.from_url(configured.redis_url.get_secret_value()) as redis:
        await redis.delete(QUEUE)
        yield redis
        await redis.delete(QUEUE)


async def make_due(
    database: Database, person: Persona, number: int, **schedule: Any
) -> list[Task]:
    slot = now().replace(second=0, microsecond=0)
    async with database.unit_of_work(Login.OWNER) as session:
        account = await make_account(session, person.organization_id)
        return [
            await make_task(
                session,
                person.organization_id,
                name=f"Task {n}",
                accounts=(account,),
                schedule={**YEARLY, **schedule},
                next_run_at=slot,
                timeout_seconds=60 + n,
            )
            for n in range(number)
        ]


async def test_a_tick_goes_through_all_that_is_due_and_hints_it(
    database: Database,
    people: People,
    owner: AsyncSession,
    redis: Redis,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(beat, "BATCH", 7)
    tasks = await make_due(database, people.alice, 40)
    await beat.tick(database)
    due = select(func.count()).select_from(Task).where(Task.next_run_at <= now())
    executions = select(func.count()).select_from(TaskExecution)
    assert await owner.scalar(due) == 0
    assert await owner.scalar(executions) == await redis.llen(QUEUE) == len(tasks)


async def test_nobody_waits_behind_the_many_of_another_tenant(
    database: Database,
    people: People,
    owner: AsyncSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(beat, "BATCH", 5)
    crowd = await make_due(database, people.alice, 60)
    [single] = await make_due(database, people.mallory, 1)
    earlier = Task.next_run_at - timedelta(minutes=1)
    await owner.execute(
        update(Task)
        .where(Task.id.in_([task.id for task in crowd]))
        .values(next_run_at=earlier)
    )
    await owner.commit()
    await beat.tick(database)
    tasks = list(await owner.scalars(select(TaskRun.task_id).order_by(TaskRun.id)))
    assert len(tasks) == 61
    assert tasks.index(single.id) < (1 + beat.LANES) * beat.BATCH


async def test_what_is_delayed_by_jitter_is_not_hinted_yet(
    database: Database, people: People, owner: AsyncSession, redis: Redis
) -> None:
    await make_due(database, people.alice, 20, jitter_seconds=86_400)
    await beat.tick(database)
    delayed = list(await owner.scalars(select(TaskExecution.not_before.is_not(None))))
    assert len(delayed) == 20
    assert await redis.llen(QUEUE) == delayed.count(False) < 20


async def test_a_row_that_the_database_refuses_stops_its_own_task_alone(
    database: Database, people: People, owner: AsyncSession
) -> None:
    tasks = await make_due(database, people.alice, 5)
    refused = tasks[2]
    await owner.execute(
        text(
            "ALTER TABLE task_executions ADD CONSTRAINT refusal"
            f" CHECK (timeout_seconds <> {refused.timeout_seconds})"
        )
    )
    await owner.commit()
    await beat.tick(database)
    runs = {run.task_id: run for run in await owner.scalars(select(TaskRun))}
    assert {runs[task.id].status for task in tasks if task is not refused} == {
        Status.QUEUED
    }
    assert (runs[refused.id].status, runs[refused.id].reason) == (
        Status.SKIPPED,
        "not_recordable",
    )
    task = await owner.get_one(Task, refused.id)
    assert (task.enabled, task.disabled_reason) == (False, "not_recordable")
    assert await owner.scalar(select(func.count()).select_from(TaskExecution)) == 4


def test_a_beat_whose_ticks_stand_still_ends() -> None:
    watched = (
        "from app.tasks.beat import WEDGED_SECONDS, end_if_wedged, monotonic;"
        "end_if_wedged(lambda: monotonic() - WEDGED_SECONDS - 1, look_every=0.01)"
    )
    ended = subprocess.run([sys.executable, "-c", watched], check=False, timeout=60)  # noqa: S603 — our own command
    assert ended.returncode == WEDGED_EXIT_CODE
