"""Executions of Acme's account where AWS is the fake: run to their end, and told."""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.aws.catalog.loader import catalog
from app.core.clock import now
from app.core.db import Database, Login
from app.core.ids import new_id
from app.models.aws_account import AWSAccount
from app.models.run import ExecutionUnit, Status, TaskExecution
from app.models.task import OnError, Task, TaskType
from app.services.claims import Claim
from app.tasks import executions
from app.tasks.stopping import Stop
from app.tasks.worker import Worker
from tests.aws.fake_aws import ACCOUNT, Asked, FakeAWS
from tests.builders import make_task
from tests.builders_runs import make_execution, make_run
from tests.claiming import take_one

REGION = "eu-central-1"


def answers_of_any_account() -> Mapping[str, Any]:
    keys = {
        "AccessKeyId": "ASIATENANTOFTHETESTS",
        "SecretAccessKey": "a-secret-of-the-fake",
        "SessionToken": "a-token-of-the-fake",
    }

    def assumed(_: Asked) -> Mapping[str, Any]:
        return {"Credentials": {**keys, "Expiration": now() + timedelta(hours=1)}}

    regions = [
        {"RegionName": one, "OptInStatus": "opt-in-not-required"}
        for one in sorted(catalog().regions)
    ]
    return {
        "sts:AssumeRole": assumed,
        "sts:GetCallerIdentity": {"Account": ACCOUNT},
        "ec2:DescribeRegions": {"Regions": regions},
    }


@dataclass
class Faked:
    """`stop` is that of the execution that runs, for the fake to look at or to ask."""

    fake: FakeAWS
    worker: Worker
    database: Database
    account: AWSAccount
    owner: AsyncSession
    stop: Stop | None = None

    async def make_task(
        self,
        *keys: str,
        type: TaskType = TaskType.RESOURCE_LIST,
        on_error: OnError = OnError.ISOLATE,
        regions: Sequence[str] = (REGION,),
    ) -> Task:
        """A task with exactly these listings or checks, in this order."""
        name = "operations" if type is TaskType.RESOURCE_LIST else "checks"
        async with self.database.unit_of_work(Login.OWNER) as session:
            return await make_task(
                session,
                self.account.organization_id,
                accounts=(self.account,),
                name=str(new_id()),
                type=type,
                services=tuple(dict.fromkeys(key.partition(":")[0] for key in keys)),
                regions=tuple(regions),
                parameters={name: list(keys)},
                on_error=on_error,
            )

    async def run(self, task: Task) -> TaskExecution:
        """The task once on the account, by the real worker."""
        async with self.database.unit_of_work(Login.OWNER) as session:
            run = await make_run(session, task)
            execution = await make_execution(
                session, task, self.account, run=run, status=Status.QUEUED
            )
        assert await take_one(self.worker, self._run)
        async with self.database.unit_of_work(Login.OWNER) as session:
            return await session.get_one(TaskExecution, execution.id)

    async def _run(self, worker: Worker, claim: Claim, stop: Stop) -> None:
        self.stop = stop
        self._loop = asyncio.get_running_loop()
        await executions.run(worker, claim, stop)

    def now_do(self, act: Coroutine[Any, Any, None]) -> None:
        """From a thread in which AWS is asked, on the loop."""
        asyncio.run_coroutine_threadsafe(act, self._loop).result(10)

    async def take_lease_away(self) -> None:
        """As the reaper does it."""
        async with self.database.unit_of_work(Login.OWNER) as session:
            await session.execute(
                update(TaskExecution).values(fence=TaskExecution.fence + 1)
            )

    async def units(self, execution_id: UUID) -> dict[str, ExecutionUnit]:
        """Its units by their keys; of several regions, the last."""
        async with self.database.unit_of_work(Login.OWNER) as session:
            units = await session.scalars(
                select(ExecutionUnit).where(ExecutionUnit.execution_id == execution_id)
            )
            return {unit.key: unit for unit in units}
