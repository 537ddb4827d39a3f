"""Executions over HTTP: seen by whom they concern, filtered."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import update

from app.core.clock import now
from app.core.db import Database, Login
from app.models.run import Status, TaskExecution, TaskResult, UnitStatus
from app.models.task import TaskType
from tests.builders_runs import an_error, ids, make_execution, make_unit
from tests.conftest import Client
from tests.personae import People
from tests.services.reading import Reader, instance, judged, make_reader

URL = "/api/v1/executions"
PARTS = ("", "/result", "/units", "/findings", "/resources", "/events")


@pytest.fixture
async def reader(database: Database, people: People) -> Reader:
    return await make_reader(
        database, people.alice, type=TaskType.RESOURCE_LIST, labels={"client": "south"}
    )


async def make_executions(reader: Reader, many: int) -> list[TaskExecution]:
    async with reader.database.unit_of_work(Login.OWNER) as session:
        return [
            await make_execution(session, reader.task, reader.account)
            for _ in range(many)
        ]


async def test_lists_executions_page_by_page_newest_first(
    client: Client, people: People, reader: Reader
) -> None:
    made = await make_executions(reader, 5)
    seen, cursor = [], None
    for _ in range(3):
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        answer = (await client(people.victor).get(URL, params=params)).json()
        seen += [one["id"] for one in answer["items"]]
        cursor = answer["next_cursor"]
    assert seen == [str(one.id) for one in reversed(made)]
    assert cursor is None


async def test_names_task_account_and_run(
    client: Client, people: People, reader: Reader
) -> None:
    (made,) = await make_executions(reader, 1)
    answer = (await client(people.alice).get(f"{URL}/{made.id}")).json()
    assert answer["task_name"] == reader.task.name
    assert answer["account_id"] == reader.account.account_id
    assert answer["trigger"] == "manual"
    assert (answer["verdict"], answer["counts"], answer["error"]) == (None, None, None)
    assert "lease_owner" not in answer


async def test_filters_by_status_task_account_category_and_time(
    client: Client, people: People, database: Database, reader: Reader
) -> None:
    other = await make_reader(database, people.alice, account_id="222222222222")
    async with database.unit_of_work(Login.OWNER) as session:
        old = await make_execution(
            session,
            reader.task,
            reader.account,
            status=Status.FAILED,
            error=an_error(),
            created_at=now() - timedelta(days=3),
        )
        fresh = await make_execution(session, other.task, other.account)
    yesterday = (now() - timedelta(days=1)).isoformat()
    alice = client(people.alice)
    for params, expected in (
        ({}, {old.id, fresh.id}),
        ({"status": "failed"}, {old.id}),
        ({"task_id": str(other.task.id)}, {fresh.id}),
        ({"account_id": str(reader.account.id)}, {old.id}),
        ({"category": "AWSPermissionError"}, {old.id}),
        ({"category": "AWSServiceError"}, set()),
        ({"since": yesterday}, {fresh.id}),
        ({"until": yesterday}, {old.id}),
    ):
        answer = await alice.get(URL, params=params)
        assert ids(answer.json()["items"]) == expected, params


@pytest.mark.parametrize(
    ("params", "pointer"),
    [
        ({"status": "done"}, "/query/status"),
        ({"category": "Oops"}, "/query/category"),
        ({"since": "2026-01-01T00:00:00"}, "/query/since"),
        ({"cursor": "!"}, "/query/cursor"),
    ],
)
async def test_a_wrong_filter_is_named(
    client: Client, people: People, params: dict[str, str], pointer: str
) -> None:
    answer = await client(people.alice).get(URL, params=params)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize("part", PARTS)
async def test_an_execution_is_not_found_by_other_tenants_and_scopes(
    client: Client, people: People, reader: Reader, part: str
) -> None:
    (made,) = await make_executions(reader, 1)
    assert (
        await client(people.victor).get(f"{URL}/{made.id}{part}")
    ).status_code == 200
    unknown = await client(people.mallory).get(f"{URL}/{uuid4()}{part}")
    for persona in (people.mallory, people.clara):
        answer = await client(persona).get(f"{URL}/{made.id}{part}")
        assert answer.status_code == 404
        assert answer.content == unknown.content


async def test_a_scoped_member_lists_only_accounts_with_the_label(
    client: Client, people: People, database: Database, reader: Reader
) -> None:
    north = await make_reader(
        database, people.alice, account_id="222222222222", labels={"client": "north"}
    )
    await make_executions(reader, 1)
    (visible,) = await make_executions(north, 1)
    answer = await client(people.clara).get(URL)
    assert ids(answer.json()["items"]) == {visible.id}
    assert (await client(people.mallory).get(URL)).json()["items"] == []


async def test_the_result_is_null_until_it_is_written(
    client: Client, people: People, database: Database, reader: Reader
) -> None:
    (made,) = await make_executions(reader, 1)
    alice = client(people.alice)
    answer = (await alice.get(f"{URL}/{made.id}/result")).json()
    assert (answer["status"], answer["coverage"]) == ("running", None)
    nowhere = {"region": "eu-central-1", "service": "ec2", "key": "*", "reason": "x"}
    coverage = {"read": [], "not_read": [nowhere], "not_applicable": [], "excluded": []}
    async with database.unit_of_work(Login.OWNER) as session:
        session.add(
            TaskResult(
                organization_id=made.organization_id,
                execution_id=made.id,
                verdict="unknown",
                counts={"healthy": 2},
                coverage=coverage,
                calls=7,
                retries=1,
            )
        )
    answer = (await alice.get(f"{URL}/{made.id}/result")).json()
    assert answer["coverage"] == coverage
    assert (answer["verdict"], answer["calls"]) == ("unknown", 7)
    described = (await alice.get(f"{URL}/{made.id}")).json()
    assert (described["verdict"], described["counts"]) == ("unknown", {"healthy": 2})


async def test_units_come_in_order_with_their_errors(
    client: Client, people: People, database: Database, reader: Reader
) -> None:
    (made,) = await make_executions(reader, 1)
    async with database.unit_of_work(Login.OWNER) as session:
        done = await make_unit(session, made, status=UnitStatus.SUCCEEDED)
        failed = await make_unit(
            session,
            made,
            key="ec2:DescribeVolumes",
            status=UnitStatus.FAILED,
            error=an_error(),
        )
    url = f"{URL}/{made.id}/units"
    items = (await client(people.alice).get(url)).json()["items"]
    assert [one["id"] for one in items] == [str(done.id), str(failed.id)]
    assert items[1]["error"]["missing_action"] == "ec2:DescribeInstances"
    only = await client(people.alice).get(url, params={"status": "failed"})
    assert ids(only.json()["items"]) == {failed.id}


async def test_events_are_the_changes_of_status_in_order(
    client: Client, people: People, database: Database, reader: Reader
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        made = await make_execution(
            session, reader.task, reader.account, status=Status.QUEUED
        )
    for status in (Status.RUNNING, Status.FAILED):
        async with database.unit_of_work(Login.OWNER, actor="worker:test") as session:
            await session.execute(
                update(TaskExecution)
                .where(TaskExecution.id == made.id)
                .values(status=status, reason="because")
            )
    url = f"{URL}/{made.id}/events"
    first = (await client(people.alice).get(url, params={"limit": 1})).json()
    rest = await client(people.alice).get(url, params={"cursor": first["next_cursor"]})
    moves = [
        (one["from_status"], one["to_status"], one["actor"])
        for one in (*first["items"], *rest.json()["items"])
    ]
    assert moves == [
        ("queued", "running", "worker:test"),
        ("running", "failed", "worker:test"),
    ]
    assert rest.json()["next_cursor"] is None


async def test_an_execution_keeps_what_it_found_when_things_change_later(
    client: Client, people: People, reader: Reader
) -> None:
    one, _ = await reader.list(instance("i-1"), instance("i-2"))
    two, _ = await reader.list(instance("i-2", state="stopped"), instance("i-3"))
    found = {}
    for execution in (one, two):
        url = f"{URL}/{execution.id}/resources"
        items = (await client(people.alice).get(url)).json()["items"]
        found[execution.id] = {item["identity"]: item["content_hash"] for item in items}
        assert all("document" not in item for item in items)
    assert set(found[one.id]) == {"i-1", "i-2"}
    assert set(found[two.id]) == {"i-2", "i-3"}
    assert found[one.id]["i-2"] != found[two.id]["i-2"]


async def test_an_execution_keeps_its_findings(
    client: Client, people: People, reader: Reader
) -> None:
    one, _ = await reader.check(judged("i-1"), judged("i-2"))
    two, _ = await reader.check(judged("i-1", "unhealthy", "It is impaired."))
    alice = client(people.alice)
    before = (await alice.get(f"{URL}/{one.id}/findings")).json()["items"]
    assert {(f["identity"], f["verdict"]) for f in before} == {
        ("i-1", "healthy"),
        ("i-2", "healthy"),
    }
    params = {"verdict": "unhealthy", "service": "ec2"}
    after = await alice.get(f"{URL}/{two.id}/findings", params=params)
    (finding,) = after.json()["items"]
    assert finding["reason"] == "It is impaired."
    assert finding["key"] == "ec2:instance_status"
    none = await alice.get(f"{URL}/{two.id}/findings", params={"verdict": "healthy"})
    assert none.json()["items"] == []
