"""Problems over HTTP, and how failures become them."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from app.core.db import Database, Login
from app.models.audit import AuditEvent
from app.models.task import Task
from app.services.problems import Recorded, record_failure, record_recovery
from tests.builders import make_task
from tests.builders_runs import an_error, make_execution
from tests.conftest import Client
from tests.personae import People, Persona
from tests.services.reading import Reader, make_reader

URL = "/api/v1/problems"


@pytest.fixture
async def reader(database: Database, people: People) -> Reader:
    return await make_reader(database, people.alice, labels={"client": "south"})


async def fail(reader: Reader, task: Task | None = None, **error: Any) -> Recorded:
    async with reader.database.unit_of_work(Login.OWNER) as session:
        execution = await make_execution(session, task or reader.task, reader.account)
    async with reader.database.unit_of_work(
        Login.WORKER, organization_id=reader.account.organization_id
    ) as session:
        return await record_failure(
            session,
            organization_id=reader.account.organization_id,
            aws_account_id=reader.account.id,
            execution_id=execution.id,
            error=an_error(**error),
        )


async def recover(reader: Reader, task: Task | None = None) -> list[UUID]:
    async with reader.database.unit_of_work(
        Login.WORKER, organization_id=reader.account.organization_id
    ) as session:
        return await record_recovery(
            session,
            organization_id=reader.account.organization_id,
            aws_account_id=reader.account.id,
            task_id=(task or reader.task).id,
        )


async def another_task(reader: Reader) -> Task:
    async with reader.database.unit_of_work(Login.OWNER) as session:
        return await make_task(
            session,
            reader.account.organization_id,
            accounts=(reader.account,),
            name="Another",
        )


async def listed(client: Client, people: People, **params: str) -> list[Any]:
    answer = await client(people.victor).get(URL, params=params)
    assert answer.status_code == 200, answer.text
    items: list[Any] = answer.json()["items"]
    return items


async def test_one_cause_under_many_tasks_is_one_problem_with_a_count(
    client: Client, people: People, reader: Reader
) -> None:
    first = await fail(reader)
    second = await fail(reader, await another_task(reader))
    assert (first.opened, second.opened) == (True, False)
    assert first.problem_id == second.problem_id
    (problem,) = await listed(client, people)
    assert (problem["count"], problem["status"]) == (2, "open")
    assert problem["first_at"] < problem["last_at"]
    assert problem["missing_action"] == "ec2:DescribeInstances"


async def test_another_cause_is_another_problem(
    client: Client, people: People, reader: Reader
) -> None:
    await fail(reader)
    await fail(reader, missing_action="ec2:DescribeVolumes")
    await fail(reader, code="AccessDenied")
    await fail(reader, category="AWSServiceError", missing_action=None)
    assert len(await listed(client, people)) == 4
    assert len(await listed(client, people, category="AWSServiceError")) == 1


async def test_a_success_of_the_task_that_failed_last_closes_it(
    client: Client, people: People, reader: Reader
) -> None:
    other = await another_task(reader)
    recorded = await fail(reader)
    assert await recover(reader, other) == []
    assert await recover(reader) == [recorded.problem_id]
    (problem,) = await listed(client, people)
    assert problem["status"] == "closed"
    assert problem["closed_at"] is not None
    assert await recover(reader) == []


async def test_what_comes_back_after_closing_is_a_new_problem(
    client: Client, people: People, reader: Reader
) -> None:
    old = await fail(reader)
    await recover(reader)
    new = await fail(reader)
    assert new.opened
    assert new.problem_id != old.problem_id
    assert [one["status"] for one in await listed(client, people)] == ["open", "closed"]
    assert len(await listed(client, people, status="open")) == 1


async def test_an_operator_acknowledges_and_notes_and_it_is_audited(
    client: Client, people: People, database: Database, reader: Reader
) -> None:
    recorded = await fail(reader)
    url = f"{URL}/{recorded.problem_id}"
    entry = {"status": "acknowledged", "note": "Asked the client."}
    answer = await client(people.olga).patch(url, json=entry)
    assert answer.status_code == 200, answer.text
    problem = answer.json()
    assert (problem["status"], problem["note"]) == ("acknowledged", "Asked the client.")
    assert problem["acknowledged_by"] == str(people.olga.user_id)
    async with database.unit_of_work(Login.OWNER) as session:
        events = await session.scalars(
            select(AuditEvent).where(AuditEvent.subject_id == recorded.problem_id)
        )
        (event,) = events
    assert (event.action, event.detail) == ("problem.edit", entry)

    again = await fail(reader)
    assert not again.opened
    assert (await client(people.olga).get(url)).json()["status"] == "acknowledged"

    reopened = await client(people.olga).patch(url, json={"status": "open"})
    assert reopened.json()["acknowledged_by"] is None
    assert reopened.json()["note"] == "Asked the client."
    without = await client(people.olga).patch(url, json={"note": None})
    assert without.json()["note"] is None


async def test_counts_what_is_not_closed(
    client: Client, people: People, reader: Reader
) -> None:
    async def counted(persona: Persona) -> tuple[int, int]:
        found = (await client(persona).get(f"{URL}/counts")).json()
        return found["open"], found["acknowledged"]

    assert await counted(people.victor) == (0, 0)
    seen_to = await fail(reader)
    await client(people.olga).patch(
        f"{URL}/{seen_to.problem_id}", json={"status": "acknowledged"}
    )
    for code in ("One", "Two"):
        await fail(reader, code=code)
    assert await counted(people.victor) == (2, 1)
    assert await counted(people.clara) == (0, 0)
    assert await counted(people.mallory) == (0, 0)
    await recover(reader)
    assert await counted(people.victor) == (0, 0)


async def test_a_closed_problem_cannot_be_acknowledged(
    client: Client, people: People, reader: Reader
) -> None:
    recorded = await fail(reader)
    await recover(reader)
    url = f"{URL}/{recorded.problem_id}"
    answer = await client(people.olga).patch(url, json={"status": "acknowledged"})
    assert (answer.status_code, answer.json()["code"]) == (409, "illegal-transition")
    noted = await client(people.olga).patch(url, json={"note": "It was the role."})
    assert noted.status_code == 200


@pytest.mark.parametrize(
    ("entry", "pointer"),
    [
        ({"status": "closed"}, "/status"),
        ({"status": None}, "/status"),
        ({"note": ""}, "/note"),
        ({"note": "a\x00b"}, "/note"),
        ({"count": 0}, "/count"),
    ],
)
async def test_refuses_what_nobody_may_set(
    client: Client,
    people: People,
    reader: Reader,
    entry: dict[str, Any],
    pointer: str,
) -> None:
    recorded = await fail(reader)
    url = f"{URL}/{recorded.problem_id}"
    answer = await client(people.olga).patch(url, json=entry)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_a_viewer_may_look_and_not_edit(
    client: Client, people: People, reader: Reader
) -> None:
    recorded = await fail(reader)
    url = f"{URL}/{recorded.problem_id}"
    assert (await client(people.victor).get(url)).status_code == 200
    answer = await client(people.victor).patch(url, json={"note": "x"})
    assert answer.status_code == 403


async def test_other_tenants_and_scopes_find_no_problem(
    client: Client, people: People, reader: Reader
) -> None:
    recorded = await fail(reader)
    for persona in (people.mallory, people.clara):
        speaker = client(persona)
        assert (await speaker.get(URL)).json()["items"] == []
        unknown = await speaker.get(f"{URL}/{uuid4()}")
        for answer in (
            await speaker.get(f"{URL}/{recorded.problem_id}"),
            await speaker.patch(f"{URL}/{recorded.problem_id}", json={"note": "x"}),
        ):
            assert answer.status_code == 404
            assert answer.content == unknown.content
