"""One run, and the chain that it belongs to."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.models.run import Status, TaskRun, Trigger
from app.models.task import Task
from tests.builders import make_account, make_task
from tests.builders_runs import make_run
from tests.conftest import Client
from tests.personae import People

RUNS = "/api/v1/runs"


@pytest.fixture
async def tasks(people: People, owner: AsyncSession) -> list[Task]:
    """One that Clara sees, and one that she does not."""
    made = []
    for name, id in (("north", "1" * 12), ("south", "2" * 12)):
        account = await make_account(
            owner,
            people.alice.organization_id,
            account_id=id,
            name=name,
            labels={"client": name},
        )
        made.append(
            await make_task(
                owner, account.organization_id, name=name, accounts=(account,)
            )
        )
    await owner.commit()
    return made


async def chained(owner: AsyncSession, root: TaskRun, task: Task) -> TaskRun:
    template = await make_run(owner, task)
    run = TaskRun(
        organization_id=root.organization_id,
        task_id=task.id,
        task_version_id=template.task_version_id,
        trigger=Trigger.CHAINED,
        root_run_id=root.id,
        status=Status.SKIPPED,
        reason="chain_interrupted",
    )
    owner.add(run)
    await owner.flush()
    return run


async def test_a_chain_is_read_from_any_of_its_runs_the_root_first(
    client: Client, people: People, tasks: list[Task], owner: AsyncSession
) -> None:
    root = await make_run(owner, tasks[0], status=Status.FAILED)
    follower = await chained(owner, root, tasks[1])
    await owner.commit()
    victor = client(people.victor)
    for run in (root, follower):
        chain = (await victor.get(f"{RUNS}/{run.id}/chain")).json()["items"]
        assert [UUID(one["id"]) for one in chain] == [root.id, follower.id]
    first, second = chain
    assert (first["trigger"], first["root_run_id"]) == ("manual", None)
    assert (second["trigger"], second["root_run_id"]) == ("chained", str(root.id))
    assert (second["status"], second["reason"]) == ("skipped", "chain_interrupted")
    assert [one["task_name"] for one in chain] == ["north", "south"]
    page = (await victor.get(f"{RUNS}/{root.id}/chain?limit=1")).json()
    rest = await victor.get(
        f"{RUNS}/{root.id}/chain?limit=1&cursor={page['next_cursor']}"
    )
    assert [one["id"] for one in rest.json()["items"]] == [str(follower.id)]


async def test_clara_sees_of_a_chain_the_runs_of_tasks_that_she_sees(
    client: Client, people: People, tasks: list[Task], owner: AsyncSession
) -> None:
    root = await make_run(owner, tasks[0], status=Status.FAILED)
    follower = await chained(owner, root, tasks[1])
    await owner.commit()
    clara = client(people.clara)
    chain = (await clara.get(f"{RUNS}/{root.id}/chain")).json()["items"]
    assert [one["id"] for one in chain] == [str(root.id)]
    unknown = await clara.get(f"{RUNS}/{uuid4()}")
    for path in (f"{RUNS}/{follower.id}", f"{RUNS}/{follower.id}/chain"):
        answer = await clara.get(path)
        assert (answer.status_code, answer.content) == (404, unknown.content)
    foreign = await client(people.mallory).get(f"{RUNS}/{root.id}")
    assert (foreign.status_code, foreign.content) == (404, unknown.content)


async def test_the_run_of_a_deleted_task_is_still_read(
    client: Client, people: People, tasks: list[Task], owner: AsyncSession
) -> None:
    run = await make_run(owner, tasks[0], status=Status.SUCCEEDED)
    await owner.commit()
    olga = client(people.olga)
    assert (await olga.delete(f"/api/v1/tasks/{tasks[0].id}")).status_code == 204
    read = (await olga.get(f"{RUNS}/{run.id}")).json()
    assert (read["id"], read["status"]) == (str(run.id), "succeeded")
