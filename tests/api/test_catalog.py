"""The catalog over HTTP."""

import pytest

from app.aws.catalog.loader import catalog
from app.aws.services.health import UnknownCheck, check_of
from tests.conftest import Client
from tests.personae import People

PATH = "/api/v1/catalog/services"


async def test_every_service_of_the_catalog_is_answered(
    client: Client, people: People
) -> None:
    items = (await client(people.victor).get(PATH)).json()["items"]
    assert {item["name"] for item in items} == set(catalog().services)
    for item in items:
        assert bool(item["default_operations"]) == (item["reason"] is None)
        assert sum(item["tiers"].values()) == item["operations"]
        assert sum(item["health_tiers"].values()) == item["health_checks"]


async def test_a_service_with_nothing_to_list_says_why(
    client: Client, people: People
) -> None:
    shown = (await client(people.victor).get(f"{PATH}/rds-data")).json()
    assert (shown["listable"], shown["operation_list"]) == ("not_applicable", [])
    assert "data plane" in shown["reason"]


async def test_says_which_checks_nobody_wrote(client: Client, people: People) -> None:
    shown = (await client(people.victor).get(f"{PATH}/mediaconnect")).json()
    tiers = {one["key"]: one["tier"] for one in shown["health_check_list"]}
    assert tiers["mediaconnect:ListFlows"] == "generic"
    assert shown["health_tiers"].keys() <= {"generic", "reachable"}
    own = (await client(people.victor).get(f"{PATH}/ec2")).json()
    assert own["health_tiers"].keys() == {"curated", "generic"}


async def test_says_of_each_listing_whether_a_check_reads_it(
    client: Client, people: People
) -> None:
    shown = (await client(people.victor).get(f"{PATH}/rds")).json()
    operations = {one["key"]: one for one in shown["operation_list"]}
    tiers = {one["listing"]: one["tier"] for one in shown["health_check_list"]}
    assert {key: one["health_tier"] for key, one in operations.items()} == {
        key: tiers.get(key) for key in operations
    }
    assert operations["rds:DescribeDBInstances"]["health_tier"] == "curated"
    assert operations["rds:DescribeDBProxyEndpoints"]["health_tier"] == "generic"
    silent = operations["rds:DescribeDBSubnetGroups"]
    assert (silent["is_default"], silent["health_tier"]) == (True, None)
    unread = [one for one in operations.values() if one["health_tier"] is None]
    left = sum(one["is_default"] for one in unread)
    assert shown["unchecked_operations"] == left > 0


async def test_says_which_listings_can_be_named_as_checks(
    client: Client, people: People
) -> None:
    shown = (await client(people.victor).get(f"{PATH}/ec2")).json()
    for one in shown["operation_list"]:
        if one["can_be_checked"]:
            assert check_of(one["key"]).listing == one["key"]
        else:
            with pytest.raises(UnknownCheck):
                check_of(one["key"])
    assert {one["can_be_checked"] for one in shown["operation_list"]} == {True, False}


async def test_says_what_costs_money_and_what_needs_an_unknown_permission(
    client: Client, people: People
) -> None:
    paid = (await client(people.victor).get(f"{PATH}/ce")).json()
    assert all("charges" in one["paid"] for one in paid["operation_list"])
    old = (await client(people.victor).get(f"{PATH}/cloudhsm")).json()
    unknown = [one for one in old["operation_list"] if not one["iam_known"]]
    assert len(unknown) == old["iam_unknown"] > 0
    assert not any(one["is_default"] for one in unknown)


async def test_masks_are_named(client: Client, people: People) -> None:
    shown = (await client(people.victor).get(f"{PATH}/rds")).json()
    assert "PendingModifiedValues.MasterUserPassword" in shown["sensitive_members"]


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
