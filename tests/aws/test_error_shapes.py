"""Every error shape of every AWS service, answered on the wire and read by the SDK's
own parser, has exactly one category."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.endpoint import convert_to_response_dict
from botocore.exceptions import ClientError
from botocore.model import OperationModel, ServiceModel
from botocore.parsers import create_parser

from app.aws import service_models
from app.aws.error_codes import Kind, kind_of
from app.aws.errors import CATEGORIES, AWSError, category_of, classify
from tests.aws.faults import Fault, Refused

SERVICES = sorted(service_models.services())


@pytest.fixture(scope="module", autouse=True)
def _own_loader() -> Iterator[None]:
    """So that 439 models do not stay in memory for the other tests."""
    with pytest.MonkeyPatch.context() as patch:
        loader = service_models.SharedLoader(include_default_search_paths=False)
        patch.setattr(service_models, "LOADER", loader)
        yield


def operation_of(service: str) -> OperationModel:
    model = service_models.LOADER.load_service_model(service, "service-2")
    made = ServiceModel(model, service)
    return made.operation_model(made.operation_names[0])


def read(operation: OperationModel, fault: Fault) -> AWSError:
    """What becomes of an answered error, as botocore's endpoint reads it."""
    answer: Any = fault.answer(operation, "https://aws.example")
    protocol = operation.service_model.resolved_protocol
    parser: Any = create_parser(protocol)  # the stubs want a shape even where is none
    response = convert_to_response_dict(answer, operation)
    parsed = parser.parse(response, operation.output_shape)
    return classify(
        ClientError(parsed, operation.name),
        service=operation.service_model.service_name,
        operation=operation.name,
        region="eu-west-1",
    )


@pytest.mark.parametrize("service", SERVICES)
def test_each_error_of_a_service_is_read_as_one_category(service: str) -> None:
    operation = operation_of(service)
    for code, shape in service_models.error_shapes(service):
        status = shape.get("error", {}).get("httpStatusCode", 400)
        failure = read(operation, Refused(code, status, "Said AWS"))
        assert [type(failure)] == [
            one for one in CATEGORIES if isinstance(failure, one)
        ]
        assert type(failure) is category_of(service, code, status)
        assert (failure.facts.code, failure.facts.http_status) == (code, status)
        assert failure.facts.message == "Said AWS"
        assert failure.facts.request_id == "r" or service == "s3"
        assert failure.facts.advice


@pytest.fixture(scope="module")
def kinds() -> dict[str, dict[str, Kind]]:
    """By code and service, with the status the model states or none."""
    found: dict[str, dict[str, Kind]] = defaultdict(dict)
    for service in SERVICES:
        for code, shape in service_models.error_shapes(service):
            status = shape.get("error", {}).get("httpStatusCode")
            found[code][service] = kind_of(service, code, status)
    return found


def test_all_shapes_and_codes_are_there(kinds: dict[str, dict[str, Kind]]) -> None:
    shapes = sum(len(service_models.error_shapes(one)) for one in SERVICES)
    assert (len(SERVICES), shapes, len(kinds)) == (439, 5848, 2675)


def test_the_codes_of_each_kind_are_counted(kinds: dict[str, dict[str, Kind]]) -> None:
    """A new botocore changes these: look at what moved, then write the new numbers.

    Beside them stands what a first survey of the same models expected, with patterns of
    its own.
    """
    counts = Counter(kind for found in kinds.values() for kind in {*found.values()})
    assert counts == {
        Kind.AUTHENTICATION: 19,  # with the expired: 33
        Kind.EXPIRED: 2,
        Kind.PERMISSION: 72,  # with those not subscribed: 66
        Kind.NOT_SUBSCRIBED: 6,
        Kind.THROTTLING: 37,  # 32
        Kind.QUOTA: 361,  # with capacity: 353
        Kind.CAPACITY: 11,
        Kind.UNAVAILABLE: 140,  # 127
        Kind.NOT_FOUND: 419,  # 441
        Kind.CONFLICT: 557,  # 558
        Kind.VALIDATION: 689,  # 669
        Kind.REFUSED: 135,  # 126
        Kind.UNCLASSIFIED: 264,  # 270 to 284
    }


def test_only_four_codes_change_their_category_with_the_service() -> None:
    categories: dict[str, set[str]] = defaultdict(set)
    for service in SERVICES:
        for code, shape in service_models.error_shapes(service):
            status = shape.get("error", {}).get("httpStatusCode")
            categories[code].add(category_of(service, code, status).category)
    assert {code for code, found in categories.items() if len(found) > 1} == {
        "ConcurrentModificationException",
        "InvalidPasswordException",
        "ModelNotReadyException",
        "ServiceUnavailableException",
    }


# Errors that AWS answers and no model lists; 4xx and 5xx come with a status beside.
COMMON = {
    ("InvalidClientTokenId", 403): Kind.AUTHENTICATION,
    ("AuthFailure", 401): Kind.AUTHENTICATION,
    ("ExpiredToken", 400): Kind.EXPIRED,
    ("AccessDenied", 403): Kind.PERMISSION,
    ("SlowDown", 503): Kind.THROTTLING,
    ("RequestLimitExceeded", 503): Kind.THROTTLING,
    ("InternalFailure", 500): Kind.UNAVAILABLE,
    ("MalformedQueryString", 400): Kind.VALIDATION,
    ("InvalidAction", 400): Kind.VALIDATION,
    ("NothingAnyoneHasHeardOf", 400): Kind.REFUSED,
}


PROTOCOLS = {
    "ec2": "ec2",
    "sts": "query",
    "s3": "rest-xml",
    "route53": "rest-xml",
    "dynamodb": "json",
    "sqs": "json",
    "lambda": "rest-json",
    "eventbridgev2": "smithy-rpc-v2-cbor",
}


@pytest.mark.parametrize(("service", "protocol"), PROTOCOLS.items())
def test_an_error_no_model_lists_is_read_in_every_protocol(
    service: str, protocol: str
) -> None:
    operation = operation_of(service)
    assert operation.service_model.resolved_protocol == protocol
    for (code, status), kind in COMMON.items():
        failure = read(operation, Refused(code, status))
        assert (failure.facts.code, failure.facts.notes[0]) == (code, kind)
