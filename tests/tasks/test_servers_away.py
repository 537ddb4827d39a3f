"""PostgreSQL goes away for ten minutes of the database's clock while worker and beat
run: both stay, say so and claim nothing, and go on by themselves. What was recorded is
there, what was at work is done again, and each slot of the outage is told once. The
judge is plain SQL."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil
from sqlalchemy import text

from app.core.clock import monotonic
from app.core.db import Database, Login
from app.core.permissions import Role
from app.core.settings import Settings
from app.models.run import Status
from app.models.task import Overlap
from app.tasks.publisher import RedisPublisher
from tests.builders import make_account, make_task
from tests.builders_runs import make_execution
from tests.chaos.fake_aws import fake_cloud
from tests.chaos.ground import Ground, ground
from tests.personae import make_organization, make_persona
from tests.tasks.processes import BEAT, WORKER, Process, running

PATIENCE_SECONDS = 120
MINUTE = timedelta(minutes=1)
HERE = "away"
FIRST, LAST = 5, 8  # minutes of the outage in which the tasks have slots
READING: dict[str, Any] = {
    "services": ("iam",),
    "regions": ("eu-central-1",),
    "parameters": {"operations": ["iam:ListGroups"]},
    "overlap": Overlap.QUEUE,
}
# Said anew at each try: heartbeats of a worker try every two seconds and polls every
# five, a beat each second. So often, then, all of them have tried more than once.
SAID = {
    "worker": {"worker.database_away": 8, "outbox.database_away": 2},
    "beat": {"beat.database_away": 5},
}

# Once the server was started anew its clock is ten minutes ahead, before anybody can
# ask it what time it is.
AWAY_FOR_TEN_MINUTES = """
CREATE OR REPLACE FUNCTION app_now() RETURNS timestamptz LANGUAGE sql STABLE AS $$
  SELECT clock_timestamp() + CASE
    WHEN pg_postmaster_start_time() > '{started_at}' THEN interval '10 minutes'
    ELSE interval '0' END $$
"""
STARTED_AT = "SELECT pg_postmaster_start_time()"
AT_WORK = """
SELECT array_agg(status::text ORDER BY status::text) = '{queued,running}'

  AND EXISTS (SELECT FROM execution_units WHERE status = 'running')
FROM task_executions
"""
RECORDED = """
SELECT 'run ' || id FROM task_runs UNION SELECT 'execution ' || id FROM task_executions
UNION SELECT 'event ' || id || ' ' || kind FROM execution_events ORDER BY 1
"""
TAKEN_AWAY = "SELECT count(*) = 1 FROM task_executions WHERE id = $1 AND fence >= 2"
RUNNING = "SELECT id FROM task_executions WHERE status = 'running'"
FINISHED = """
SELECT NOT EXISTS (SELECT FROM task_executions WHERE status IN ('queued', 'running'))
  AND NOT EXISTS (SELECT FROM tasks WHERE next_run_at IS NOT NULL)
"""
# Of each slot: how many runs are it, and how many gaps have it between their ends.
SLOTS = """
SELECT t.name, s.slot,
  count(r.id) FILTER (
    WHERE r.scheduled_for = s.slot AND r.scheduled_until IS NULL) AS runs,
  count(r.id) FILTER (
    WHERE s.slot BETWEEN r.scheduled_for AND r.scheduled_until) AS gaps
FROM tasks t
CROSS JOIN generate_series($1::timestamptz, $2, '1 minute') AS s (slot)
LEFT JOIN task_runs r ON r.task_id = t.id AND r.scheduled_for IS NOT NULL
WHERE t.name <> 'By hand' GROUP BY t.name, s.slot ORDER BY t.name, s.slot
"""
GAPS = """
SELECT status::text, reason, slots FROM task_runs WHERE scheduled_until IS NOT NULL
"""
EXECUTIONS = """
SELECT e.id, t.name, e.status::text, e.attempt
FROM task_executions e JOIN tasks t ON t.id = e.task_id
"""


@dataclass
class Stage:
    servers: Ground
    settings: Settings
    first: datetime
    last: datetime

    async def ask(self, question: str, *arguments: Any) -> Any:
        [row] = (await self.rows(question, *arguments))[:1] or [[None]]
        return row[0]

    async def rows(self, question: str, *arguments: Any) -> list[Any]:
        connection = await self.servers.connect(HERE)
        try:
            return list(await connection.fetch(question, *arguments))
        finally:
            await connection.close()

    async def until(self, question: str, *arguments: Any) -> None:
        give_up_at = monotonic() + PATIENCE_SECONDS
        while not await self.ask(question, *arguments):
            assert monotonic() < give_up_at, f"never true: {question}"
            await asyncio.sleep(0.3)


@asynccontextmanager
async def _stage(aws: str) -> AsyncIterator[Stage]:
    """Two executions of one task on one account, so that one waits for the other, and
    two tasks with a slot in each of some minutes that are to come."""
    async with ground() as servers:
        await servers.clone(HERE)
        settings = servers.settings(HERE, aws_emulator_url=aws)
        publisher = RedisPublisher(settings)
        database = Database(settings, publisher)
        async with database.unit_of_work(Login.OWNER) as session:
            organization_id = await make_organization(session, "Acme")
            await make_persona(session, settings, "alice", organization_id, Role.OWNER)
            account = await make_account(session, organization_id)
            by_hand = await make_task(
                session, organization_id, accounts=(account,), name="By hand", **READING
            )
            for _ in range(2):
                await make_execution(session, by_hand, account, status=Status.QUEUED)
            begun = await session.scalar(text("SELECT app_now()"))
            begun = begun.replace(microsecond=0)
            stage = Stage(
                servers, settings, begun + MINUTE * FIRST, begun + MINUTE * LAST
            )
            for name, grace in (("Late", timedelta(hours=1)), ("Given up", MINUTE)):
                await make_task(
                    session,
                    organization_id,
                    accounts=(account,),
                    name=name,
                    schedule=_minutely(stage),
                    next_run_at=stage.first,
                    misfire_grace_seconds=int(grace.total_seconds()),
                    **READING,
                )
        await database.close()
        await publisher.close()
        yield stage


def _minutely(stage: Stage) -> dict[str, Any]:
    return {
        "kind": "cron",
        "expression": "rate(1 minute)",
        "anchor": stage.first.isoformat(),
        "ends_at": (stage.last + MINUTE / 2).isoformat(),
        "timezone": "UTC",
    }


async def _until_said(process: Process, said: dict[str, int]) -> None:
    give_up_at = monotonic() + PATIENCE_SECONDS
    while True:
        log = await asyncio.to_thread(process.log.read_text)
        if all(log.count(words) >= times for words, times in said.items()):
            return
        assert monotonic() < give_up_at, f"never said: {said}"
        await asyncio.sleep(0.2)


def _is_alive(process: Process) -> bool:
    return psutil.Process(process.pid).status() != psutil.STATUS_ZOMBIE


async def _outage(stage: Stage, worker: Process, beat: Process) -> list[UUID]:
    """Stop the server, for as long as it takes that both have tried to reach it several
    times, and start it again; what was at work when it stopped."""
    started_at = await stage.ask(STARTED_AT)
    await stage.rows(AWAY_FOR_TEN_MINUTES.format(started_at=started_at.isoformat()))
    at_work = [row[0] for row in await stage.rows(RUNNING)]
    before = {row[0] for row in await stage.rows(RECORDED)}
    await asyncio.to_thread(stage.servers.postgres.stop)
    await _until_said(worker, SAID["worker"])
    await _until_said(beat, SAID["beat"])
    assert _is_alive(worker)
    assert _is_alive(beat)
    await stage.servers.revive_postgres()
    assert before <= {row[0] for row in await stage.rows(RECORDED)}
    return at_work


async def _judge(stage: Stage, interrupted: UUID) -> None:
    slots = [tuple(row) for row in await stage.rows(SLOTS, stage.first, stage.last)]
    minutes = [stage.first + MINUTE * number for number in range(LAST - FIRST + 1)]
    assert slots == [
        *(("Given up", minute, 0, 1) for minute in minutes),
        *(("Late", minute, 1, 0) for minute in minutes),
    ]
    gaps = [tuple(row) for row in await stage.rows(GAPS)]
    assert gaps == [("skipped", "scheduler_down", len(minutes))]
    executions = [tuple(row) for row in await stage.rows(EXECUTIONS)]
    assert {status for _, _, status, _ in executions} == {"succeeded"}
    names = Counter(name for _, name, _, _ in executions)
    assert names == {"By hand": 2, "Late": len(minutes)}
    attempts = {id: attempt for id, _, _, attempt in executions}
    assert attempts.pop(interrupted) == 2, "its worker lost it, and it was begun again"
    assert set(attempts.values()) == {1}


async def test_nothing_is_lost_while_postgres_is_away(tmp_path: Path) -> None:
    """The lease of what is at work is over when the server is back, for the worker
    extends none: it is done again, and what the first try finds is not recorded."""
    with fake_cloud(tmp_path, seed=1) as cloud:
        await cloud.steer(hold="ListGroups")
        async with _stage(cloud.url) as stage:
            with (
                running(
                    WORKER,
                    stage.settings,
                    tmp_path / "worker.log",
                    application="tests.tasks.heartless",
                ) as worker,
                running(BEAT, stage.settings, tmp_path / "beat.log") as beat,
            ):
                await stage.until(AT_WORK)
                [interrupted] = await _outage(stage, worker, beat)
                await stage.until(TAKEN_AWAY, interrupted)
                await cloud.steer()
                await stage.until(FINISHED)
                assert worker.stop() == beat.stop() == 0
            await _judge(stage, interrupted)
    assert "Traceback" not in worker.log.read_text()
