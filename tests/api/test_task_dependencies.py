"""Tasks that run after tasks: made, changed, refused, and seen only by who may."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.models.aws_account import AWSAccount
from app.models.task import TaskDependency
from tests.builders import a_task, make_account
from tests.conftest import Client
from tests.personae import People

TASKS = "/api/v1/tasks"


@pytest.fixture
async def account(people: People, owner: AsyncSession) -> AWSAccount:
    account = await make_account(
        owner, people.alice.organization_id, labels={"client": "north"}
    )
    await owner.commit()
    return account


@pytest.fixture
def olga(client: Client, people: People) -> AsyncClient:
    return client(people.olga)


async def make(
    olga: AsyncClient,
    account: AWSAccount,
    name: str,
    *after: str,
    on: str | None = None,
) -> str:
    """The id of a task that runs after these."""
    how = {} if on is None else {"on": on}
    named = [{"task_id": id, **how} for id in after]
    body = a_task(account, name=name, after=named)
    answer = await olga.post(TASKS, json=body)
    assert answer.status_code == 201, answer.text
    id: str = answer.json()["id"]
    return id


async def let_follow(olga: AsyncClient, task: str, *after: str) -> Response:
    named = [{"task_id": id} for id in after]
    return await olga.patch(f"{TASKS}/{task}", json={"after": named})


async def links(owner: AsyncSession) -> set[tuple[str, str, str]]:
    await owner.rollback()
    rows = await owner.scalars(select(TaskDependency))
    return {
        (str(row.task_id), str(row.after_task_id), row.run_end.value) for row in rows
    }


def errors_of(answer: Response) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    return [(one["pointer"], one["code"]) for one in answer.json()["errors"]]


async def test_what_a_task_runs_after_is_part_of_its_definition(
    olga: AsyncClient, account: AWSAccount, owner: AsyncSession
) -> None:
    first = await make(olga, account, "first")
    second = await make(olga, account, "second", first)
    third = await make(olga, account, "third", first, second, on="finished")
    assert await links(owner) == {
        (second, first, "succeeded"),
        (third, first, "finished"),
        (third, second, "finished"),
    }
    read = (await olga.get(f"{TASKS}/{second}")).json()
    assert read["after"] == [{"task_id": first, "on": "succeeded"}]
    changed = (await let_follow(olga, third, second)).json()
    assert changed["after"] == [{"task_id": second, "on": "succeeded"}]
    assert changed["version"] == 2
    assert (third, first, "finished") not in await links(owner)
    versions = (await olga.get(f"{TASKS}/{third}/versions")).json()["items"]
    assert [len(version["after"]) for version in versions] == [1, 2]
    none = (await let_follow(olga, third)).json()
    assert none["after"] == []
    assert await links(owner) == {(second, first, "succeeded")}


async def test_the_same_in_another_order_is_no_change(
    olga: AsyncClient, account: AWSAccount
) -> None:
    first = await make(olga, account, "first")
    second = await make(olga, account, "second")
    third = await make(olga, account, "third", first, second)
    answer = await let_follow(olga, third, second, first)
    assert (answer.status_code, answer.json()["version"]) == (200, 1)


async def test_what_stays_keeps_its_age(
    olga: AsyncClient, account: AWSAccount, owner: AsyncSession
) -> None:
    """Chains that are under way count what was made before them."""
    first = await make(olga, account, "first")
    second = await make(olga, account, "second", first)
    made = await owner.scalar(select(TaskDependency.created_at))
    changed = {"after": [{"task_id": first, "on": "failed"}]}
    assert (await olga.patch(f"{TASKS}/{second}", json=changed)).status_code == 200
    assert await links(owner) == {(second, first, "failed")}
    assert await owner.scalar(select(TaskDependency.created_at)) == made


async def test_a_ring_is_refused_by_name(
    olga: AsyncClient, account: AWSAccount, owner: AsyncSession
) -> None:
    first = await make(olga, account, "first")
    other = await make(olga, account, "other")
    second = await make(olga, account, "second", first)
    third = await make(olga, account, "third", second)
    before = await links(owner)
    answer = await let_follow(olga, first, other, third)
    assert errors_of(answer) == [("/after/1/task_id", "cycle")]
    assert "first, then second, then third, then first" in answer.json()["detail"]
    assert errors_of(await let_follow(olga, first, first)) == [
        ("/after/0/task_id", "cycle")
    ]
    wanted = a_task(account, name="first", after=[{"task_id": third}], replaces=first)
    previewed = await olga.post(f"{TASKS}/preview", json=wanted)
    assert errors_of(previewed) == [("/after/0/task_id", "cycle")]
    assert await links(owner) == before


async def test_two_edits_at_once_close_no_ring(
    olga: AsyncClient, account: AWSAccount
) -> None:
    """Of which neither changes a task that the other one names."""
    first = await make(olga, account, "first")
    second = await make(olga, account, "second", first)
    third = await make(olga, account, "third")
    fourth = await make(olga, account, "fourth", third)
    for _ in range(5):
        answers = await asyncio.gather(
            let_follow(olga, third, second), let_follow(olga, first, fourth)
        )
        assert sorted(one.status_code for one in answers) == [200, 422]
        await let_follow(olga, first)
        await let_follow(olga, third)


async def test_a_task_that_others_run_after_is_not_deleted(
    olga: AsyncClient, account: AWSAccount, owner: AsyncSession
) -> None:
    first = await make(olga, account, "first")
    second = await make(olga, account, "second", first)
    refused = await olga.delete(f"{TASKS}/{first}")
    assert (refused.status_code, refused.json()["code"]) == (409, "task-followed")
    assert "second" in refused.json()["detail"]
    assert (await olga.delete(f"{TASKS}/{second}")).status_code == 204
    assert await links(owner) == set()
    assert (await olga.delete(f"{TASKS}/{first}")).status_code == 204
    versions = (await olga.get(f"{TASKS}/{second}/versions")).json()["items"]
    assert versions[0]["after"] == [{"task_id": first, "on": "succeeded"}]


async def test_nothing_is_left_running_after_a_task_deleted_at_the_same_moment(
    olga: AsyncClient, account: AWSAccount, owner: AsyncSession
) -> None:
    second = await make(olga, account, "second")
    for number in range(5):
        first = await make(olga, account, f"first {number}")
        followed, deleted = await asyncio.gather(
            let_follow(olga, second, first), olga.delete(f"{TASKS}/{first}")
        )
        assert (followed.status_code, deleted.status_code) in {(200, 409), (422, 204)}
        if followed.status_code == 200:
            await let_follow(olga, second)
    assert await links(owner) == set()


async def test_a_deleted_task_is_not_run_after(
    olga: AsyncClient, account: AWSAccount
) -> None:
    first = await make(olga, account, "first")
    second = await make(olga, account, "second")
    await olga.delete(f"{TASKS}/{first}")
    answer = await let_follow(olga, second, first)
    assert errors_of(answer) == [("/after/0/task_id", "unknown")]


@pytest.fixture
async def south(people: People, owner: AsyncSession) -> AWSAccount:
    """An account that Clara does not see."""
    south = await make_account(
        owner,
        people.alice.organization_id,
        account_id="222222222222",
        name="South",
        labels={"client": "south"},
    )
    await owner.commit()
    return south


async def test_clara_runs_hers_only_after_what_she_sees(
    client: Client,
    people: People,
    olga: AsyncClient,
    account: AWSAccount,
    south: AWSAccount,
) -> None:
    seen = await make(olga, account, "seen")
    unseen = await make(olga, south, "unseen")
    clara = client(people.clara)
    hers = await make(clara, account, "hers", seen)
    for id in (unseen, str(uuid4())):
        answer = await let_follow(clara, hers, seen, id)
        assert errors_of(answer) == [("/after/1/task_id", "unknown")]
        body = a_task(account, name="another", after=[{"task_id": id}])
        for path in (TASKS, f"{TASKS}/preview"):
            answer = await clara.post(path, json=body)
            assert errors_of(answer) == [("/after/0/task_id", "unknown")]


async def test_what_clara_does_not_see_is_not_shown_and_not_let_go_by_her(
    client: Client,
    people: People,
    olga: AsyncClient,
    account: AWSAccount,
    south: AWSAccount,
    owner: AsyncSession,
) -> None:
    seen = await make(olga, account, "seen")
    unseen = await make(olga, south, "unseen")
    both = await make(olga, account, "both", seen, unseen)
    clara = client(people.clara)
    shown = await clara.get(f"{TASKS}/{both}")
    assert shown.json()["after"] == [{"task_id": seen, "on": "succeeded"}]
    echoed = await clara.patch(f"{TASKS}/{both}", json={"after": shown.json()["after"]})
    assert (echoed.status_code, echoed.json()["version"]) == (200, 1)
    emptied = await let_follow(clara, both)
    assert (emptied.json()["after"], emptied.json()["version"]) == ([], 2)
    versions = await clara.get(f"{TASKS}/{both}/versions")
    assert unseen not in shown.text + echoed.text + emptied.text + versions.text
    assert await links(owner) == {(both, unseen, "succeeded")}


async def test_a_ring_through_what_clara_does_not_see_does_not_name_it(
    client: Client,
    people: People,
    olga: AsyncClient,
    account: AWSAccount,
    south: AWSAccount,
) -> None:
    first = await make(olga, account, "first")
    unseen = await make(olga, south, "unseen", first)
    third = await make(olga, account, "third", unseen)
    answer = await let_follow(client(people.clara), first, third)
    assert errors_of(answer) == [("/after/0/task_id", "cycle")]
    assert "unseen" not in answer.text
    assert "a task that you do not see" in answer.json()["detail"]
    refused = await client(people.clara).delete(f"{TASKS}/{first}")
    assert refused.status_code == 409
    assert "unseen" not in refused.text
    assert "1 that you do not see" in refused.json()["detail"]


async def test_another_tenants_task_is_unknown(
    client: Client,
    people: People,
    olga: AsyncClient,
    account: AWSAccount,
    owner: AsyncSession,
) -> None:
    evil = await make_account(
        owner, people.mallory.organization_id, account_id="666666666666"
    )
    await owner.commit()
    hers = await make(client(people.mallory), evil, "hers")
    mine = await make(olga, account, "mine")
    answer = await let_follow(olga, mine, hers)
    assert errors_of(answer) == [("/after/0/task_id", "unknown")]


async def test_a_viewer_reads_what_runs_after_what(
    client: Client,
    people: People,
    olga: AsyncClient,
    account: AWSAccount,
    owner: AsyncSession,
) -> None:
    first = await make(olga, account, "first")
    second = await make(olga, account, "second", first)
    victor = client(people.victor)
    read: dict[str, Any] = (await victor.get(f"{TASKS}/{second}")).json()
    assert [UUID(one["task_id"]) for one in read["after"]] == [UUID(first)]
    assert (await let_follow(victor, second)).status_code == 403
    assert await owner.scalar(select(func.count()).select_from(TaskDependency)) == 1
