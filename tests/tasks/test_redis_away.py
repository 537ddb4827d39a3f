"""Redis goes away while worker and beat run, and comes back: work goes on by polling,
the beat counts what it could not send, a worker can be stopped meanwhile, and hints
flow again afterwards."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from pydantic import SecretStr
from redis.asyncio import Redis
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import monotonic, now
from app.core.db import Database, Login
from app.core.embedded import Valkey
from app.core.embedded.process import free_port
from app.core.settings import Settings
from app.models.aws_account import AWSAccount
from app.models.task import Overlap
from tests.builders import make_account, make_task
from tests.chaos.fake_aws import FakeCloud, fake_cloud
from tests.personae import People
from tests.tasks.processes import BEAT, WORKER, Process, running

PATIENCE_SECONDS = 120
NOT_SENT = "cloudrota_hints_not_sent_total "
SAID = "hints.not_sent"
QUEUE = "read.normal"
FINISHED = text(
    "SELECT count(*) = :count FROM task_executions WHERE status = 'succeeded'"
)
AT_WORK = text("SELECT count(*) = 1 FROM execution_units WHERE status = 'running'")
HELD = text("SELECT count(*) FROM task_executions WHERE lease_owner IS NOT NULL")
GIVEN_BACK = text(
    "SELECT count(*) FROM task_executions WHERE status = 'queued'"
    " AND reason = 'released' AND attempt = 0 AND fence = 2"
)
TWICE = text(
    "SELECT count(*) FROM task_runs r LEFT JOIN task_executions e ON e.run_id = r.id"
    " GROUP BY r.task_id HAVING count(DISTINCT r.id) <> 1 OR count(e.id) <> 1"
)


@dataclass
class Stage:
    database: Database
    owner: AsyncSession
    account: AWSAccount
    settings: Settings
    cloud: FakeCloud
    valkey: Valkey
    metrics_port: int
    due: int = 0

    async def make_due(self) -> None:
        """One more task, whose one slot of the year is now."""
        self.due += 1
        async with self.database.unit_of_work(Login.OWNER) as session:
            await make_task(
                session,
                self.account.organization_id,
                accounts=(self.account,),
                name=f"Task {self.due}",
                services=("iam",),
                parameters={"operations": ["iam:ListGroups"]},
                overlap=Overlap.QUEUE,
                schedule={
                    "kind": "cron",
                    "expression": "0 0 29 2 *",
                    "timezone": "UTC",
                },
                next_run_at=now(),
            )

    async def until_finished(self) -> None:
        await self.until(FINISHED.bindparams(count=self.due))

    async def until(self, question: TextClause) -> None:
        async def is_so() -> bool:
            await self.owner.rollback()
            return bool(await self.owner.scalar(question))

        await _until(is_so, str(question))

    async def hints_not_sent(self) -> float:
        """As the beat tells whoever scrapes it."""
        async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
            answer = await client.get(f"http://127.0.0.1:{self.metrics_port}/metrics")
        [line] = [li for li in answer.text.splitlines() if li.startswith(NOT_SENT)]
        return float(line.removeprefix(NOT_SENT))

    async def away(self) -> None:
        assert await asyncio.to_thread(self.valkey.stop)

    async def back(self) -> None:
        await asyncio.to_thread(self.valkey.start)


async def _until(is_so: Callable[[], Awaitable[bool]], what: str) -> None:
    give_up_at = monotonic() + PATIENCE_SECONDS
    while not await is_so():
        assert monotonic() < give_up_at, f"never so: {what}"
        await asyncio.sleep(0.2)


async def _until_logged(process: Process, words: str) -> None:
    async def is_so() -> bool:
        return words in await asyncio.to_thread(process.log.read_text)

    await _until(is_so, words)


@asynccontextmanager
async def _stage(
    configured: Settings, database: Database, owner: AsyncSession, id: UUID, path: Path
) -> AsyncIterator[Stage]:
    async with database.unit_of_work(Login.OWNER) as session:
        account = await make_account(session, id)
    valkey = Valkey(path / "valkey", port=free_port(), durable=False)
    try:
        server = await asyncio.to_thread(valkey.start)
        with fake_cloud(path, seed=1) as cloud:
            update: dict[str, Any] = {
                "redis_url": SecretStr(server.url),
                "aws_emulator_url": cloud.url,
                "platform_access_key_id": "AKIAPLATFORMOFTESTS0",
                "platform_secret_access_key": SecretStr("a-secret-of-the-fake"),
            }
            settings = configured.model_copy(update=update)
            yield Stage(database, owner, account, settings, cloud, valkey, free_port())
    finally:
        await asyncio.to_thread(valkey.remove)


async def test_work_goes_on_without_redis_and_hints_flow_when_it_is_back(
    configured: Settings,
    database: Database,
    people: People,
    owner: AsyncSession,
    tmp_path: Path,
) -> None:
    id = people.alice.organization_id
    async with _stage(configured, database, owner, id, tmp_path) as stage:
        port = str(stage.metrics_port)
        log = tmp_path / "worker.log"
        with (
            running(WORKER, stage.settings, log) as worker,
            running(
                BEAT, stage.settings, tmp_path / "b.log", METRICS_PORT=port
            ) as beat,
        ):
            await stage.make_due()
            await stage.until_finished()
            assert await stage.hints_not_sent() == 0
            await stage.away()
            await _found_by_polling(stage, beat)
            await _stopped_and_started(stage, worker)
            await stage.back()
            await _hinted(stage)
            assert worker.stop() == beat.stop() == 0
        await owner.rollback()
        assert await owner.scalar(TWICE) is None


async def _found_by_polling(stage: Stage, beat: Process) -> None:
    await stage.make_due()
    await stage.until_finished()
    assert await stage.hints_not_sent() >= 1
    assert SAID in await asyncio.to_thread(beat.log.read_text)


async def _stopped_and_started(stage: Stage, worker: Process) -> None:
    """SIGTERM between two calls to AWS: the execution is given back, and the worker
    that is started next, without Redis too, does it."""
    await stage.cloud.steer(hold="GetCallerIdentity")
    await stage.make_due()
    await stage.until(AT_WORK)
    stopped = asyncio.create_task(asyncio.to_thread(worker.stop))
    await _until_logged(worker, "Warm shutdown")
    await stage.cloud.steer()
    assert await stopped == 0
    await stage.owner.rollback()
    assert await stage.owner.scalar(HELD) == 0
    assert await stage.owner.scalar(GIVEN_BACK) == 1
    worker.start()
    await stage.until_finished()


async def _hinted(stage: Stage) -> None:
    """The beat's hint reaches Redis, which knows nothing of before, and the worker
    takes it from there."""
    not_sent = await stage.hints_not_sent()
    await stage.make_due()
    await stage.until_finished()
    assert await stage.hints_not_sent() == not_sent
    async with Redis.from_url(stage.settings.redis_url.get_secret_value()) as redis:

        async def is_taken() -> bool:
            pushed = (await redis.info("commandstats")).get("cmdstat_lpush", {})
            return pushed.get("calls", 0) >= 1 and not await redis.llen(QUEUE)

        await _until(is_taken, "a hint was taken")
