"""The catalog is built from the models and from decisions that contradict none of
them; a wrong decision names its file and member."""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.model import OperationModel

from app.aws.catalog import build, derive, sources
from app.aws.catalog.decisions import COMMON, BadOverride, read_overrides
from app.aws.catalog.shapes import element_shape, sensitive_paths


def overrides(**services: Any) -> dict[str, Any]:
    return {"volatile": "^Nothing$", "ordered": "^Nothing$", "services": services}


def built(service: str, decided: Any = None, **rules: Any) -> Any:
    """One service's entry, as it is built of what was decided about it."""
    made: Any = build.build(overrides(**{service: decided}) | rules)
    return made["services"][service]


def model(service: str, operation: str) -> OperationModel:
    return sources.service_model(service).operation_model(operation)


# ── the file ─────────────────────────────────────────────────────────────────────


def test_the_committed_catalog_is_what_the_builder_makes_twice() -> None:
    made = build.render(build.build(build.overrides()))
    assert made == build.CATALOG.read_text()
    assert made == build.render(build.build(build.overrides()))


def test_check_tells_a_stale_catalog_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stale = tmp_path / "catalog.json"
    few = overrides(sqs=None)
    monkeypatch.setattr(build, "overrides", lambda: few)
    monkeypatch.setattr("sys.argv", ["build", "--check"])
    monkeypatch.setattr(build, "CATALOG", stale)
    assert build.main() == 1
    assert not stale.exists()
    monkeypatch.setattr("sys.argv", ["build"])
    assert build.main() == 0
    monkeypatch.setattr("sys.argv", ["build", "--check"])
    assert build.main() == 0


def test_a_new_service_of_the_sdk_must_be_answered() -> None:
    """Without a listing and without a reason the build stops."""
    with pytest.raises(BadOverride, match=r"rds-data.yaml: not_listable"):
        built("rds-data")
    assert built("rds-data", {"not_listable": "a data plane"})["reason"]
    assert built("pi", {"needs_input": "an id"})["listable"] == "needs_input"


# ── decisions ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("decided", "member"),
    [
        ({"operations": {"ListDreams": {}}}, "operations"),
        ({"left_out": {"ListDreams": "why"}}, "left_out"),
        ({"default": ["ListDreams"]}, "default"),
        ({"colour": "red"}, "the file"),
        ({"operations": {"ListQueues": {"colour": "red"}}}, "operations.ListQueues"),
        ({"operations": {"ReceiveMessage": {"id": "@"}}}, "operations.ReceiveMessage"),
        (
            {"operations": {"ListQueues": {"results": ["No[]"]}}},
            "operations.ListQueues",
        ),
        ({"not_listable": "why"}, "not_listable"),
        ({"ordered": {"ListDreams": ["Command"]}}, "ordered"),
        ({"ordered": {"ReceiveMessage": ["Messages"]}}, "ordered"),
        ({"ordered": {"GetQueueAttributes": ["No"]}}, "ordered"),
        (
            {
                "left_out": {"ListQueues": "why"},
                "operations": {
                    "GetQueueAttributes": {
                        "results": ["Attributes"],
                        "id": "QueueArn",
                        "feed": {
                            "operation": "ListQueues",
                            "inputs": {"QueueUrl": "@"},
                        },
                    }
                },
            },
            "operations.GetQueueAttributes.feed",
        ),
    ],
)
def test_a_wrong_decision_names_its_file_and_member(decided: Any, member: str) -> None:
    with pytest.raises(BadOverride) as caught:
        built("sqs", decided)
    assert str(caught.value).startswith(f"overrides/sqs.yaml: {member}: ")


def test_a_decision_about_no_service_is_refused() -> None:
    with pytest.raises(BadOverride, match="no-such-service"):
        build.build(overrides(**{"no-such-service": {}}))


def test_what_is_denied_cannot_be_named_either() -> None:
    denied = [{"pattern": "^ListQueues$", "why": "returns credentials"}]
    with pytest.raises(BadOverride, match="returns credentials"):
        built("sqs", {"operations": {"ListQueues": {}}}, denied=denied)


def test_a_file_that_is_no_yaml_is_named(tmp_path: Path) -> None:
    (tmp_path / f"{COMMON}.yaml").write_text("volatile: x")
    (tmp_path / "sqs.yaml").write_text("operations: {")
    with pytest.raises(BadOverride, match=r"overrides/sqs.yaml: the file: is no YAML"):
        read_overrides(tmp_path)


def test_a_rule_for_all_holds_unless_an_operation_is_named() -> None:
    rules = {"not_default": [{"pattern": "Topics$", "why": "a rule"}]}
    assert built("sns", **rules)["operations"]["ListTopics"]["not_default"] == "a rule"
    exceptions: list[Any] = [
        {"default": ["ListTopics"]},
        {"operations": {"ListTopics": {}}},
    ]
    for decided in exceptions:
        found = built("sns", decided, **rules)["operations"]["ListTopics"]
        assert "not_default" not in found


def test_what_is_reference_is_never_in_a_default_set() -> None:
    rules = {"reference": [{"pattern": "Topics$", "why": "everybody's"}]}
    found = built("sns", **rules)["operations"]["ListTopics"]
    assert (found["ownership"], found["not_default"]) == ("reference", "everybody's")


def test_widening_is_data() -> None:
    made: Any = build.build(overrides(glue={}, stepfunctions={}, backup=None))
    assert set(made["services"]) == {"glue", "stepfunctions", "backup"}
    assert "GetJobs" in made["services"]["glue"]["operations"]
    json.dumps(made)


# ── derivation ───────────────────────────────────────────────────────────────────


def test_an_unknown_action_is_said_to_be_unknown_and_not_dropped() -> None:
    found = built("cloudhsm")["operations"]["ListHsms"]
    assert "iam" not in found
    assert found["not_default"] == "which IAM action it needs is not known"


def test_every_value_of_every_required_choice_is_asked() -> None:
    filled = derive.fill(model("iottwinmaker", "ListMetadataTransferJobs"), frozenset())
    assert set(filled["fan_out"]) == {"sourceType", "destinationType"}
    with pytest.raises(derive.NotListable, match="calls"):
        derive.fill(model("connect", "SearchAvailablePhoneNumbers"), frozenset())


@pytest.mark.parametrize(
    ("service", "operation", "filling"),
    [
        ("budgets", "DescribeBudgets", {"account_id": "AccountId"}),
        ("cognito-idp", "ListUserPools", {"params": {"MaxResults": 60}}),
        ("xray", "GetServiceGraph", {"since": "StartTime", "until": "EndTime"}),
        ("braket", "SearchDevices", {"params": {"filters": []}}),
        (
            "ram",
            "ListResources",
            {"fan_out": {"resourceOwner": ["SELF", "OTHER-ACCOUNTS"]}},
        ),
        ("sqs", "ListQueues", {}),
    ],
)
def test_fills_what_must_be_asked_with(
    service: str, operation: str, filling: dict[str, Any]
) -> None:
    assert derive.fill(model(service, operation), frozenset()) == filling


def test_a_list_with_an_empty_filter_that_is_refused_is_no_root() -> None:
    with pytest.raises(derive.NotListable, match="needs Filters"):
        derive.fill(model("quicksight", "SearchDashboards"), frozenset())


@pytest.mark.parametrize(
    ("service", "operation", "output"),
    [
        ("dynamodb", "ListGlobalTables", "LastEvaluatedGlobalTableName"),
        ("dynamodbstreams", "ListStreams", "LastEvaluatedStreamArn"),
        ("securityhub", "ListMembers", "NextToken"),
    ],
)
def test_finds_the_token_that_no_paginator_tells(
    service: str, operation: str, output: str
) -> None:
    pager = derive.pager(model(service, operation), {})
    assert pager
    assert pager["outputs"] == [output]


def test_a_list_that_cannot_be_read_to_its_end_is_none() -> None:
    with pytest.raises(derive.NotListable, match="HasMoreApplications"):
        derive.pager(model("kinesisanalytics", "ListApplications"), {})


def test_the_details_of_one_thing_are_no_list() -> None:
    for service, operation in (
        ("shield", "DescribeDRTAccess"),
        ("cloudhsm", "DescribeHsm"),
    ):
        with pytest.raises(derive.NotListable, match="describes one thing"):
            derive.result_paths(model(service, operation), {})


def test_what_is_set_for_the_account_is_one_item() -> None:
    path = derive.settings_path
    assert path(model("ec2", "GetEbsEncryptionByDefault")) == ""
    assert path(model("artifact", "GetAccountSettings")) == "accountSettings"
    assert path(model("ecr", "GetRepositoryPolicy")) is None
    assert path(model("iam", "GetCredentialReport")) is None


def test_items_without_an_id_are_told_apart_by_their_texts() -> None:
    shape = element_shape(model("rds", "DescribeEvents").output_shape, "Events[]")
    found = derive.fields(shape, "Event", "Events[]")
    assert found["guessed"]
    assert found["id"] == (
        "join('|', [not_null(SourceIdentifier, ''), not_null(SourceType, ''), "
        "not_null(SourceArn, '')])"
    )


def test_a_resource_that_is_wrapped_is_found_inside() -> None:
    item = element_shape(
        model("cloudfront", "ListKeyGroups").output_shape, "KeyGroupList.Items[]"
    )
    assert (
        derive.fields(item, "KeyGroup", "KeyGroupList.Items[]")["id"] == "KeyGroup.Id"
    )


def test_finds_sensitive_members_wherever_they_are() -> None:
    shape = element_shape(
        model("rds", "DescribeDBInstances").output_shape, "DBInstances[]"
    )
    assert "PendingModifiedValues.MasterUserPassword" in sensitive_paths(shape)


@pytest.mark.parametrize(
    ("operation", "noun"),
    [
        ("DescribeDBInstances", "DBInstance"),
        ("ListAliases", "Alias"),
        ("ListPolicies", "Policy"),
        ("DescribeAddresses", "Address"),
        ("DescribeInstanceStatus", "InstanceStatus"),
        ("DescribeNetworkInsightsAnalyses", "NetworkInsightsAnalysis"),
        ("DescribeCaches", "Cache"),
        ("ListBatches", "Batch"),
    ],
)
def test_names_a_resource_in_the_singular(operation: str, noun: str) -> None:
    assert derive.noun_of(operation) == noun
