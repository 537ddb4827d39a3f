"""The catalog over HTTP."""

from app.aws.catalog.loader import catalog
from tests.conftest import Client
from tests.personae import People

PATH = "/api/v1/catalog/services"


async def test_every_service_of_the_catalog_is_answered(
    client: Client, people: People
) -> None:
    items = (await client(people.victor).get(PATH)).json()["items"]
    assert {item["name"] for item in items} == set(catalog().services)
    for item in items:
        assert item["listable"] == "listable" or item["reason"]


async def test_says_what_a_service_offers(client: Client, people: People) -> None:
    shown = (await client(people.victor).get(f"{PATH}/ec2")).json()
    assert shown["category"] == "compute"
    assert "eu-central-1" in shown["regions"]
    operations = {one["key"]: one for one in shown["operation_list"]}
    instances = operations["ec2:DescribeInstances"]
    assert instances["is_default"] is True
    assert instances["iam_actions"] == ["ec2:DescribeInstances", "ec2:DescribeRegions"]
    assert all(one["is_default"] or one["not_default"] for one in operations.values())
    assert shown["operations"] == len(operations)
    checks = {one["key"]: one for one in shown["health_check_list"]}
    assert checks["ec2:instance_status"]["listing"] in operations
    assert set(instances["iam_actions"]) <= set(shown["iam_actions"])


async def test_a_listing_names_the_one_it_takes_its_input_from(
    client: Client, people: People
) -> None:
    shown = (await client(people.victor).get(f"{PATH}/sqs")).json()
    operations = {one["key"]: one for one in shown["operation_list"]}
    queue = operations["sqs:GetQueueAttributes"]
    assert queue["needs"] == "sqs:ListQueues"
    assert "sqs:ListQueues" in queue["iam_actions"]


async def test_an_unknown_service_is_not_found(client: Client, people: People) -> None:
    answer = await client(people.victor).get(f"{PATH}/mainframe")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


async def test_the_catalog_is_not_public(client: Client) -> None:
    assert (await client(None).get(PATH)).status_code == 401
