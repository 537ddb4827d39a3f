"""Every health check declares what it calls and needs; an error is never a verdict."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from botocore.model import StructureShape

from app.aws.call import Guard
from app.aws.catalog import derive, sources
from app.aws.catalog.loader import catalog
from app.aws.engine import check_pages
from app.aws.errors import AWSError, AWSPermissionError
from app.aws.paths import search
from app.aws.services import health
from app.aws.services.check import Detail, HealthCheck, Judgement
from app.aws.services.health import UnknownCheck, check_of, checks
from app.aws.session import TenantSession
from app.aws.unit import Finding, Unit
from tests.aws.fake_aws import ACCOUNT, MOMENT, FakeAWS

CHECKS = list(checks().values())
DETAILS = [(check, detail) for check in CHECKS for detail in check.details]
REGION = "eu-west-1"
CODES = (
    "AccessDenied",
    "UnauthorizedOperation",
    "ExpiredToken",
    "InvalidClientTokenId",
    "ThrottlingException",
    "RequestLimitExceeded",
    "InternalError",
    "ServiceUnavailable",
    "ValidationError",
    "OptInRequired",
    "SomethingNeverSeen",
)
DEAD_LETTERS = '{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:123456789012:dead"}'
QUEUE = {
    "Attributes": {
        "QueueArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders",
        "RedrivePolicy": DEAD_LETTERS,
        "ApproximateNumberOfMessages": "0",
    }
}
# What the checks must find for every one of their calls to be made.
ANSWERS: dict[str, Mapping[str, Any]] = {
    "sqs:ListQueues": {"QueueUrls": ["https://queue"], "NextToken": None},
    "sqs:GetQueueAttributes": QUEUE,
}
each_check = pytest.mark.parametrize("check", CHECKS, ids=lambda one: one.key)


def checked(check: HealthCheck, session: TenantSession) -> list[Finding]:
    operation = catalog().operation(check.listing)
    region = "global" if operation.once_per_account else REGION
    unit = Unit("health", check.service, region, check.key)
    pages = check_pages(unit, session, guard=Guard(), now=MOMENT)
    return [finding for page in pages for finding in page]


# ── declarations ─────────────────────────────────────────────────────────────────


def test_every_service_of_the_release_has_a_check() -> None:
    listable = {s.name for s in catalog().services.values() if s.operations}
    assert {check.service for check in CHECKS} == listable


@each_check
def test_a_check_declares_exactly_the_actions_it_needs(check: HealthCheck) -> None:
    chain = catalog().chain(catalog().operation(check.listing))
    listing = {action for operation in chain for action in operation.iam}
    details = {action for detail in check.details for action in detail.actions}
    assert set(check.actions) == listing | details
    assert len(check.actions) == len(set(check.actions))


@each_check
def test_a_check_only_reads(check: HealthCheck) -> None:
    assert check.actions
    assert all(sources.only_reads(action) for action in check.actions)


@each_check
def test_a_check_belongs_to_the_service_it_lists(check: HealthCheck) -> None:
    assert catalog().operation(check.listing).service == check.service
    assert check.title


@pytest.mark.parametrize(("check", "detail"), DETAILS)
def test_a_detail_is_one_known_call_with_one_page(
    check: HealthCheck, detail: Detail
) -> None:
    model = sources.service_model(detail.service).operation_model(detail.operation)
    assert derive.pager(model, {}) is None
    assert set(detail.absent.values()) <= {"absent", "vanished", "not_applicable"}


@pytest.mark.parametrize(("check", "detail"), DETAILS)
def test_what_costs_money_is_marked(check: HealthCheck, detail: Detail) -> None:
    assert detail.paid == (detail.operation == "GetMetricStatistics")


@each_check
def test_the_facts_beside_a_verdict_can_be_found(check: HealthCheck) -> None:
    for path in check.facts.values():
        search(path, {})


def test_an_unknown_check_is_a_fact() -> None:
    with pytest.raises(UnknownCheck):
        check_of("ec2:dreams")


# ── against the fake ─────────────────────────────────────────────────────────────


@each_check
def test_every_call_is_made_and_gives_a_finding(
    check: HealthCheck, fake: FakeAWS, session: TenantSession
) -> None:
    with fake.afresh(answers=ANSWERS):
        findings = checked(check, session)
        asked = {(one.service, one.operation) for one in fake.ledger}
    operation = catalog().operation(check.listing)
    expected = {(one.service, one.name) for one in catalog().chain(operation)}
    for detail in check.details:
        # Which Route 53 checks can be observed depends on their type.
        if detail.operation != "GetHealthCheckStatus":
            expected.add((detail.service, detail.operation))
    assert expected <= asked
    assert findings
    assert {finding.type for finding in findings} == {operation.type}
    assert all(finding.reason.endswith(".") for finding in findings)


def declared(check: HealthCheck) -> set[str]:
    chain = catalog().chain(catalog().operation(check.listing))
    listings = {code for operation in chain for code in operation.absent}
    return listings | {code for detail in check.details for code in detail.absent}


def modelled(service: str, operation: str) -> set[str]:
    model = sources.service_model(service).operation_model(operation)
    return {
        shape.metadata.get("error", {}).get("code", shape.name)
        for shape in model.error_shapes
    }


@each_check
def test_no_error_at_any_call_is_swallowed(
    check: HealthCheck, fake: FakeAWS, session: TenantSession
) -> None:
    with fake.afresh(answers=ANSWERS, hold_still=True):
        checked(check, session)
        calls = fake.ledger
    first = {
        (one.service, one.operation): n for n, one in reversed([*enumerate(calls)])
    }
    for (service, operation), number in first.items():
        for code in {*CODES, *modelled(service, operation)} - declared(check):
            with fake.afresh(answers=ANSWERS, hold_still=True, fail={number: code}):
                with pytest.raises(AWSError) as caught:
                    checked(check, session)
                assert len(fake.ledger) == number + 1
            assert caught.value.facts.operation == operation
    for number in range(len(calls)):
        with fake.afresh(answers=ANSWERS, hold_still=True, fail={number: CODES[0]}):
            with pytest.raises(AWSPermissionError):
                checked(check, session)
            assert len(fake.ledger) == number + 1


@pytest.mark.parametrize(
    ("check", "detail", "code"),
    [(check, detail, code) for check, detail in DETAILS for code in detail.absent],
)
def test_a_declared_absence_is_recorded_with_its_code(
    check: HealthCheck,
    detail: Detail,
    code: str,
    fake: FakeAWS,
    session: TenantSession,
) -> None:
    with fake.afresh(answers=ANSWERS, hold_still=True):
        checked(check, session)
        numbers = [
            number
            for number, one in enumerate(fake.ledger)
            if (one.service, one.operation) == (detail.service, detail.operation)
        ]
    # The second time SQS is asked for attributes, they are the dead-letter queue's.
    number = numbers[1 if detail.into == "DeadLetters" else 0]
    with fake.afresh(answers=ANSWERS, hold_still=True, fail={number: code}):
        findings = checked(check, session)
    fact = detail.absent[code]
    recorded = [one for one in findings if detail.into in one.facts]
    assert [one.facts[detail.into] for one in recorded] == [f"{fact} ({code})"]
    if fact == "vanished":
        assert recorded[0].verdict == "inactive"


def test_the_dead_letter_queue_of_a_queue_is_counted(
    fake: FakeAWS, session: TenantSession
) -> None:
    attributes = {**QUEUE["Attributes"], "ApproximateNumberOfMessages": "4"}
    answers = {**ANSWERS, "sqs:GetQueueAttributes": {"Attributes": attributes}}
    with fake.afresh(answers=answers):
        (finding,) = checked(check_of("sqs:queue"), session)
        named = next(one for one in fake.ledger if one.operation == "GetQueueUrl")
    assert finding.verdict == "unhealthy"
    assert finding.facts["dead_letters"] == "4"
    assert named.params == {"QueueName": "dead", "QueueOwnerAWSAccountId": ACCOUNT}


def test_each_bucket_is_asked_in_its_own_region(
    fake: FakeAWS, session: TenantSession
) -> None:
    answers = {
        "s3:ListBuckets": {"Buckets": [{"Name": "b"}], "ContinuationToken": None},
        "s3:GetBucketLocation": {"LocationConstraint": "EU"},
    }
    with fake.afresh(answers=answers):
        checked(check_of("s3:bucket"), session)
        regions = {one.operation: one.region for one in fake.ledger}
    assert regions["ListBuckets"] == regions["GetBucketLocation"] == "us-east-1"
    assert regions["GetPublicAccessBlock"] == "eu-west-1"


def test_a_word_aws_never_said_before_is_unknown(
    fake: FakeAWS, session: TenantSession
) -> None:
    answer = {"Vpcs": [{"VpcId": "v", "State": "enchanted"}], "NextToken": None}
    with fake.afresh(answers={"ec2:DescribeVpcs": answer}):
        (finding,) = checked(check_of("ec2:vpc"), session)
    assert finding.verdict == "unknown"
    assert "enchanted" in finding.reason


def test_facts_never_carry_a_secret(
    fake: FakeAWS, session: TenantSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = check_of("lambda:event_source_mapping")
    spying = replace(plain, facts={"password": "FunctionArn"})
    monkeypatch.setattr(health, "checks", lambda: {spying.key: spying})
    with fake.afresh():
        findings = checked(spying, session)
    assert {finding.facts["password"] for finding in findings} == {"[redacted]"}


def test_a_hostile_reason_fails_its_unit(
    fake: FakeAWS, session: TenantSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def judge(*_: object) -> Judgement:
        return Judgement("healthy", "fine\x00")

    hostile = replace(check_of("ec2:vpc"), judge=judge)
    monkeypatch.setattr(health, "checks", lambda: {hostile.key: hostile})
    with fake.afresh(), pytest.raises(AWSError) as caught:
        checked(hostile, session)
    assert caught.value.facts.code == "hostile_or_oversized"


def test_details_ask_with_members_that_exist() -> None:
    item = {
        "ARN": "arn",
        "DeadLetterUrl": {"QueueUrl": "u"},
        "FunctionArn": "arn",
        "Id": "1",
        "Name": "b",
        "QueueArn": "arn:aws:sqs:x:1:q",
        "RedrivePolicy": DEAD_LETTERS,
        "StreamName": "s",
        "TargetGroupArn": "arn",
    }
    for _, detail in DETAILS:
        model = sources.service_model(detail.service).operation_model(detail.operation)
        shape = model.input_shape
        assert isinstance(shape, StructureShape)
        params = detail.inputs(item, MOMENT)
        assert params is not None
        assert set(shape.required_members) <= set(params) <= set(shape.members)
