"""What changed from one execution to another, over HTTP."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from app.aws.catalog.loader import catalog
from app.aws.unit import Item
from app.core.db import Database
from app.models.run import TaskExecution
from app.models.task import TaskType
from tests.conftest import Client
from tests.personae import People
from tests.services.reading import Reader, instance, judged, make_reader

URL = "/api/v1/executions"


@pytest.fixture
async def reader(database: Database, people: People) -> Reader:
    return await make_reader(database, people.alice, type=TaskType.RESOURCE_LIST)


async def compare(
    client: Client, people: People, one: TaskExecution, other: TaskExecution
) -> dict[str, Any]:
    url = f"{URL}/{one.id}/diff"
    answer = await client(people.alice).get(url, params={"against": str(other.id)})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_two_executions_differ_field_by_field(
    client: Client, people: People, reader: Reader
) -> None:
    tags = [{"Key": "a"}, {"Key": "b"}]
    one, _ = await reader.list(
        instance("i-1", Tags=tags), instance("i-2"), instance("i-3")
    )
    two, _ = await reader.list(
        instance("i-1", state="stopped", Tags=[{"Key": "c"}, {"Key": "b"}]),
        instance("i-2"),
        instance("i-4"),
    )
    body = await compare(client, people, two, one)
    assert body["not_comparable"] == []
    items = {item["identity"]: item for item in body["items"]}
    assert {identity: item["change"] for identity, item in items.items()} == {
        "i-1": "changed",
        "i-3": "removed",
        "i-4": "added",
    }
    assert items["i-1"]["fields"] == [
        {"pointer": "/State", "before": "running", "after": "stopped"},
        {"pointer": "/Tags", "before": [{"Key": "a"}], "after": [{"Key": "c"}]},
    ]
    same = await compare(client, people, one, one)
    assert same["items"] == []


async def test_a_list_in_another_order_differs_where_its_order_means_something(
    client: Client, people: People, reader: Reader
) -> None:
    key = "autoscaling:DescribeAutoScalingGroups"
    ordered = catalog().operation(key).ordered
    zones, policies = ["a", "b"], ["OldestInstance", "Default"]

    def group(**members: Any) -> Item:
        found = {"AvailabilityZones": zones, "TerminationPolicies": policies, **members}
        return instance("web", ordered=ordered, **found)

    one, _ = await reader.list(group(), key=key)
    two, _ = await reader.list(group(AvailabilityZones=zones[::-1]), key=key)
    three, _ = await reader.list(group(TerminationPolicies=policies[::-1]), key=key)
    assert (await compare(client, people, two, one))["items"] == []
    (item,) = (await compare(client, people, three, one))["items"]
    assert item["fields"] == [
        {
            "pointer": "/TerminationPolicies",
            "before": policies,
            "after": policies[::-1],
        }
    ]


async def test_facts_in_another_order_are_a_difference(
    client: Client, people: People, reader: Reader
) -> None:
    one, _ = await reader.check(judged("i-1", events=["a", "b"]))
    two, _ = await reader.check(judged("i-1", events=["b", "a"]))
    (item,) = (await compare(client, people, two, one))["items"]
    assert [field["pointer"] for field in item["fields"]] == ["/facts/events"]


async def test_differences_come_page_by_page(
    client: Client, people: People, reader: Reader
) -> None:
    one, _ = await reader.list()
    two, _ = await reader.list(*(instance(f"i-{n}") for n in range(5)))
    seen, cursor = [], None
    for _ in range(3):
        params = {"against": str(one.id), "limit": "2"}
        params |= {"cursor": cursor} if cursor else {}
        answer = await client(people.alice).get(f"{URL}/{two.id}/diff", params=params)
        seen += [item["identity"] for item in answer.json()["items"]]
        cursor = answer.json()["next_cursor"]
    assert seen == [f"i-{n}" for n in range(5)]
    assert cursor is None


async def test_what_was_not_read_is_not_comparable_and_never_removed(
    client: Client, people: People, reader: Reader
) -> None:
    one, _ = await reader.list(instance("i-1"))
    failed = await reader.fail(kind="list", key="ec2:DescribeInstances")
    for execution, other, reason in (
        (failed, one, "not_read"),
        (one, failed, "not_read_before"),
    ):
        body = await compare(client, people, execution, other)
        assert body["items"] == []
        assert [unit["reason"] for unit in body["not_comparable"]] == [reason]


async def test_another_catalog_version_is_not_comparable(
    client: Client, people: People, reader: Reader
) -> None:
    one, _ = await reader.list(instance("i-1"))
    two, _ = await reader.list(instance("i-2"), catalog="test-catalog-2")
    body = await compare(client, people, two, one)
    assert body["items"] == []
    (unit,) = body["not_comparable"]
    assert unit == {
        "kind": "list",
        "service": "ec2",
        "region": "eu-central-1",
        "key": "ec2:DescribeInstances",
        "reason": "catalog_version",
    }


async def test_changed_verdicts_are_differences(
    client: Client, people: People, reader: Reader
) -> None:
    one, _ = await reader.check(judged("i-1", status="ok"))
    two, _ = await reader.check(judged("i-1", "unhealthy", "Bad.", status="impaired"))
    body = await compare(client, people, two, one)
    (item,) = body["items"]
    assert item["kind"] == "finding"
    assert [field["pointer"] for field in item["fields"]] == [
        "/facts/status",
        "/reason",
        "/verdict",
    ]


@pytest.mark.parametrize("member", ["region", "arn", "name"])
async def test_a_finding_that_is_described_otherwise_says_how(
    member: str, client: Client, people: People, reader: Reader
) -> None:
    read: list[TaskExecution] = []
    for said in ("one", "another"):
        described: dict[str, Any] = {member: said}
        execution, _ = await reader.check(replace(judged("i-1"), **described))
        read.append(execution)
    one, two = read
    (item,) = (await compare(client, people, two, one))["items"]
    assert item["fields"] == [
        {"pointer": f"/{member}", "before": "one", "after": "another"}
    ]


async def test_refuses_to_compare_with_what_is_foreign_or_elsewhere(
    client: Client, people: People, database: Database, reader: Reader
) -> None:
    made, _ = await reader.list()
    elsewhere = await make_reader(database, people.alice, account_id="222222222222")
    foreign = await make_reader(database, people.mallory)
    theirs, _ = await foreign.list()
    other, _ = await elsewhere.list()
    for against, code in (
        (theirs.id, "unknown"),
        (uuid4(), "unknown"),
        (other.id, "another_account"),
    ):
        answer = await client(people.alice).get(
            f"{URL}/{made.id}/diff", params={"against": str(against)}
        )
        assert answer.status_code == 422
        (error,) = answer.json()["errors"]
        assert (error["pointer"], error["code"]) == ("/query/against", code)
    stranger = await client(people.mallory).get(
        f"{URL}/{made.id}/diff", params={"against": str(theirs.id)}
    )
    assert stranger.status_code == 404
