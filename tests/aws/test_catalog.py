"""The catalog says what the models say, and its overrides contradict none of them."""

import json
from typing import Any

import pytest
import yaml
from botocore.model import OperationModel, StructureShape

from app.aws.catalog import build, derive, sources
from app.aws.catalog.loader import (
    Operation,
    UnknownOperation,
    UnknownService,
    catalog,
)
from app.aws.catalog.shapes import NoSuchPath, element_shape, sensitive_paths

OPERATIONS = list(catalog().all_operations())
FACTS = {"absent", "vanished", "not_applicable"}


def overrides(**services: Any) -> dict[str, Any]:
    return {"volatile": "^Nothing$", "denied": [], "services": services}


def model(service: str, operation: str) -> OperationModel:
    return sources.service_model(service).operation_model(operation)


def inputs_of(operation: Operation) -> set[str]:
    shape = model(operation.service, operation.name).input_shape
    return set(shape.members) if isinstance(shape, StructureShape) else set()


def test_the_committed_catalog_is_what_the_builder_makes() -> None:
    made = build.render(build.build(yaml.safe_load(build.OVERRIDES.read_text())))
    assert made == build.CATALOG.read_text()


def test_check_tells_a_stale_catalog_and_writes_nothing(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    stale = tmp_path / "catalog.json"
    monkeypatch.setattr("sys.argv", ["build", "--check"])
    monkeypatch.setattr(build, "CATALOG", stale)
    assert build.main() == 1
    assert not stale.exists()
    monkeypatch.setattr("sys.argv", ["build"])
    assert build.main() == 0
    monkeypatch.setattr("sys.argv", ["build", "--check"])
    assert build.main() == 0


def test_covers_the_services_of_the_first_release() -> None:
    assert set(catalog().services) >= {
        *("ec2", "lambda", "ecs", "s3", "efs", "rds", "dynamodb", "elasticache"),
        *("cloudfront", "route53", "apigateway", "apigatewayv2", "iam", "kms"),
        *("secretsmanager", "cognito-idp", "sqs", "sns", "athena", "redshift"),
        *("kinesis", "cloudwatch", "elbv2", "autoscaling"),
    }


def test_every_service_is_listable_or_says_why_not() -> None:
    for service in catalog().services.values():
        assert bool(service.default_operations()) == (service.listable == "listable")
        assert (service.reason is None) == (service.listable == "listable")


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.key)
def test_an_operation_agrees_with_its_model(operation: Operation) -> None:
    shape = model(operation.service, operation.name)
    inputs = inputs_of(operation)
    for path in operation.results:
        element_shape(shape.output_shape, path)  # raises where the model lacks it
    assert set(operation.params) <= inputs
    assert set(operation.fan_out) <= inputs
    if operation.pager:
        assert set(operation.pager.inputs) <= inputs
        assert len(operation.pager.inputs) == len(operation.pager.outputs)
    if operation.page_size:
        assert operation.pager
        assert operation.pager.limit in inputs
    if isinstance(shape.input_shape, StructureShape):
        fed = {*operation.feed.inputs, *operation.feed.carry} if operation.feed else ()
        given = {*operation.params, *operation.fan_out, *fed}
        given |= {operation.account_id, operation.since, operation.until}
        assert set(shape.input_shape.required_members) <= given


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.key)
def test_an_operation_only_reads_and_names_its_action(operation: Operation) -> None:
    assert operation.iam
    assert all(sources.only_reads(action) for action in operation.iam)


def test_no_page_token_is_left_unread() -> None:
    unread = [
        operation.key
        for operation in OPERATIONS
        if operation.pager is None
        and derive.pager(model(operation.service, operation.name), {}) is not None
    ]
    assert unread == []


def test_what_identifies_a_resource_is_never_masked() -> None:
    assert [one.key for one in OPERATIONS if one.id in one.sensitive] == []


def test_a_feed_leads_to_a_root_that_needs_nothing() -> None:
    for operation in OPERATIONS:
        root, *rest = catalog().chain(operation)
        assert root.feed is None
        for parent, child in zip([root, *rest], rest, strict=False):
            assert child.feed is not None
            assert set(child.feed.carry) <= inputs_of(parent)
            assert set(child.feed.inputs) <= inputs_of(child)
            assert child.scope == parent.scope


def test_absences_are_exact_codes_with_a_fact() -> None:
    for operation in OPERATIONS:
        assert set(operation.absent.values()) <= FACTS
        assert not any("*" in code or " " in code for code in operation.absent)


def test_the_default_set_is_owned_confirmed_and_identified() -> None:
    for service in catalog().services.values():
        for operation in service.default_operations():
            assert operation.tier in {"curated", "corroborated"}
            assert operation.ownership == "owned"
            assert not operation.step
            assert not operation.guessed


def test_lists_of_what_aws_offers_run_only_when_named() -> None:
    for key in ("ec2:DescribeInstanceTypes", "rds:DescribeDBEngineVersions"):
        assert catalog().operation(key).not_default is not None


def test_asks_only_for_the_accounts_own_images_and_snapshots() -> None:
    assert catalog().operation("ec2:DescribeImages").params == {"Owners": ["self"]}
    snapshots = catalog().operation("ec2:DescribeSnapshots")
    assert snapshots.params == {"OwnerIds": ["self"]}


def test_nothing_that_returns_credentials_or_data_is_in_it() -> None:
    names = {operation.name for operation in OPERATIONS}
    assert not names & {
        *("GetSessionToken", "GetFederationToken", "GetSecretValue", "GetObject"),
        *("GetPasswordData", "GetAuthorizationToken", "ReceiveMessage", "GetRecords"),
        *("GetCredentialReport", "GetClusterCredentials", "ListMFADevices"),
    }


def test_ec2_is_split_by_noun() -> None:
    def category(name: str) -> str:
        return catalog().operation(f"ec2:{name}").category

    assert category("DescribeInstances") == "compute"
    assert category("DescribeVolumes") == category("DescribeSnapshots") == "storage"
    for name in ("Vpcs", "Subnets", "NatGateways", "SecurityGroups"):
        assert category(f"Describe{name}") == "networking-and-content-delivery"


def test_global_services_are_asked_once() -> None:
    for service in ("iam", "route53", "cloudfront"):
        for operation in catalog().service(service).operations.values():
            assert operation.once_per_account
    assert catalog().operation("s3:ListBuckets").scope == "home_region"
    assert not catalog().operation("ec2:DescribeVpcs").once_per_account


def test_chooses_the_state_by_name_not_by_the_first_enum() -> None:
    assert catalog().operation("rds:DescribeDBInstances").state == "DBInstanceStatus"
    assert catalog().operation("ec2:DescribeInstances").state == "State.Name"


def test_unknown_names_are_facts() -> None:
    with pytest.raises(UnknownService):
        catalog().service("ec3")
    with pytest.raises(UnknownOperation):
        catalog().operation("ec2:DescribeDreams")


@pytest.mark.parametrize(
    "services",
    [
        {"no-such-service": {}},
        {"sqs": {"operations": {"ListDreams": {}}}},
        {"sqs": {"left_out": {"ListDreams": "why"}}},
        {"sqs": {"operations": {"ListQueues": {"colour": "red"}}}},
        {"sqs": {"operations": {"ReceiveMessage": {"id": "@"}}}},
    ],
)
def test_refuses_an_override_that_the_models_contradict(services: Any) -> None:
    with pytest.raises(build.BadOverride):
        build.build(overrides(**services))


def test_refuses_an_override_with_a_path_the_model_lacks() -> None:
    wrong = {"operations": {"ListQueues": {"results": ["Dreams[]"]}}}
    with pytest.raises(NoSuchPath):
        build.build(overrides(sqs=wrong))


def test_widening_is_data() -> None:
    made: Any = build.build(overrides(glue={}, stepfunctions={}, backup=None))
    assert set(made["services"]) == {"glue", "stepfunctions", "backup"}
    assert "GetJobs" in made["services"]["glue"]["operations"]
    json.dumps(made)


def test_a_service_without_a_listing_says_that_it_needs_input() -> None:
    made: Any = build.build(overrides(**{"rds-data": {}}))
    assert made["services"]["rds-data"]["listable"] == "needs_input"
    assert made["services"]["rds-data"]["reason"]


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
