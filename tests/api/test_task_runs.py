"""Starting a task by hand, following it, cancelling it."""

import asyncio
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.models.run import TaskExecution, TaskRun
from app.models.task import Overlap, Task
from tests.builders import make_account, make_task
from tests.conftest import Client
from tests.personae import People


@pytest.fixture
async def task(database: Database, people: People) -> Task:
    async with database.unit_of_work(Login.OWNER) as session:
        organization_id = people.alice.organization_id
        account = await make_account(session, organization_id)
        return await make_task(session, organization_id, accounts=(account,))


async def test_a_start_records_a_run_with_its_executions(
    client: Client, people: People, task: Task
) -> None:
    olga = client(people.olga)
    answer = await olga.post(f"/api/v1/tasks/{task.id}/execute")
    assert answer.status_code == 202
    started = answer.json()
    runs = (await olga.get(f"/api/v1/tasks/{task.id}/runs")).json()["items"]
    assert [(run["id"], run["trigger"]) for run in runs] == [
        (started["run_id"], "manual")
    ]
    listed = (await olga.get(f"/api/v1/tasks/{task.id}/executions")).json()["items"]
    assert [one["id"] for one in listed] == started["executions"]


async def test_the_same_key_answers_the_same_run_even_at_the_same_moment(
    client: Client, people: People, task: Task, owner: AsyncSession
) -> None:
    olga = client(people.olga)
    headers = {"Idempotency-Key": "a-key-of-mine"}
    path = f"/api/v1/tasks/{task.id}/execute"
    answers = await asyncio.gather(
        *(olga.post(path, headers=headers) for _ in range(4))
    )
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.text for answer in answers}) == 1
    assert await owner.scalar(select(func.count()).select_from(TaskRun)) == 1


async def test_the_same_key_for_another_task_is_a_conflict(
    client: Client, people: People, task: Task, database: Database
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        other = await make_task(
            session, people.alice.organization_id, name="Other", selector={"a": "b"}
        )
    olga = client(people.olga)
    headers = {"Idempotency-Key": "a-key-of-mine"}
    await olga.post(f"/api/v1/tasks/{task.id}/execute", headers=headers)
    answer = await olga.post(f"/api/v1/tasks/{other.id}/execute", headers=headers)
    assert answer.status_code == 409
    assert answer.json()["code"] == "idempotency-key-reused"


async def test_refuses_a_second_unfinished_run_unless_runs_queue(
    client: Client, people: People, task: Task, database: Database
) -> None:
    olga = client(people.olga)
    path = f"/api/v1/tasks/{task.id}/execute"
    assert (await olga.post(path)).status_code == 202
    refused = await olga.post(path)
    assert (refused.status_code, refused.json()["code"]) == (409, "already-running")
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(update(Task).values(overlap=Overlap.QUEUE))
    assert (await olga.post(path)).status_code == 202


async def test_a_task_that_selects_no_account_is_not_started(
    client: Client, people: People, database: Database
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        task = await make_task(
            session, people.alice.organization_id, selector={"client": "nobody"}
        )
    answer = await client(people.olga).post(f"/api/v1/tasks/{task.id}/execute")
    assert (answer.status_code, answer.json()["code"]) == (409, "no-targets")


async def test_a_viewer_starts_nothing_and_a_stranger_finds_nothing(
    client: Client, people: People, task: Task
) -> None:
    path = f"/api/v1/tasks/{task.id}/execute"
    assert (await client(people.victor).post(path)).status_code == 403
    foreign = await client(people.mallory).post(path)
    unknown = await client(people.mallory).post(f"/api/v1/tasks/{uuid4()}/execute")
    assert (foreign.status_code, foreign.content) == (404, unknown.content)


async def test_a_queued_execution_is_cancelled_at_once_and_only_once(
    client: Client, people: People, task: Task
) -> None:
    olga = client(people.olga)
    started = (await olga.post(f"/api/v1/tasks/{task.id}/execute")).json()
    path = f"/api/v1/executions/{started['executions'][0]}/cancel"
    answer = await olga.post(path)
    assert (answer.status_code, answer.json()["status"]) == (202, "cancelled")
    [run] = (await olga.get(f"/api/v1/tasks/{task.id}/runs")).json()["items"]
    assert run["status"] == "cancelled"
    again = await olga.post(path)
    assert (again.status_code, again.json()["code"]) == (409, "illegal-transition")


async def test_a_running_execution_is_asked_to_stop(
    client: Client, people: People, task: Task, database: Database, owner: AsyncSession
) -> None:
    olga = client(people.olga)
    started = (await olga.post(f"/api/v1/tasks/{task.id}/execute")).json()
    id = UUID(started["executions"][0])
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(update(TaskExecution).values(status="running"))
    answer = await olga.post(f"/api/v1/executions/{id}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (202, "running")
    execution = await owner.get_one(TaskExecution, id)
    assert execution.cancel_requested_at is not None
