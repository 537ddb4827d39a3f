"""Every health check declares what it calls and needs; an error is never a verdict."""

import itertools
from collections import Counter
from dataclasses import replace

import pytest

from app.aws.call import Guard
from app.aws.catalog import derive, sources
from app.aws.catalog.loader import Operation, catalog
from app.aws.engine import check_pages
from app.aws.errors import AWSError, AWSPermissionError
from app.aws.paths import search
from app.aws.services import health
from app.aws.services.check import Detail, HealthCheck, Judgement
from app.aws.services.health import UnknownCheck, check_of, checks
from app.aws.session import TenantSession
from app.aws.unit import Finding, NotApplicable, Unit
from tests.aws.fake_aws import ACCOUNT, MOMENT, Asked, FakeAWS
from tests.aws.faults import Refused
from tests.aws.health.answers import ANSWERS, QUEUE, REGION

CHECKS = list(checks().values())
DETAILS = [(check, detail) for check in CHECKS for detail in check.details]
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
ABSENCES = [
    (check, operation, code)
    for check in CHECKS
    for operation in catalog().chain(catalog().operation(check.listing))
    for code in operation.absent
]
Call = tuple[str, str]  # service and operation
each_check = pytest.mark.parametrize("check", CHECKS, ids=lambda one: one.key)


def region_of(operation: Operation) -> str:
    """Where the service is offered, if not everywhere."""
    offered = catalog().service(operation.service).regions
    if operation.once_per_account:
        return "global"
    return REGION if offered is None or REGION in offered else min(offered)


def checked(check: HealthCheck, session: TenantSession) -> list[Finding]:
    operation = catalog().operation(check.listing)
    unit = Unit("health", check.service, region_of(operation), check.key)
    pages = check_pages(unit, session, guard=Guard(), now=MOMENT)
    return [finding for page in pages for finding in page]


# ── declarations ─────────────────────────────────────────────────────────────────


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
def test_a_detail_is_one_known_call_and_says_why_one_page_is_enough(
    check: HealthCheck, detail: Detail
) -> None:
    model = sources.service_model(detail.service).operation_model(detail.operation)
    assert detail.first_page or derive.pager(model, {}) is None
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


class At:
    """Refuses one call of an operation, counted from 0 as they come: calls of a unit
    are made at the same time, so that their order among all is nobody's."""

    def __init__(self, call: Call, code: str, *, number: int = 0) -> None:
        self._call = call
        self._code = code
        self._number = number
        self._seen = itertools.count()

    def __call__(self, asked: Asked) -> Refused | None:
        if (asked.service, asked.operation) != self._call:
            return None
        return Refused(self._code) if next(self._seen) == self._number else None


def calls_of(check: HealthCheck, fake: FakeAWS, session: TenantSession) -> list[Call]:
    with fake.afresh(answers=ANSWERS, hold_still=True):
        checked(check, session)
        return [(one.service, one.operation) for one in fake.ledger]


def refused(
    check: HealthCheck, fake: FakeAWS, session: TenantSession, at: At
) -> AWSError:
    still = fake.afresh(answers=ANSWERS, hold_still=True, judge=at)
    with still, pytest.raises(AWSError) as caught:
        checked(check, session)
    return caught.value


@each_check
def test_no_error_at_any_call_is_swallowed(
    check: HealthCheck, fake: FakeAWS, session: TenantSession
) -> None:
    calls = Counter(calls_of(check, fake, session))
    for call, count in calls.items():
        for code in {*CODES, *modelled(*call)} - declared(check):
            error = refused(check, fake, session, At(call, code))
            assert (error.facts.service, error.facts.operation) == call
        for number in range(count):
            error = refused(check, fake, session, At(call, CODES[0], number=number))
            assert isinstance(error, AWSPermissionError)


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
    # The second time SQS is asked for attributes, they are the dead-letter queue's.
    call, number = (detail.service, detail.operation), detail.into == "DeadLetters"
    at = At(call, code, number=int(number))
    with fake.afresh(answers=ANSWERS, hold_still=True, judge=at):
        findings = checked(check, session)
    fact = detail.absent[code]
    recorded = [one for one in findings if detail.into in one.facts]
    assert [one.facts[detail.into] for one in recorded] == [f"{fact} ({code})"]
    if fact == "vanished":
        assert recorded[0].verdict == "inactive"


@pytest.mark.parametrize(("check", "operation", "code"), ABSENCES)
def test_a_declared_absence_of_a_listing_is_no_failure(
    check: HealthCheck,
    operation: Operation,
    code: str,
    fake: FakeAWS,
    session: TenantSession,
) -> None:
    at = At((operation.service, operation.name), code)
    if operation.failures and code == "MISSING":
        pytest.skip("a reason inside an answer, not an error")
    with fake.afresh(answers=ANSWERS, hold_still=True, judge=at):
        if operation.absent[code] == "not_applicable":
            with pytest.raises(NotApplicable, match=code):
                checked(check, session)
        else:
            checked(check, session)


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
