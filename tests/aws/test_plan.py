"""A task becomes exactly its units; a region that is off is not asked."""

from dataclasses import replace
from typing import Any

import pytest

from app.aws import regions
from app.aws.call import Guard
from app.aws.catalog.loader import UnknownOperation, UnknownService, catalog
from app.aws.engine import (
    ANY_ACTION,
    AccountRegions,
    NothingToDo,
    UnknownRegion,
    actions_for,
    enabled_regions,
    list_pages,
    require_applicable,
    sessions_for,
    units_for,
)
from app.aws.errors import AWSServiceError
from app.aws.policy import session_policy
from app.aws.services.health import UnknownCheck, checks_of
from app.aws.session import TenantSession
from app.aws.unit import Kind, NotApplicable, Unit
from tests.aws.fake_aws import FakeAWS
from tests.aws.lists import REGION


def test_a_default_task_has_each_default_listing_in_each_region() -> None:
    units = units_for("list", ["sqs", "iam"], [REGION, "us-east-1"])
    keys = [(one.key, one.region) for one in units if one.service == "sqs"]
    assert keys == [
        ("sqs:GetQueueAttributes", REGION),
        ("sqs:GetQueueAttributes", "us-east-1"),
    ]
    assert {one.region for one in units if one.service == "iam"} == {"global"}
    assert len(set(units)) == len(units)


def test_named_operations_are_the_whole_task() -> None:
    units = units_for(
        "list", ["ec2"], [REGION], operations=["ec2:DescribeInstanceTypes"]
    )
    assert [one.key for one in units] == ["ec2:DescribeInstanceTypes"]


def test_a_health_task_has_each_check_in_each_region() -> None:
    units = units_for("health", ["ecs", "iam"], [REGION])
    expected = [check.key for name in ("ecs", "iam") for check in checks_of(name)]
    assert [one.key for one in units] == expected
    assert {"ecs:cluster", "ecs:service", "iam:access_key"} <= set(expected)


def test_a_health_task_has_generic_checks_of_what_curated_ones_leave_out() -> None:
    units = units_for("health", ["kinesis"], [REGION])
    assert [one.key for one in units] == ["kinesis:stream", "kinesis:ListChannels"]
    assert "kinesis:ListChannels" in actions_for(units)


def test_a_health_task_of_a_service_without_checks_has_generated_ones() -> None:
    units = units_for("health", ["appmesh"], [REGION])
    assert [one.key for one in units] == ["appmesh:ListMeshes"]


@pytest.mark.parametrize(
    ("kind", "services", "regions", "operations", "fact"),
    [
        ("list", ["ec3"], [REGION], [], UnknownService),
        ("list", ["ec2"], ["mars-north-1"], [], UnknownRegion),
        ("list", ["ec2"], ["us-gov-west-1"], [], UnknownRegion),
        ("list", ["ec2"], [REGION], ["ec2:DescribeDreams"], UnknownOperation),
        ("health", ["ec2"], [REGION], ["ec2:dreams"], UnknownCheck),
        ("list", ["sts"], [REGION], [], NothingToDo),
        ("list", ["rds-data"], [REGION], [], NothingToDo),
        ("health", ["rds-data"], [REGION], [], NothingToDo),
        ("health", ["ec2"], [REGION], ["ec2:DescribeRegions"], UnknownCheck),
        ("list", ["ec2"], [REGION], ["sns:ListTopics"], NothingToDo),
    ],
)
def test_an_impossible_task_is_told_what_is_wrong(
    kind: Any,
    services: list[str],
    regions: list[str],
    operations: list[str],
    fact: type[Exception],
) -> None:
    with pytest.raises(fact):
        units_for(kind, services, regions, operations=operations)


def test_names_every_action_of_the_whole_chain() -> None:
    units = units_for(
        "list", ["dynamodb"], [REGION], operations=["dynamodb:DescribeTable"]
    )
    assert actions_for(units) == (
        "dynamodb:DescribeTable",
        "dynamodb:ListTables",
        "ec2:DescribeRegions",
    )
    assert "ec2:DescribeRegions" not in actions_for(
        units_for("health", ["iam"], [REGION])
    )


def test_a_service_of_which_nothing_is_default_says_why() -> None:
    with pytest.raises(NothingToDo, match="charges for each request"):
        units_for("list", ["ce"], [REGION])


# ── regions ──────────────────────────────────────────────────────────────────────


def test_reads_the_regions_from_the_account(
    fake: FakeAWS, session: TenantSession
) -> None:
    def region(name: str, status: str) -> dict[str, str]:
        return {"RegionName": name, "OptInStatus": status}

    answer = {
        "Regions": [
            region("us-east-1", "opt-in-not-required"),
            region("af-south-1", "opted-in"),
            region("me-south-1", "not-opted-in"),
            region("il-central-1", "something-new"),
            region("mars-north-1", "opted-in"),
        ]
    }
    with fake.afresh(answers={"ec2:DescribeRegions": answer}):
        found = enabled_regions(session, guard=Guard())
        assert fake.ledger[0].params == {"AllRegions": True}
    assert found.enabled == {"us-east-1", "af-south-1"}
    assert found.not_opted_in == {"me-south-1", "il-central-1"}


def test_an_account_that_names_no_region_is_an_error(
    fake: FakeAWS, session: TenantSession
) -> None:
    with (
        fake.afresh(answers={"ec2:DescribeRegions": {"Regions": []}}),
        pytest.raises(AWSServiceError),
    ):
        enabled_regions(session, guard=Guard())


def test_a_disabled_region_is_not_applicable() -> None:
    account = AccountRegions(frozenset({"us-east-1"}), frozenset({"me-south-1"}))
    unit = Unit("list", "ec2", "me-south-1", "ec2:DescribeVpcs")
    with pytest.raises(NotApplicable, match="not enabled the region me-south-1"):
        require_applicable(unit, account)
    require_applicable(Unit("list", "iam", "global", "iam:ListUsers"), account)


def test_a_service_that_is_not_in_the_region_is_not_asked(
    fake: FakeAWS, session: TenantSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    athena = replace(catalog().service("athena"), regions=frozenset({"us-east-1"}))
    fewer = replace(catalog(), services={**catalog().services, "athena": athena})
    monkeypatch.setattr(regions, "catalog", lambda: fewer)
    unit = Unit("list", "athena", REGION, "athena:ListWorkGroups")
    with fake.afresh():
        with pytest.raises(NotApplicable, match="not offered in eu-west-1"):
            list(list_pages(unit, session, guard=Guard()))
        assert fake.ledger == []


@pytest.mark.parametrize("kind", ["list", "health"])
def test_units_of_a_service_share_the_few_sessions_that_their_actions_fit(
    kind: Kind,
) -> None:
    units = units_for(kind, ["ec2", "sqs", "dynamodb"], ["eu-west-1", "us-east-1"])
    found = sessions_for(units)
    assert set(found) == set(units)
    for unit, actions in found.items():
        own = {*actions_for([unit])}
        of_service = {
            *actions_for([one for one in units if one.service == unit.service])
        }
        assert own <= {*actions} <= of_service
        assert len(session_policy(actions)) == 1
    # All of EC2's do not fit into one policy, but into two.
    assert len(set(found.values())) <= 4


def test_a_unit_whose_action_nobody_knows_shares_no_session() -> None:
    keys = ["mediatailor:ListFunctions", "mediatailor:ListChannels"]
    units = units_for("list", ["mediatailor"], ["eu-west-1"], operations=keys)
    unknown, known = (sessions_for(units)[unit] for unit in units)
    assert unknown == ANY_ACTION
    assert known == actions_for([units[1]])
