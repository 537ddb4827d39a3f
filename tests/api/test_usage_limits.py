"""What is started by hand counts like slots do, and is refused where the plan has not
enough left."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.models.aws_account import AWSAccount
from app.models.run import Status, TaskExecution, TaskRun
from app.models.subscription import SubscriptionStatus
from app.models.task import Overlap, Task
from tests.builders import make_account, make_task
from tests.builders_runs import make_execution, make_run
from tests.conftest import Client
from tests.locks import until_it_waits
from tests.personae import People
from tests.using import change_subscription, limit, use, used

RERUN = "/api/v1/executions/rerun"


@pytest.fixture
async def account(people: People, database: Database) -> AWSAccount:
    async with database.unit_of_work(Login.OWNER) as session:
        return await make_account(session, people.alice.organization_id)


async def make(
    database: Database, account: AWSAccount, name: str = "Nightly list"
) -> Task:
    async with database.unit_of_work(Login.OWNER) as session:
        return await make_task(
            session,
            account.organization_id,
            name=name,
            accounts=(account,),
            overlap=Overlap.QUEUE,
        )


async def fail(database: Database, task: Task, account: AWSAccount) -> UUID:
    async with database.unit_of_work(Login.OWNER) as session:
        run = await make_run(session, task, status=Status.FAILED)
        execution = await make_execution(
            session, task, account, run=run, status=Status.FAILED
        )
        return execution.id


def execute(task: Task) -> str:
    return f"/api/v1/tasks/{task.id}/execute"


async def count(owner: AsyncSession, table: type[TaskRun | TaskExecution]) -> int:
    return (await owner.execute(select(func.count(table.id)))).scalar_one()


async def test_a_start_by_hand_is_counted_and_its_repetition_is_not(
    client: Client, people: People, database: Database, account: AWSAccount
) -> None:
    olga, task = client(people.olga), await make(database, account)
    for _ in range(2):
        answer = await olga.post(execute(task), headers={"Idempotency-Key": "once"})
        assert answer.status_code == 202
    assert await used(database, account.organization_id) == (1, 0, 0)


async def test_a_start_beyond_the_plan_is_refused_with_what_is_used(
    client: Client,
    people: People,
    database: Database,
    account: AWSAccount,
    owner: AsyncSession,
) -> None:
    tenant = account.organization_id
    await limit(database, tenant, executions_per_month=1000)
    await use(database, tenant, executions=1000)
    answer = await client(people.olga).post(execute(await make(database, account)))
    assert answer.status_code == 402
    body = answer.json()
    assert body["code"] == "plan-limit"
    [field] = body["errors"]
    assert field["code"] == "executions_per_month"
    assert "1,000 of 1,000 executions of this month are used" in body["detail"]
    assert await count(owner, TaskRun) == 0
    assert await used(database, tenant) == (1000, 0, 0)


async def test_a_start_after_the_last_call_to_aws_is_refused(
    client: Client, people: People, database: Database, account: AWSAccount
) -> None:
    tenant = account.organization_id
    await limit(database, tenant, aws_calls_per_month=50_000)
    await use(database, tenant, aws_calls=50_001)
    answer = await client(people.olga).post(execute(await make(database, account)))
    assert answer.status_code == 402
    assert answer.json()["errors"][0]["code"] == "aws_calls_per_month"
    assert "50,001 of 50,000 calls to AWS" in answer.json()["detail"]


async def test_a_start_on_a_plan_that_was_not_paid_for_is_refused(
    client: Client, people: People, database: Database, account: AWSAccount
) -> None:
    past_due: dict[str, Any] = {
        "status": SubscriptionStatus.PAST_DUE,
        "past_due_since": func.app_now() - text("interval '8 days'"),
    }
    await change_subscription(database, account.organization_id, **past_due)
    answer = await client(people.olga).post(execute(await make(database, account)))
    assert answer.status_code == 402


async def test_starts_at_once_do_not_pass_the_limit_together(
    client: Client,
    people: People,
    database: Database,
    account: AWSAccount,
    owner: AsyncSession,
) -> None:
    tenant = account.organization_id
    await limit(database, tenant, executions_per_month=10)
    olga = client(people.olga)
    tasks = [await make(database, account, f"Task {number}") for number in range(30)]
    answers = await asyncio.gather(*(olga.post(execute(task)) for task in tasks))
    statuses = [answer.status_code for answer in answers]
    assert (statuses.count(202), statuses.count(402)) == (10, 20)
    assert await count(owner, TaskExecution) == 10
    assert await used(database, tenant) == (10, 0, 0)


async def test_what_is_run_again_counts_and_what_the_plan_leaves_no_room_for_is_told(
    client: Client, people: People, database: Database, account: AWSAccount
) -> None:
    tenant = account.organization_id
    await limit(database, tenant, executions_per_month=1)
    ids = [
        str(await fail(database, await make(database, account, name), account))
        for name in ("First", "Second")
    ]
    answer = await client(people.olga).post(RERUN, json={"execution_ids": ids})
    assert answer.status_code == 202
    outcomes = sorted(item["outcome"] for item in answer.json()["items"])
    assert outcomes == ["plan_limit", "started"]
    assert await used(database, tenant) == (1, 0, 0)


async def test_who_runs_much_again_has_all_its_tasks_before_it_holds_the_month(
    client: Client,
    people: People,
    database: Database,
    account: AWSAccount,
    owner: AsyncSession,
) -> None:
    """A beat holds its tasks and waits for the month: whoever holds the month must not
    wait for one of them."""
    tenant = account.organization_id
    await limit(database, tenant, executions_per_month=100)
    await use(database, tenant, executions=1)
    tasks = [await make(database, account, f"Task {number}") for number in range(3)]
    for task in tasks:
        await fail(database, task, account)
    last = max(task.id for task in tasks)
    as_a_beat = update(Task).where(Task.id == last).values(next_run_at=None)
    await owner.execute(as_a_beat)
    again = client(people.olga).post(
        RERUN, json={"account_id": str(account.id), "status": ["failed"]}
    )
    asked = asyncio.create_task(again)
    await until_it_waits(database, asked)
    assert not asked.done()
    await owner.execute(text("SELECT FROM usage_months FOR UPDATE NOWAIT"))
    await owner.commit()
    answer = await asked
    assert {item["outcome"] for item in answer.json()["items"]} == {"started"}
