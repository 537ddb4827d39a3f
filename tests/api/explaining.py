"""What tests of explanations share: a task's execution in some state, and the question
why."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update

from app.core.db import Database, Login
from app.models.aws_account import AWSAccount
from app.models.run import Status, TaskExecution
from app.models.task import ActionKind, Task
from app.services import claims
from tests.builders import make_task
from tests.builders_runs import make_execution
from tests.conftest import Client
from tests.personae import Persona

MoveClock = Callable[[str], Awaitable[None]]
MINUTELY = {"kind": "cron", "expression": "* * * * *", "timezone": "UTC"}
Sentences = dict[str, str]


async def a_task(database: Database, account: AWSAccount, **facts: Any) -> Task:
    async with database.unit_of_work(Login.OWNER) as session:
        return await make_task(
            session, account.organization_id, accounts=(account,), **facts
        )


async def queued(
    database: Database, task: Task, account: AWSAccount, **facts: Any
) -> UUID:
    async with database.unit_of_work(Login.OWNER) as session:
        execution = await make_execution(session, task, account, status=Status.QUEUED)
        for name, value in facts.items():
            setattr(execution, name, value)
        return execution.id


async def claim(database: Database) -> None:
    async with database.system_session("claim") as session:
        assert await claims.claim(
            session, kind=ActionKind.READ, worker="w", running_cap=99, most=1
        )


async def change(database: Database, id: UUID, **values: Any) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(
            update(TaskExecution).where(TaskExecution.id == id).values(**values)
        )


async def asked(client: Client, persona: Persona, what: str, id: UUID) -> Sentences:
    """The sentences by their codes. Those with an instant come first, in its order."""
    answer = await client(persona).get(f"/api/v1/{what}/{id}/explanation")
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert UUID(told["id"]) == id
    instants = [one["at"] for one in told["sentences"] if what == "executions"]
    dated = [datetime.fromisoformat(at) for at in instants if at is not None]
    assert dated == sorted(dated)
    assert instants[: len(dated)] == [at for at in instants if at is not None]
    return {one["code"]: one["text"] for one in told["sentences"]}
