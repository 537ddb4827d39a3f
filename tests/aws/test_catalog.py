"""The catalog says what the models say, of every service and every listing."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

import pytest
from botocore.model import OperationModel, StructureShape

from app.aws.catalog import derive, sources, summary
from app.aws.catalog.decisions import read_overrides, rule_for, rules_of
from app.aws.catalog.loader import (
    Operation,
    Service,
    UnknownOperation,
    UnknownService,
    catalog,
)
from app.aws.catalog.shapes import element_shape, words_at
from app.aws.catalog.state_words import tells_health
from app.aws.engine import NothingToDo, units_for
from app.aws.services.check import CheckTier
from app.aws.services.health import check_of, checks_of
from app.aws.unit import Unit

SERVICES = list(catalog().services.values())
OPERATIONS = list(catalog().all_operations())
FACTS = {"absent", "vanished", "not_applicable"}
RULES = rules_of(read_overrides())
each_service = pytest.mark.parametrize("service", SERVICES, ids=lambda one: one.name)


def wrong(
    operations: Iterable[Operation], flaw: Callable[[Operation], Any]
) -> Mapping[str, Any]:
    """What is wrong with which operation; empty if all is well."""
    found = {one.key: flaw(one) for one in operations}
    return {key: what for key, what in found.items() if what}


def model(operation: Operation) -> OperationModel:
    return sources.service_model(operation.service).operation_model(operation.name)


def inputs_of(operation: Operation) -> set[str]:
    shape = model(operation).input_shape
    return set(shape.members) if isinstance(shape, StructureShape) else set()


# ── all services ─────────────────────────────────────────────────────────────────


def test_every_service_of_the_sdk_is_answered() -> None:
    assert sorted(catalog().services) == sources.known_services()


def test_every_service_is_listed_by_default_or_says_why_not() -> None:
    for service in SERVICES:
        assert (service.listable == "listable") == bool(service.operations)
        assert (service.reason is None) == bool(service.default_operations())


def test_a_reason_says_something_of_its_service() -> None:
    unlisted = [one for one in SERVICES if one.listable != "listable"]
    reasons = [str(one.reason) for one in unlisted]
    assert all(len(reason.split()) >= 4 for reason in reasons)
    # A few data planes of one kind may share a sentence, whole groups may not.
    assert max(map(reasons.count, reasons)) <= 2


def test_the_figures_are_those_that_were_promised() -> None:
    found = summary.counts()
    assert found["services"] == 439
    assert found["roots"] >= 2400
    assert found["root_services"] >= 380
    assert found["iam_known"] >= 0.95
    assert found["curated_health"] >= 60
    assert found["state_word_services"] >= 180
    unlisted = found["needs_input"] + found["not_applicable"]
    assert found["listable"] + unlisted == found["services"]


@pytest.mark.parametrize("tier", ["curated", "generic"])
def test_health_is_counted_by_the_units_that_tasks_have(tier: CheckTier) -> None:
    found = summary.counts()
    units: list[Unit] = []
    for service in SERVICES:
        with suppress(NothingToDo):
            units += units_for("health", [service.name], ["us-east-1"])
    made = [one for one in units if check_of(one.key).tier == tier]
    assert found[f"{tier}_health"] == len({one.service for one in made})
    assert found[f"{tier}_checks"] == len(made)


def test_what_no_check_reads_is_counted() -> None:
    read = {check.listing for one in SERVICES for check in checks_of(one.name)}
    unread = [one for one in OPERATIONS if one.not_default is None]
    unread = [one for one in unread if one.key not in read]
    assert summary.counts()["unchecked"] == len(unread)


def test_each_operation_has_a_version_of_its_own() -> None:
    assert len({one.version for one in OPERATIONS}) == len(OPERATIONS)
    assert all(len(one.version) == 16 for one in OPERATIONS)


# ── agreement with the models ────────────────────────────────────────────────────


@each_service
def test_listings_agree_with_their_models(service: Service) -> None:
    assert wrong(service.operations.values(), disagreement) == {}


def disagreement(operation: Operation) -> str | None:
    shape, inputs = model(operation).input_shape, inputs_of(operation)
    for path in operation.results:
        element_shape(model(operation).output_shape, path)  # raises if it is not there
    feed, pager = operation.feed, operation.pager
    fed = {*feed.inputs, *feed.carry} if feed else set()
    named = (operation.account_id, operation.since, operation.until)
    given = {*operation.params, *operation.fan_out, *fed, *filter(None, named)}
    required = shape.required_members if isinstance(shape, StructureShape) else ()
    findings = {
        "asks with what the model lacks": not given <= inputs,
        "lacks a required input": not set(required) <= given,
        "keeps what it does not ask with": not set(operation.keep) <= given,
        "pages with what the model lacks": pager and not {*pager.inputs} <= inputs,
        "pairs tokens badly": pager and len(pager.inputs) != len(pager.outputs),
        "has a page size and no limit": operation.page_size
        and (pager is None or pager.limit not in inputs),
    }
    return next((what for what, holds in findings.items() if holds), None)


@each_service
def test_no_list_is_cut_in_silence(service: Service) -> None:
    def unread(operation: Operation) -> bool:
        if operation.pager or operation.settings or "" in operation.results:
            return False
        return derive.pager(model(operation), {}) is not None

    assert wrong(service.operations.values(), unread) == {}


@each_service
def test_a_state_that_tells_health_has_only_known_words(service: Service) -> None:
    telling = [one for one in service.operations.values() if one.tells_health]
    for operation in telling:
        for path in operation.results:
            item = element_shape(model(operation).output_shape, path)
            assert tells_health(words_at(item, str(operation.state))), operation.key


def test_the_state_is_chosen_by_its_name_not_as_the_first_enum() -> None:
    assert catalog().operation("rds:DescribeDBInstances").state == "DBInstanceStatus"
    assert catalog().operation("ec2:DescribeInstances").state == "State.Name"


def test_what_identifies_a_resource_is_never_masked() -> None:
    assert wrong(OPERATIONS, lambda one: one.id in one.sensitive) == {}
    numbers = catalog().operation("chime-sdk-voice:ListPhoneNumbers")
    assert numbers.id == "PhoneNumberArn"
    # Here the model masks the whole item.
    assert "GetEventTypes" not in catalog().service("frauddetector").operations


def test_a_list_said_in_two_forms_is_read_once() -> None:
    assert catalog().operation("resource-groups:ListGroups").results == (
        "GroupIdentifiers[]",
    )


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


# ── permissions ──────────────────────────────────────────────────────────────────


def test_every_action_is_known_to_iam_and_only_reads() -> None:
    def writes(operation: Operation) -> list[str]:
        return [one for one in operation.iam if not sources.only_reads(one)]

    assert wrong(OPERATIONS, writes) == {}


def test_what_needs_an_unknown_action_is_never_in_a_default_set() -> None:
    unknown = [one for one in OPERATIONS if not one.iam]
    assert unknown
    assert all(one.not_default for one in unknown)


def test_nothing_that_returns_credentials_or_data_is_in_it() -> None:
    def denied(operation: Operation) -> str | None:
        rule = rule_for(RULES.denied, operation.name)
        return rule.why if rule else None

    assert wrong(OPERATIONS, denied) == {}
    names = {operation.name for operation in OPERATIONS}
    assert not names & {
        *("GetSessionToken", "GetFederationToken", "GetSecretValue", "GetObject"),
        *("GetPasswordData", "GetAuthorizationToken", "ReceiveMessage", "GetRecords"),
        *("GetCredentialReport", "GetClusterCredentials", "ListMFADevices"),
        *("GetTemporaryDataLocationCredentials", "GetParameters", "ListVectors"),
        *("ListAPIKeys", "GetTemplate", "GetProvisionedProductOutputs"),
    }


@pytest.mark.parametrize(
    "key",
    [
        *("elbv2:DescribeListeners", "elbv2:DescribeRules", "kinesis:ListShards"),
        *("cloudformation:DescribeStackResources", "odb:ListDbNodes"),
        *("logs:DescribeLogStreams", "iam:ListAccessKeys", "s3vectors:ListIndexes"),
        *("redshift-data:ListDatabases", "servicecatalog:DescribeProvisionedProduct"),
        *("personalize-runtime:GetRecommendations", "codecatalyst:ListSpaces"),
        *("neptunedata:ListMLEndpoints", "chime:ListUsers", "iotsitewise:ListAssets"),
        *("route53-recovery-cluster:ListRoutingControls", "mediastore-data:ListItems"),
    ],
)
def test_what_only_the_model_calls_optional_is_no_root(key: str) -> None:
    service, _, name = key.partition(":")
    found = catalog().service(service).operations.get(name)
    assert found is None or found.feed


# ── the default sets ─────────────────────────────────────────────────────────────


def test_the_default_set_is_owned_confirmed_identified_and_free() -> None:
    for service in SERVICES:
        for operation in service.default_operations():
            assert operation.tier in {"curated", "corroborated"}
            assert operation.ownership == "owned"
            assert operation.iam
            assert not operation.step
            assert not operation.guessed
            assert not operation.paid
            assert not operation.settings


@pytest.mark.parametrize(
    "key",
    [
        *("ec2:DescribeInstanceTypes", "rds:DescribeDBEngineVersions"),
        *(
            "ec2:DescribeRegions",
            "bedrock:ListFoundationModels",
            "polly:DescribeVoices",
        ),
        *("savingsplans:DescribeSavingsPlansOfferings", "dms:DescribeEngineVersions"),
        *("controlcatalog:ListControls", "groundstation:ListSatellites"),
        *("route53domains:ListPrices", "pricing:DescribeServices"),
    ],
)
def test_what_aws_offers_runs_only_when_named(key: str) -> None:
    operation = catalog().operation(key)
    assert operation.ownership == "reference"
    assert operation.not_default


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("rds:DescribeEvents", "what happened"),
        ("inspector:ListFindings", "reports on resources"),
        ("comprehend:ListEntitiesDetectionJobs", "done once"),
        ("detective:ListInvitations", "asked of the account"),
        ("observabilityadmin:ListTelemetryRulesForOrganization", "administers"),
        ("backup:DescribeGlobalSettings", "set for the account"),
        ("ce:GetAnomalyMonitors", "charges"),
    ],
)
def test_what_is_no_resource_is_left_out_of_default_sets_with_a_reason(
    key: str, why: str
) -> None:
    assert why in str(catalog().operation(key).not_default)


def test_cost_explorer_is_marked_as_paid() -> None:
    paid = {one.service for one in OPERATIONS if one.paid}
    assert paid == {"ce"}
    assert all(one.paid for one in catalog().service("ce").operations.values())


def test_asks_only_for_what_the_account_owns() -> None:
    asked = {
        "ec2:DescribeImages": {"Owners": ["self"]},
        "ec2:DescribeSnapshots": {"OwnerIds": ["self"]},
        "iam:ListPolicies": {"Scope": "Local"},
        "auditmanager:ListControls": {"controlType": "Custom"},
        "wellarchitected:ListLenses": {"LensType": "CUSTOM_SELF"},
        "greengrassv2:ListComponents": {"scope": "PRIVATE"},
    }
    assert {key: catalog().operation(key).params for key in asked} == asked


# ── places ───────────────────────────────────────────────────────────────────────


def test_global_services_are_asked_once() -> None:
    together = {one.name for one in SERVICES if sources.is_global(one.name)}
    assert len(together) >= 30
    assert together >= {"iam", "route53", "cloudfront", "organizations", "budgets"}
    for name in together:
        for operation in catalog().service(name).operations.values():
            assert operation.once_per_account
    assert catalog().operation("s3:ListBuckets").scope == "home_region"
    assert not catalog().operation("ec2:DescribeVpcs").once_per_account


def test_a_home_that_is_not_the_usual_one_is_a_region_of_its_service() -> None:
    homes = {one.service: one.home for one in OPERATIONS if one.home}
    assert homes.keys() >= {"globalaccelerator", "route53globalresolver", "chatbot"}
    for operation in OPERATIONS:
        if operation.home:
            assert operation.scope == "home_region"
            assert operation.home in catalog().regions


def test_ec2_is_split_by_noun() -> None:
    def category(name: str) -> str:
        return catalog().operation(f"ec2:{name}").category

    assert category("DescribeInstances") == "compute"
    assert category("DescribeVolumes") == category("DescribeSnapshots") == "storage"
    for name in ("Vpcs", "Subnets", "NatGateways", "SecurityGroups"):
        assert category(f"Describe{name}") == "networking-and-content-delivery"


def test_unknown_names_are_facts() -> None:
    with pytest.raises(UnknownService):
        catalog().service("ec3")
    with pytest.raises(UnknownOperation):
        catalog().operation("ec2:DescribeDreams")
