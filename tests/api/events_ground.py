"""Accounts with executions that wait, for tests to change and to be told of."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import update

from app.core.db import Database, Login
from app.models.aws_account import AWSAccount
from app.models.run import Status, TaskExecution
from tests.builders import make_account, make_task
from tests.builders_runs import make_execution
from tests.personae import People


@dataclass(frozen=True)
class Ground:
    """Two accounts of Acme, of which Clara sees `north`, and one of Mallory's, `evil`:
    each with an execution that waits."""

    database: Database
    accounts: dict[str, AWSAccount]
    executions: dict[str, TaskExecution]

    def id_of(self, name: str) -> str:
        return str(self.executions[name].id)

    async def change(self, *names: str, **values: Any) -> None:
        """Each in a statement of its own, all in one transaction of a worker."""
        organization_id = self.executions[names[0]].organization_id
        async with self.database.unit_of_work(
            Login.WORKER, organization_id=organization_id
        ) as session:
            for name in names:
                await session.execute(
                    update(TaskExecution)
                    .where(TaskExecution.id == self.executions[name].id)
                    .values(values)
                )

    async def start(self, *names: str) -> None:
        await self.change(*names, status=Status.RUNNING)

    async def end(self, *names: str) -> None:
        await self.change(*names, status=Status.SUCCEEDED)


async def make_ground(database: Database, people: People) -> Ground:
    acme, evil = people.alice.organization_id, people.mallory.organization_id
    accounts: dict[str, AWSAccount] = {}
    executions: dict[str, TaskExecution] = {}
    async with database.unit_of_work(Login.OWNER) as session:
        for name, tenant, label in (
            ("north", acme, "north"),
            ("south", acme, "south"),
            ("evil", evil, "north"),
        ):
            account = await make_account(
                session,
                tenant,
                account_id=f"{len(accounts):012}",
                name=name,
                labels={"client": label},
            )
            task = await make_task(session, tenant, accounts=(account,), name=name)
            accounts[name] = account
            executions[name] = await make_execution(
                session, task, account, status=Status.QUEUED
            )
    return Ground(database, accounts, executions)
