"""One call: asked before, counted, and named when it fails; nothing reads as empty."""

import threading
from collections.abc import Callable, Iterator

import pytest

from app.aws import transport
from app.aws.call import Absent, Allowance, Guard, Pacing, call
from app.aws.errors import (
    AWSConfigurationError,
    AWSConnectivityError,
    AWSError,
    AWSServiceError,
    AWSServiceLimitError,
)
from app.aws.session import AWSKeys, Endpoint, TenantSession
from app.core.secret import Secret
from tests.aws.loopback import Answer, Loopback, Received

KEYS = AWSKeys("AKIATENANT", Secret("tenant-secret"))
JSON = {"content-type": "application/x-amz-json-1.0"}
XML = {"content-type": "application/xml"}
Tables = dict[str, object] | Absent


@pytest.fixture
def aws() -> Iterator[Loopback]:
    with Loopback() as server:
        yield server


def session(aws: Loopback, attempts: int = 1, read_timeout: float = 5) -> TenantSession:
    endpoint = Endpoint(
        url=aws.url, total_max_attempts=attempts, read_timeout=read_timeout
    )
    return TenantSession(KEYS, "123456789012", endpoint)


def list_tables(
    opened: TenantSession,
    guard: Guard | None = None,
    absent: dict[str, str] | None = None,
) -> Tables:
    return call(
        opened,
        service="dynamodb",
        operation="ListTables",
        region="eu-west-1",
        params={"Limit": 7},
        guard=guard or Guard(),
        absent=absent or {},
    )


def answering(
    status: int, headers: dict[str, str], body: bytes
) -> Callable[..., Answer]:
    return lambda _: (status, headers, body)


def failing(code: str, status: int = 400) -> Callable[[Received], Answer]:
    body = f'{{"__type": "com.amazonaws#{code}", "message": "Said AWS"}}'
    return answering(status, JSON, body.encode())


def test_makes_one_call_with_its_parameters(aws: Loopback) -> None:
    aws.answer = answering(200, JSON, b'{"TableNames": ["orders"]}')
    guard = Guard()
    answer = list_tables(session(aws), guard)
    assert not isinstance(answer, Absent)
    assert answer["TableNames"] == ["orders"]
    assert [one.body for one in aws.received] == [b'{"Limit": 7}']
    assert (guard.calls, guard.retries) == (1, 0)


def test_the_guard_stops_before_the_call(aws: Loopback) -> None:
    class Cancelled(Exception):
        pass

    def stop() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        list_tables(session(aws), Guard(stop))
    assert not aws.received


def test_no_call_is_made_beyond_the_cap(aws: Loopback) -> None:
    opened, guard = session(aws), Guard(allowance=Allowance(1))
    list_tables(opened, guard)
    with pytest.raises(AWSServiceLimitError, match="call_cap"):
        list_tables(opened, guard)
    assert len(aws.received) == guard.calls == 1


def test_a_declared_absence_is_a_fact(aws: Loopback) -> None:
    aws.answer = failing("ResourceNotFoundException")
    absent = {"ResourceNotFoundException": "vanished"}
    answer = list_tables(session(aws), absent=absent)
    assert answer == Absent("vanished", "ResourceNotFoundException")


def test_any_undeclared_code_errs(aws: Loopback) -> None:
    aws.answer = failing("ResourceNotFoundException2")
    with pytest.raises(AWSServiceError):
        list_tables(session(aws), absent={"ResourceNotFoundException": "vanished"})


def test_an_error_has_its_facts(aws: Loopback) -> None:
    headers = {**JSON, "x-amzn-RequestId": "req-9"}
    body = b'{"__type": "ThrottlingException", "message": "Rate exceeded"}'
    aws.answer = answering(400, headers, body)
    with pytest.raises(AWSServiceLimitError) as caught:
        list_tables(session(aws))
    facts = caught.value.facts
    assert (facts.service, facts.operation) == ("dynamodb", "ListTables")
    assert (facts.region, facts.request_id) == ("eu-west-1", "req-9")
    assert (facts.http_status, facts.retries) == (400, 0)


def test_what_was_answered_is_remembered_with_its_request_id(aws: Loopback) -> None:
    guard = Guard()
    assert guard.answers is None
    headers = {**JSON, "x-amzn-RequestId": "req-1"}
    aws.answer = answering(200, headers, b"{}")
    list_tables(session(aws), guard)
    gone = b'{"__type": "ResourceNotFoundException", "message": "Gone"}'
    aws.answer = answering(400, {**JSON, "x-amzn-RequestId": "req-2"}, gone)
    list_tables(session(aws), guard, absent={"ResourceNotFoundException": "vanished"})
    aws.answer = failing("InternalServerError", 500)
    with pytest.raises(AWSServiceError):
        list_tables(session(aws), guard)
    place = {"operation": "dynamodb:ListTables", "region": "eu-west-1"}
    named = [place | {"request_id": id} for id in ("req-1", "req-2")]
    assert guard.answers == {"count": 2, "first": named, "last": []}


def test_nothing_is_retried_unless_asked(aws: Loopback) -> None:
    aws.answer = failing("ServiceUnavailable", 503)
    guard = Guard()
    with pytest.raises(AWSServiceError):
        list_tables(session(aws), guard)
    assert len(aws.received) == 1
    assert guard.retries == 0


def test_every_retry_is_counted_and_shown(
    aws: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    aws.answer = failing("ServiceUnavailable", 503)
    guard = Guard()
    with pytest.raises(AWSServiceError) as caught:
        list_tables(session(aws, attempts=3), guard)
    assert len(aws.received) == 3
    assert caught.value.facts.retries == guard.retries == 2
    assert guard.calls == 1


def test_a_retry_that_helped_is_counted_too(
    aws: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)

    def second_time_lucky(_: Received) -> Answer:
        if len(aws.received) == 1:
            raise ConnectionResetError
        return 200, JSON, b"{}"

    aws.answer = second_time_lucky
    guard = Guard()
    list_tables(session(aws, attempts=3), guard)
    assert (guard.calls, guard.retries) == (1, 1)


def test_each_throttled_answer_is_counted_and_no_other(
    aws: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    aws.answer = failing("ThrottlingException")
    guard = Guard()
    with pytest.raises(AWSServiceLimitError):
        list_tables(session(aws, attempts=3), guard)
    assert (guard.calls, guard.retries, guard.throttled) == (1, 2, 3)
    aws.answer = failing("ServiceUnavailable", 503)
    with pytest.raises(AWSServiceError):
        list_tables(session(aws, attempts=2), guard)
    assert guard.throttled == 3


def test_the_pace_is_asked_before_each_call_and_remembered(aws: Loopback) -> None:
    asked: list[tuple[object, ...]] = []
    kept: list[Pacing] = ["shared", "local", "shared"]

    def pace(
        account_id: str | None, region: str, service: str, _: Callable[[], None]
    ) -> Pacing:
        asked.append((account_id, region, service))
        return kept[len(asked) - 1]

    guard = Guard(pace=pace)
    seen = []
    for _ in kept:
        list_tables(session(aws), guard)
        seen.append(guard.pacing)
    assert seen == ["shared", "local", "local"]
    assert asked == [("123456789012", "eu-west-1", "dynamodb")] * 3


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"content-type": "text/html; charset=utf-8"}, b"<html>Sign in</html>"),
        (JSON, b""),
        (JSON, b"Bad gateway, but with 200"),
        (JSON, b'{"TableNames": ["orders"'),
        (JSON, b"[]"),
    ],
)
def test_an_unreadable_success_is_no_empty_list(
    aws: Loopback, headers: dict[str, str], body: bytes
) -> None:
    aws.answer = answering(200, headers, body)
    with pytest.raises(AWSServiceError) as caught:
        list_tables(session(aws))
    assert caught.value.facts.code == "UnreadableAnswer"
    assert caught.value.facts.notes == ("unreadable",)


@pytest.mark.parametrize(
    ("service", "operation", "body"),
    [
        ("s3", "ListBuckets", b""),
        ("s3", "ListBuckets", b"<ListAllMyBucketsResult><Buckets>"),
        ("ec2", "DescribeInstances", b""),
        ("ec2", "DescribeInstances", b"OK"),
        ("ec2", "DescribeInstances", b"<Maintenance/>"),
        ("rds", "DescribeDBInstances", b"<?xml version='1.0'?>\n<SignIn/>"),
        ("s3", "ListBuckets", b"<!DOCTYPE html><html><body/></html>"),
        ("sqs", "ListQueues", b""),
        ("lambda", "ListFunctions", b"null"),
        ("cloudwatch", "DescribeAlarms", b""),
        ("cloudwatch", "DescribeAlarms", b"OK, but no CBOR"),
    ],
)
def test_no_protocol_takes_garbage_for_an_empty_list(
    aws: Loopback, service: str, operation: str, body: bytes
) -> None:
    aws.answer = answering(200, {}, body)
    with pytest.raises(AWSServiceError):
        call(
            session(aws),
            service=service,
            operation=operation,
            region="eu-west-1",
            guard=Guard(),
        )


def test_a_cut_answer_is_a_broken_connection(aws: Loopback) -> None:
    aws.answer = answering(200, {**JSON, "content-length": "99"}, b'{"TableNames": []}')
    with pytest.raises(AWSConnectivityError):
        list_tables(session(aws, read_timeout=0.3))


def test_says_whether_connecting_or_reading_failed(aws: Loopback) -> None:
    def silent(_: Received) -> Answer:
        threading.Event().wait(0.6)
        return 200, JSON, b"{}"

    aws.answer = silent
    with pytest.raises(AWSConnectivityError) as slow:
        list_tables(session(aws, read_timeout=0.2))
    assert (slow.value.facts.code, slow.value.facts.phase) == (
        "ReadTimeoutError",
        "read",
    )
    with Loopback() as gone:
        closed = session(gone)
    with pytest.raises(AWSConnectivityError) as refused:
        list_tables(closed)
    assert refused.value.facts.phase == "connect"


@pytest.mark.parametrize(
    ("service", "operation", "region", "code"),
    [
        ("dynamodb", "DropEverything", "eu-west-1", "unknown_operation"),
        ("dynamodb", "list_tables", "eu-west-1", "unknown_operation"),
        ("dinamodb", "ListTables", "eu-west-1", "unknown_service"),
        ("dynamodb", "ListTables", "eu-west-9", "unknown_region"),
        ("dynamodb", "ListTables", "cn-north-1", "unknown_region"),
        ("dynamodb", "ListTables", "x.example.org/", "unknown_region"),
    ],
)
def test_what_does_not_exist_is_a_configuration_error(
    aws: Loopback, service: str, operation: str, region: str, code: str
) -> None:
    with pytest.raises(AWSConfigurationError) as caught:
        call(
            session(aws),
            service=service,
            operation=operation,
            region=region,
            guard=Guard(),
        )
    assert caught.value.facts.code == code
    assert not aws.received


def test_a_wrong_parameter_is_a_configuration_error(aws: Loopback) -> None:
    with pytest.raises(AWSConfigurationError) as caught:
        call(
            session(aws),
            service="dynamodb",
            operation="ListTables",
            region="eu-west-1",
            params={"Limit": "many"},
            guard=Guard(),
        )
    assert caught.value.facts.code == "ParamValidationError"
    assert not aws.received


def test_threads_count_into_one_guard(aws: Loopback) -> None:
    opened, guard = session(aws), Guard()
    failures: list[AWSError] = []

    def work() -> None:
        for _ in range(5):
            list_tables(opened, guard)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert (guard.calls, guard.retries, len(aws.received)) == (20, 0, 20)


def test_an_answer_that_is_too_large_is_not_read_to_its_end(
    aws: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "ANSWER_LIMIT", 10_000)
    fits = b'{"TableNames": ["%s"]}' % (b"x" * 9_000)
    aws.answer = answering(200, JSON, fits)
    opened = session(aws, attempts=3)
    assert not isinstance(list_tables(opened), Absent)
    # Who waited for its end would wait in vain, and call it a broken connection.
    endless = {**JSON, "content-length": "1000000000"}
    aws.answer = answering(200, endless, b'{"TableNames": ["' + b"x" * 70_000)
    with pytest.raises(AWSServiceError, match="hostile_or_oversized") as caught:
        list_tables(opened)
    assert caught.value.facts.operation == "ListTables"
    assert len(aws.received) == 2  # asking again would be answered alike
