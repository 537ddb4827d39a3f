"""Every failure has one category, a code, and advice a person can follow."""

import inspect
import json
import pickle
import ssl
from collections import Counter
from typing import Any

import botocore.exceptions
import pytest
import urllib3.exceptions
from botocore.discovery import EndpointDiscoveryRefreshFailed
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from app.aws.advice import Situation, advise
from app.aws.client_errors import kind_of_exception
from app.aws.error_codes import Kind
from app.aws.errors import (
    CATEGORIES,
    NOTES,
    AWSAuthenticationError,
    AWSConfigurationError,
    AWSConnectivityError,
    AWSError,
    AWSPermissionError,
    AWSServiceError,
    AWSServiceLimitError,
    ErrorFacts,
    catalog_fault,
    category_of,
    classify,
    error,
)


def answered(
    code: str,
    status: int = 400,
    message: str = "Said AWS",
    *,
    service: str = "ec2",
    region: str = "eu-west-1",
    phase: str = "call",
    iam_actions: tuple[str, ...] = (),
) -> AWSError:
    response: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status, "RequestId": "req-1"},
    }
    return classify(
        ClientError(response, "DescribeInstances"),
        service=service,
        operation="DescribeInstances",
        region=region,
        phase=phase,
        iam_actions=iam_actions,
    )


def raised(failure: BaseException) -> AWSError:
    return classify(
        failure, service="ec2", operation="DescribeInstances", region="eu-west-1"
    )


def test_the_six_categories_have_their_class_names() -> None:
    assert [one.category for one in CATEGORIES] == [
        "AWSAuthenticationError",
        "AWSPermissionError",
        "AWSServiceLimitError",
        "AWSServiceError",
        "AWSConnectivityError",
        "AWSConfigurationError",
    ]


TAXONOMY = {
    AWSAuthenticationError: """
        InvalidClientTokenId UnrecognizedClientException AuthFailure
        InvalidAccessKeyId SignatureDoesNotMatch InvalidSignatureException
        IncompleteSignature MissingAuthenticationToken
        MissingAuthenticationTokenException RequestTimeTooSkewed InvalidToken
        ExpiredToken ExpiredTokenException RequestExpired TokenRefreshRequired
    """,
    AWSPermissionError: """
        AccessDenied AccessDeniedException UnauthorizedOperation
        AuthorizationError AuthorizationErrorException NotAuthorized
        NotAuthorizedException Forbidden ForbiddenException
        UnauthorizedException OptInRequired SubscriptionRequiredException
    """,
    AWSServiceLimitError: """
        Throttling ThrottlingException ThrottledException RequestThrottled
        RequestThrottledException RequestLimitExceeded TooManyRequestsException
        SlowDown BandwidthLimitExceeded EC2ThrottledException
        ProvisionedThroughputExceededException PriorRequestNotComplete
        ServiceQuotaExceededException LimitExceeded LimitExceededException
        DBInstanceQuotaExceeded InstanceQuotaExceededFault ResourceLimitExceeded
        InsufficientInstanceCapacity VcpuLimitExceeded
    """,
    AWSServiceError: """
        ServiceUnavailable InternalError InternalFailure InvalidParameterValue
        InvalidParameterCombination ValidationError ValidationException
        MissingParameter InvalidInstanceID.NotFound NoSuchBucket
        NothingAnyoneHasHeardOf
    """,
}


@pytest.mark.parametrize(("category", "codes"), TAXONOMY.items())
def test_codes_have_the_category_of_the_taxonomy(
    category: type[AWSError], codes: str
) -> None:
    wrong = {code for code in codes.split() if type(answered(code)) is not category}
    assert not wrong


@pytest.mark.parametrize("code", ["SlowDown", "RequestLimitExceeded"])
def test_the_code_wins_over_the_status(code: str) -> None:
    assert answered(code, 503).facts.notes == ("throttling",)


def test_a_limit_answered_with_429_is_throttling_and_else_a_quota() -> None:
    code = "LimitExceededException"
    assert answered(code, 429).facts.notes == ("throttling",)
    assert answered(code, 400).facts.notes == ("quota",)


def test_a_code_the_services_model_marks_as_throttling_is_throttling() -> None:
    of_route53 = classify(
        ClientError({"Error": {"Code": "ThrottlingException"}}, "X"),
        service="inspector2",
        operation="X",
        region="eu-west-1",
    )
    assert of_route53.facts.notes == ("throttling",)
    trait = "ModelNotReadyException"
    service = "sagemaker-inference-router-runtime"
    assert category_of(service, trait, None) is AWSServiceLimitError
    assert category_of("ec2", trait, None) is AWSServiceError


def test_a_bare_403_is_an_ambiguous_denial() -> None:
    denied = answered("403", 403, "Forbidden", service="s3")
    assert isinstance(denied, AWSPermissionError)
    assert denied.facts.notes == ("permission", "ambiguous")


def test_a_valid_key_in_a_disabled_region_is_not_only_a_wrong_key() -> None:
    opt_in = answered("AuthFailure", 401, region="me-south-1").facts
    always_on = answered("AuthFailure", 401, region="eu-west-1").facts
    assert "possible_region_disabled" in opt_in.notes
    assert "opted in" in opt_in.advice
    assert "possible_region_disabled" not in always_on.notes


def test_a_denial_names_the_action_the_resource_and_the_policy() -> None:
    message = (
        "User: arn:aws:sts::1:assumed-role/r/s is not authorized to perform: "
        "kms:ListKeys on resource: arn:aws:kms:eu-west-1:1:key/k with an explicit deny "
        "in a service control policy"
    )
    facts = answered("AccessDeniedException", 400, message, service="kms").facts
    assert facts.missing_action == "kms:ListKeys"
    assert facts.resource == "arn:aws:kms:eu-west-1:1:key/k"
    assert facts.deny_source == "service_control_policy"
    assert facts.notes == ("permission", "explicit_deny")
    assert "kms:ListKeys" in facts.advice
    assert "AWS Organizations" in facts.advice


def statement_in(advice: str) -> Any:
    """The IAM statement at the end of an advice, as a reader would paste it."""
    return json.loads(advice.partition("The statement to add: ")[2].rstrip("."))


def test_a_denial_comes_with_the_statement_to_add() -> None:
    message = (
        "User: u is not authorized to perform: kms:ListKeys on resource: * because no "
        "identity-based policy allows the kms:ListKeys action"
    )
    facts = answered("AccessDeniedException", 400, message, service="kms").facts
    assert statement_in(facts.advice) == {
        "Effect": "Allow",
        "Action": ["kms:ListKeys"],
        "Resource": "*",
    }


def test_a_denial_without_words_comes_with_what_the_operation_needs() -> None:
    facts = answered("AccessDenied", 403, "No", iam_actions=("s3:A", "s3:B")).facts
    assert statement_in(facts.advice)["Action"] == ["s3:A", "s3:B"]


@pytest.mark.parametrize(
    "reason",
    [
        "with an explicit deny in an identity-based policy",
        "with an explicit deny in a service control policy",
        "because no session policy allows the kms:ListKeys action",
        "because no VPC endpoint policy allows the kms:ListKeys action",
        "because no resource-based policy allows the kms:ListKeys action",
    ],
)
def test_no_statement_is_offered_where_none_would_help(reason: str) -> None:
    message = f"User: u is not authorized to perform: kms:ListKeys {reason}"
    advice = answered("AccessDeniedException", 400, message, service="kms").facts.advice
    assert "kms:ListKeys" in advice
    assert "statement" not in advice


def test_an_encoded_reason_is_kept_whole_and_can_be_decoded_by_who_may() -> None:
    encoded = (
        "4GIOHlTkIaWHQD0Q0m6XSnuUMCm-" + "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY12-" * 5
    )
    message = (
        "You are not authorized to perform this operation. "
        f"Encoded authorization failure message: {encoded}"
    )
    facts = answered("UnauthorizedOperation", 403, message).facts
    assert facts.message == message
    assert facts.notes == ("permission", "encoded_reason")
    assert "sts:DecodeAuthorizationMessage" in facts.advice


def test_a_denial_without_words_names_what_the_operation_needs() -> None:
    one = answered("AccessDenied", 403, "Access Denied", iam_actions=("s3:A",)).facts
    two = answered("AccessDenied", 403, "No", iam_actions=("s3:A", "s3:B")).facts
    assert one.missing_action == "s3:A"
    assert two.missing_action is None
    assert "s3:A and s3:B" in two.advice


def test_a_refused_role_may_have_three_reasons() -> None:
    advice = answered("AccessDenied", 403, phase="assume_role").facts.advice
    assert all(word in advice for word in ("trust policy", "ExternalId", "not exist"))


BOTOCORE_EXCEPTIONS = [
    one
    for _, one in inspect.getmembers(botocore.exceptions, inspect.isclass)
    if issubclass(one, Exception)
    and not issubclass(one, Warning)
    and one.__module__ == "botocore.exceptions"
]


def raised_bare(kind: type[Exception]) -> AWSError:
    failure = kind.__new__(kind)
    if isinstance(failure, ClientError):  # an answer of AWS; this one says nothing
        failure.response = {"Error": {}}
    return raised(failure)


@pytest.mark.parametrize("kind", BOTOCORE_EXCEPTIONS)
def test_an_exception_of_botocore_lands_in_one_category(kind: type[Exception]) -> None:
    failure = raised_bare(kind)
    assert [one for one in CATEGORIES if isinstance(failure, one)] == [type(failure)]
    assert failure.facts.advice


def test_the_exceptions_of_botocore_are_counted() -> None:
    """99, as the design counts them; of its nine of service and protocol, one is a
    limit: botocore's own brake."""
    counts = Counter(raised_bare(one).category for one in BOTOCORE_EXCEPTIONS)
    assert counts == {
        "AWSAuthenticationError": 22,
        "AWSConnectivityError": 11,
        "AWSConfigurationError": 57,
        "AWSServiceError": 8,
        "AWSServiceLimitError": 1,
    }


@pytest.mark.parametrize(
    ("failure", "category", "phase"),
    [
        (ResponseParserError("no XML"), AWSServiceError, "call"),
        (MemoryError(), AWSServiceError, "call"),
        (ValueError("a date that is none"), AWSServiceError, "call"),
        (RecursionError(), AWSServiceError, "call"),
        (urllib3.exceptions.ProtocolError("reset"), AWSConnectivityError, "read"),
        (urllib3.exceptions.DecodeError(), AWSConnectivityError, "read"),
        (ssl.SSLError("bad certificate"), AWSConnectivityError, "read"),
        (ConnectionRefusedError(), AWSConnectivityError, "connect"),
        (EndpointDiscoveryRefreshFailed(), AWSConnectivityError, "read"),
        (TimeoutError(), AWSConnectivityError, "read"),
    ],
)
def test_what_is_outside_botocores_tree_is_caught_too(
    failure: Exception, category: type[AWSError], phase: str
) -> None:
    known = raised(failure)
    assert type(known) is category
    assert known.facts.phase == phase
    assert known.facts.code == type(failure).__name__
    assert known.facts.message


def test_every_exception_of_urllib3_is_a_broken_connection() -> None:
    for _, one in inspect.getmembers(urllib3.exceptions, inspect.isclass):
        if issubclass(one, urllib3.exceptions.HTTPError):
            assert kind_of_exception(one.__new__(one)) is Kind.CONNECTIVITY


def test_what_is_stored_has_the_members_of_the_api() -> None:
    stored = answered("AccessDenied", 403).facts.as_json()
    assert stored == {
        "category": "AWSPermissionError",
        "code": "AccessDenied",
        "message": "Said AWS",
        "service": "ec2",
        "operation": "DescribeInstances",
        "region": "eu-west-1",
        "request_id": "req-1",
        "http_status": 403,
        "missing_action": None,
        "resource": None,
        "deny_source": None,
        "advice": stored["advice"],
        "retries": 0,
        "phase": "call",
        "notes": ["permission"],
    }


def test_an_error_that_has_its_facts_keeps_them() -> None:
    known = answered("AccessDenied", 403)
    assert raised(known) is known
    again = pickle.loads(pickle.dumps(known))  # noqa: S301 - our own bytes
    assert (type(again), again.facts) == (type(known), known.facts)


def test_notes_are_added_to_a_copy() -> None:
    fault = answered("MissingParameter")
    noted = fault.noted("catalog_fault")
    assert noted.facts.notes == ("validation", "catalog_fault")
    assert fault.facts.notes == ("validation",)
    assert type(noted) is AWSServiceError


def test_refused_parameters_of_a_derived_listing_are_the_catalogs_fault() -> None:
    fault = catalog_fault(answered("MissingParameter"))
    assert fault.facts.notes == ("validation", "catalog_fault")
    assert "DescribeInstances" in fault.facts.advice
    denied = answered("AccessDenied")
    assert catalog_fault(denied) is denied


def test_every_note_beside_the_kind_is_explained() -> None:
    bare = answered("403", 403, "Forbidden", service="s3")
    disabled = answered("AuthFailure", 401, region="me-south-1")
    fault = catalog_fault(answered("MissingParameter"))
    seen = {note for one in (bare, disabled, fault) for note in one.facts.notes[1:]}
    assert seen < NOTES.keys()
    assert NOTES.keys() - seen == {
        *("explicit_deny", "encoded_reason"),
        "platform_fault",  # said of no answer of AWS
    }


def test_a_finding_of_our_own_is_one_of_the_six() -> None:
    found = error(
        AWSConfigurationError,
        code="account_mismatch",
        message="Another account",
        service="sts",
        operation="GetCallerIdentity",
        region="eu-west-1",
    )
    assert isinstance(found.facts, ErrorFacts)
    assert found.facts.category == "AWSConfigurationError"
    assert "another account" in found.facts.advice


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("phase", ["call", "assume_role", "connect", "read"])
def test_every_kind_of_failure_has_advice(kind: Kind, phase: str) -> None:
    advice = advise(
        Situation(kind, "SomeCode", "ec2", "DescribeVpcs", "eu-west-1", phase)
    )
    assert advice.endswith(".")
    assert "{" not in advice
    assert len(advice) > 40
