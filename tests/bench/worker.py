"""A real worker process that reads an account, and what that costs it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import func, select

from app.core.db import Database, Login
from app.core.settings import Settings
from app.models.aws_account import AWSAccount
from app.models.inventory import Scope, ScopeRead
from app.models.run import Status, TaskExecution, TaskResult
from app.models.task import Task
from app.tasks.publisher import RedisPublisher
from tests.bench.cloud_place import ACCOUNT, REGION
from tests.bench.spent import cpu_of, most_mib_of
from tests.builders import make_account, make_task
from tests.personae import make_people
from tests.tasks.conftest import queue_execution
from tests.tasks.processes import WORKER, Process, running

LISTED: Mapping[str, Any] = {
    "services": ("lambda", "dynamodb"),
    "parameters": {"operations": ["lambda:ListFunctions", "dynamodb:DescribeTable"]},
}
_UNPACED = 1_000_000  # calls per second: the pace is asked for, and never waited for


@dataclass(frozen=True)
class Cost:
    """Of one execution, in a worker that had run none or some before: seconds from its
    claim to its end, seconds of CPU, calls; the most MiB its process ever held; how
    many items of each service it read."""

    wall: float
    cpu: float
    calls: int
    most_mib: float
    found: Mapping[str, int]

    def __str__(self) -> str:
        return (
            f"{self.wall:8.2f} s {self.cpu:8.2f} s CPU {self.calls:8,} calls"
            f" {self.most_mib:6.0f} MiB"
        )


def settings_for(settings: Settings, url: str) -> Settings:
    return settings.model_copy(
        update={
            "aws_emulator_url": url,
            "platform_access_key_id": "AKIAOFTHEBENCHMARKS0",
            "platform_secret_access_key": SecretStr("secret"),
            "aws_calls_per_second": _UNPACED,
            "aws_calls_burst": _UNPACED,
        }
    )


@dataclass
class BenchWorker:
    """One worker process, and a task for it."""

    database: Database
    process: Process
    account: AWSAccount
    task: Task

    async def run(self) -> Cost:
        before = cpu_of(self.process.pid)
        id = await queue_execution(self.database, self.task, self.account)
        execution = await self._ended(id)
        cpu = cpu_of(self.process.pid) - before
        assert execution.status == Status.SUCCEEDED, execution.error
        assert execution.started_at is not None
        assert execution.finished_at is not None
        async with self.database.unit_of_work(Login.OWNER) as session:
            calls = await session.scalar(
                select(TaskResult.calls).where(TaskResult.execution_id == id)
            )
            read = await session.execute(
                select(Scope.service, func.sum(ScopeRead.items))
                .join(ScopeRead, ScopeRead.scope_id == Scope.id)
                .where(ScopeRead.execution_id == id)
                .group_by(Scope.service)
            )
            found = {service: int(items) for service, items in read}
        took = execution.finished_at - execution.started_at
        most_mib = most_mib_of(self.process.pid)
        return Cost(took.total_seconds(), cpu, calls or 0, most_mib, found)

    async def _ended(self, id: UUID) -> TaskExecution:
        while True:
            async with self.database.unit_of_work(Login.OWNER) as session:
                execution = await session.get_one(TaskExecution, id)
            if execution.finished_at is not None:
                return execution
            await asyncio.sleep(0.2)


@asynccontextmanager
async def bench_worker(
    settings: Settings, log: Path, wanted: Mapping[str, Any] = LISTED
) -> AsyncIterator[BenchWorker]:
    """`settings` are those of `settings_for`, and lead to a migrated database; `wanted`
    is what the task is about."""
    publisher = RedisPublisher(settings)
    database = Database(settings, publisher)
    people = await make_people(database, settings)
    async with database.unit_of_work(Login.OWNER) as session:
        tenant = people.alice.organization_id
        account = await make_account(session, tenant, account_id=ACCOUNT)
        task = await make_task(
            session,
            tenant,
            accounts=(account,),
            regions=(REGION,),
            timeout_seconds=3600,
            **wanted,
        )
    with running(WORKER, settings, log) as process:
        yield BenchWorker(database, process, account, task)
    await database.close()
    await publisher.close()
