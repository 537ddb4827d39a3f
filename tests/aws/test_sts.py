"""Assuming roles, and the proof that a role asks for its ExternalId."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest

from app.aws.call import Guard
from app.aws.errors import AWSConfigurationError, AWSPermissionError, AWSServiceError
from app.aws.session import AWSKeys, Endpoint, PlatformSession
from app.aws.sts import (
    Identity,
    Probe,
    account_of,
    assume_role,
    caller_identity,
    must_be_account,
    probe_external_id,
)
from app.core.secret import Secret
from tests.aws.loopback import Answer, Loopback, Received

ROLE = "arn:aws:iam::123456789012:role/Cloudrota"
EXTERNAL_ID = Secret("canary-external-id")
REGION = "eu-west-1"


def granted() -> Answer:
    body = """<AssumeRoleResponse><AssumeRoleResult><Credentials>
        <AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey>
        <SessionToken>t</SessionToken><Expiration>2030-01-01T01:00:00Z</Expiration>
        </Credentials></AssumeRoleResult></AssumeRoleResponse>"""
    return 200, {"content-type": "text/xml"}, body.encode()


def failed(code: str, status: int, message: str = "Said AWS") -> Answer:
    body = (
        f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message>"
        "</Error><RequestId>r</RequestId></ErrorResponse>"
    )
    return status, {"content-type": "text/xml"}, body.encode()


def denied() -> Answer:
    return failed("AccessDenied", 403)


def presented(received: Received) -> str | None:
    return parse_qs(received.body.decode()).get("ExternalId", [None])[0]


class Role:
    """Answers AssumeRole by what is presented: the right id, none, a wrong one."""

    def __init__(self, right: Answer, none: Answer, wrong: Answer) -> None:
        self.answers: dict[str | None, Answer] = {
            EXTERNAL_ID.reveal(): right,
            None: none,
        }
        self.wrong = wrong

    def __call__(self, received: Received) -> Answer:
        return self.answers.get(presented(received), self.wrong)


@pytest.fixture
def sts() -> Iterator[Loopback]:
    with Loopback(lambda _: granted()) as server:
        yield server


@pytest.fixture
def platform(sts: Loopback) -> PlatformSession:
    return PlatformSession(AWSKeys("AKIAOWN", Secret("s")), Endpoint(url=sts.url))


def probe(platform: PlatformSession, guard: Guard | None = None) -> Probe:
    return probe_external_id(
        platform,
        role_arn=ROLE,
        external_id=EXTERNAL_ID,
        session_name="cloudrota-verify",
        region=REGION,
        guard=guard or Guard(),
    )


def test_assumes_a_role_for_a_while(sts: Loopback, platform: PlatformSession) -> None:
    keys = assume_role(
        platform,
        role_arn=ROLE,
        external_id=EXTERNAL_ID,
        session_name="cloudrota-run",
        region=REGION,
        guard=Guard(),
        duration=timedelta(minutes=20),
        policy={"Version": "2012-10-17", "Statement": []},
    )
    assert keys.access_key_id == "ASIAROLE"
    assert keys.session_token == Secret("t")
    assert keys.expires_at == datetime(2030, 1, 1, 1, tzinfo=UTC)
    [asked] = sts.received
    assert asked.signed_by == "AKIAOWN"
    assert parse_qs(asked.body.decode()) == {
        "Action": ["AssumeRole"],
        "Version": ["2011-06-15"],
        "RoleArn": [ROLE],
        "RoleSessionName": ["cloudrota-run"],
        "DurationSeconds": ["1200"],
        "ExternalId": [EXTERNAL_ID.reveal()],
        "Policy": ['{"Version":"2012-10-17","Statement":[]}'],
    }


def test_a_refused_role_says_that_it_was_assuming(
    sts: Loopback, platform: PlatformSession
) -> None:
    sts.answer = lambda _: denied()
    with pytest.raises(AWSPermissionError) as caught:
        assume_role(
            platform,
            role_arn=ROLE,
            external_id=EXTERNAL_ID,
            session_name="run",
            region=REGION,
            guard=Guard(),
        )
    assert caught.value.facts.phase == "assume_role"


def test_no_error_quotes_the_external_id(
    sts: Loopback, platform: PlatformSession
) -> None:
    quoting = f"Value '{EXTERNAL_ID.reveal()}' at 'externalId' is not valid"
    sts.answer = lambda _: failed("ValidationError", 400, quoting)
    with pytest.raises(AWSServiceError) as caught:
        assume_role(
            platform,
            role_arn=ROLE,
            external_id=EXTERNAL_ID,
            session_name="run",
            region=REGION,
            guard=Guard(),
        )
    assert "canary" not in str(caught.value)
    assert "[external id]" in caught.value.facts.message


@pytest.mark.parametrize(
    ("arn", "code"),
    [
        ("arn:aws-cn:iam::123456789012:role/Cloudrota", "unsupported_partition"),
        ("arn:aws-us-gov:iam::123456789012:role/Cloudrota", "unsupported_partition"),
        ("arn:aws:iam::123456789012:user/Alice", "invalid_role_arn"),
        ("arn:aws:iam::12345678901:role/Cloudrota", "invalid_role_arn"),
        ("arn:aws:iam::١٢٣٤٥٦٧٨٩٠١٢:role/Cloudrota", "invalid_role_arn"),
        ("arn:aws:iam::123456789012:role/Cloud rota", "invalid_role_arn"),
        ("", "invalid_role_arn"),
    ],
)
def test_what_is_no_role_of_the_partition_is_refused_before_any_call(
    sts: Loopback, platform: PlatformSession, arn: str, code: str
) -> None:
    with pytest.raises(AWSConfigurationError) as caught:
        assume_role(
            platform,
            role_arn=arn,
            external_id=EXTERNAL_ID,
            session_name="run",
            region=REGION,
            guard=Guard(),
        )
    assert caught.value.facts.code == code
    assert not sts.received


def test_a_role_names_its_account() -> None:
    assert account_of("arn:aws:iam::123456789012:role/a/b/C", region=REGION) == (
        "123456789012"
    )


def test_enforced_needs_the_right_one_granted_and_both_others_denied(
    sts: Loopback, platform: PlatformSession
) -> None:
    sts.answer = Role(right=granted(), none=denied(), wrong=denied())
    guard = Guard()
    found = probe(platform, guard)
    assert found.verdict == "enforced"
    assert found.keys is not None
    assert found.keys.access_key_id == "ASIAROLE"
    ids = [presented(one) for one in sts.received]
    assert ids[:2] == [EXTERNAL_ID.reveal(), None]
    assert ids[2] not in {None, EXTERNAL_ID.reveal()}
    assert guard.calls == 3


@pytest.mark.parametrize(
    ("none", "wrong", "verdict"),
    [
        (granted, granted, "external_id_not_enforced"),
        (granted, denied, "external_id_not_enforced"),
        (denied, granted, "external_id_not_enforced"),
        (lambda: failed("Throttling", 400), granted, "external_id_not_enforced"),
        (denied, lambda: failed("Throttling", 400), "unknown"),
        (lambda: failed("InternalFailure", 500), denied, "unknown"),
        (denied, lambda: failed("InvalidClientTokenId", 403), "unknown"),
        (lambda: failed("ValidationError", 400), denied, "unknown"),
        (lambda: failed("RegionDisabledException", 403), denied, "unknown"),
        (lambda: (403, {}, b""), denied, "unknown"),
    ],
)
def test_anything_but_two_denials_is_no_proof(
    sts: Loopback,
    platform: PlatformSession,
    none: Callable[[], Answer],
    wrong: Callable[[], Answer],
    verdict: str,
) -> None:
    sts.answer = Role(right=granted(), none=none(), wrong=wrong())
    found = probe(platform)
    assert found.verdict == verdict
    assert found.keys is None


@pytest.mark.parametrize(
    ("right", "verdict"),
    [(denied, "denied"), (lambda: failed("Throttling", 400), "unknown")],
)
def test_a_role_that_refuses_the_right_one_is_asked_no_more(
    sts: Loopback,
    platform: PlatformSession,
    right: Callable[[], Answer],
    verdict: str,
) -> None:
    sts.answer = Role(right=right(), none=granted(), wrong=granted())
    found = probe(platform)
    assert (found.verdict, found.keys) == (verdict, None)
    assert found.with_id.error is not None
    assert found.without_id.outcome == found.with_wrong_id.outcome == "not_tried"
    assert len(sts.received) == 1


def test_a_cancelled_probe_proves_nothing(platform: PlatformSession) -> None:
    class Cancelled(Exception):
        pass

    calls = 0

    def stop() -> None:
        nonlocal calls
        calls += 1
        if calls > 1:
            raise Cancelled

    with pytest.raises(Cancelled):
        probe(platform, Guard(stop))


def test_says_whom_aws_takes_us_for(sts: Loopback, platform: PlatformSession) -> None:
    body = b"""<GetCallerIdentityResponse><GetCallerIdentityResult>
        <Arn>arn:aws:iam::123456789012:user/a</Arn><UserId>AIDA</UserId>
        <Account>123456789012</Account>
        </GetCallerIdentityResult></GetCallerIdentityResponse>"""
    sts.answer = lambda _: (200, {"content-type": "text/xml"}, body)
    identity = caller_identity(platform, region=REGION, guard=Guard())
    assert identity == Identity(
        "123456789012", "arn:aws:iam::123456789012:user/a", "AIDA"
    )
    must_be_account(identity, "123456789012", region=REGION)
    with pytest.raises(AWSConfigurationError, match="account_mismatch"):
        must_be_account(identity, "210987654321", region=REGION)
