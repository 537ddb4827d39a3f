"""Sessions sign with the keys they were given, and never look for others."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import ConnectTimeoutError
from botocore.httpsession import URLLib3Session
from botocore.parsers import ResponseParserError
from botocore.utils import ContainerMetadataFetcher

from app.aws import service_models
from app.aws import session as module
from app.aws.call import Guard, call
from app.aws.errors import AWSAuthenticationError, AWSError
from app.aws.session import (
    CLIENT_LIMIT,
    AWSKeys,
    Endpoint,
    PlatformSession,
    TenantSession,
)
from app.core.secret import Secret
from tests.aws.loopback import Answer, Loopback, Received

KEYS = AWSKeys("AKIATENANT", Secret("tenant-secret"), Secret("tenant-token"))
POISON = "AKIAPOISON"
# One per protocol and way of signing, and the services with ways of their own.
OPERATIONS = [
    ("apigateway", "GetRestApis"),
    ("bedrock", "ListFoundationModels"),
    ("cloudfront", "ListDistributions"),
    ("cloudwatch", "DescribeAlarms"),
    ("dynamodb", "ListTables"),
    ("ec2", "DescribeInstances"),
    ("events", "ListRules"),
    ("iam", "ListUsers"),
    ("lambda", "ListFunctions"),
    ("rds", "DescribeDBInstances"),
    ("route53", "ListHostedZones"),
    ("s3", "ListBuckets"),
    ("sqs", "ListQueues"),
    ("sts", "GetCallerIdentity"),
    ("timestream-write", "ListDatabases"),
]


def refused(_: Received) -> Answer:
    return 418, {}, b""


@pytest.fixture
def aws() -> Iterator[Loopback]:
    with Loopback(refused) as server:
        yield server


@pytest.fixture
def trap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    """Everything the environment can offer is poison, and leads to this server."""
    with Loopback(refused) as server:
        (tmp_path / ".aws").mkdir()
        poison = (
            f"aws_access_key_id = {POISON}\naws_secret_access_key = poison\n"
            f"region = us-west-2\nendpoint_url = {server.url}\n"
            f"credential_process = touch {tmp_path}/ran\n"
        )
        (tmp_path / ".aws/config").write_text(
            f"[default]\n{poison}[profile p]\n{poison}"
        )
        (tmp_path / ".aws/credentials").write_text(f"[default]\n{poison}[p]\n{poison}")
        (tmp_path / "token").write_text("poison")
        for name, text in {
            "AWS_ACCESS_KEY_ID": POISON,
            "AWS_SECRET_ACCESS_KEY": "poison",
            "AWS_SESSION_TOKEN": "poison",
            "AWS_BEARER_TOKEN_BEDROCK": "poison",
            "AWS_BEARER_TOKEN_CODECATALYST": "poison",
            "AWS_PROFILE": "p",
            "AWS_CONFIG_FILE": str(tmp_path / ".aws/config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / ".aws/credentials"),
            "AWS_ROLE_ARN": "arn:aws:iam::666666666666:role/poison",
            "AWS_WEB_IDENTITY_TOKEN_FILE": str(tmp_path / "token"),
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{server.url}/credentials",
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": server.url,
            "AWS_ENDPOINT_URL": server.url,
            **{
                f"AWS_ENDPOINT_URL_{service.upper().replace('-', '_')}": server.url
                for service, _ in OPERATIONS
            },
            "AWS_REGION": "us-west-2",
            "AWS_DEFAULT_REGION": "us-west-2",
            "AWS_MAX_ATTEMPTS": "4",
            "AWS_RETRY_MODE": "adaptive",
            "AWS_USE_FIPS_ENDPOINT": "true",
            "AWS_USE_DUALSTACK_ENDPOINT": "true",
            "AWS_STS_REGIONAL_ENDPOINTS": "legacy",
            "AWS_DATA_PATH": str(tmp_path),
            "AWS_CA_BUNDLE": str(tmp_path / "none.pem"),
            "REQUESTS_CA_BUNDLE": str(tmp_path / "none.pem"),
            "HTTP_PROXY": server.url,
            "HTTPS_PROXY": server.url,
            "HOME": str(tmp_path),
        }.items():
            monkeypatch.setenv(name, text)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        yield server


def attempt(session: TenantSession | PlatformSession, service: str, name: str) -> None:
    with pytest.raises(AWSError):
        call(
            session, service=service, operation=name, region="eu-west-1", guard=Guard()
        )


def test_the_trap_catches_a_session_that_looks_around(trap: Loopback) -> None:
    with pytest.raises(ResponseParserError):
        boto3.Session().client("ec2", verify=False).describe_instances()
    assert {one.signed_by for one in trap.received} == {POISON}
    assert len(trap.received) >= 1


def test_a_poisoned_environment_signs_nothing(
    aws: Loopback, trap: Loopback, tmp_path: Path
) -> None:
    session = TenantSession(KEYS, "123456789012", Endpoint(url=aws.url))
    for service, operation in OPERATIONS:
        attempt(session, service, operation)
    assert not trap.received
    assert not (tmp_path / "ran").exists()
    assert [one.signed_by for one in aws.received] == ["AKIATENANT"] * len(OPERATIONS)
    tokens = {one.headers.get("x-amz-security-token") for one in aws.received}
    assert tokens == {"tenant-token"}
    assert all(
        "/eu-west-1/" in one.headers["authorization"] or service_is_global(one)
        for one in aws.received
    )


def service_is_global(one: Received) -> bool:
    return "/us-east-1/" in one.headers["authorization"] and any(
        f"/{name}/" in one.headers["authorization"]
        for name in ("cloudfront", "iam", "route53")
    )


def test_a_poisoned_environment_names_no_address(trap: Loopback) -> None:
    session = TenantSession(KEYS, "123456789012", Endpoint())
    addresses: list[str] = []

    def record(request: AWSPreparedRequest, **_: object) -> None:
        addresses.append(request.url)
        raise ConnectTimeoutError(endpoint_url=request.url)

    session.events.register("before-send", record)
    for service, operation in OPERATIONS:
        attempt(session, service, operation)
    hosts = [address.split("/")[2] for address in addresses]
    assert len(hosts) == len(OPERATIONS)
    assert all(host.endswith(".amazonaws.com") for host in hosts)
    assert not [host for host in hosts if "fips" in host or "us-west-2" in host]
    assert "sts.eu-west-1.amazonaws.com" in hosts
    assert not trap.received


def test_a_service_that_wants_a_bearer_token_finds_none(
    aws: Loopback, trap: Loopback
) -> None:
    session = TenantSession(KEYS, "123456789012", Endpoint(url=aws.url))
    with pytest.raises(AWSAuthenticationError, match="NoAuthTokenError"):
        call(
            session,
            service="codecatalyst",
            operation="ListSpaces",
            region="eu-west-1",
            guard=Guard(),
        )
    assert not aws.received
    assert not trap.received


def test_certificates_are_checked_whatever_the_environment_says(
    trap: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[object] = []
    make = URLLib3Session.__init__

    def record(self: URLLib3Session, **settings: Any) -> None:
        checked.append(settings["verify"])
        make(self, **settings)

    monkeypatch.setattr(URLLib3Session, "__init__", record)
    TenantSession(KEYS, None, Endpoint()).client("ec2", "eu-west-1")
    assert checked == [True]


@pytest.mark.parametrize(
    "keys",
    [
        AWSKeys("", Secret("")),
        AWSKeys("", Secret("secret")),
        AWSKeys("AKIATENANT", Secret("")),
    ],
)
def test_empty_keys_are_refused_and_not_replaced(trap: Loopback, keys: AWSKeys) -> None:
    with pytest.raises(AWSAuthenticationError, match="empty_access_key"):
        TenantSession(keys, None, Endpoint())
    with pytest.raises(AWSAuthenticationError, match="empty_access_key"):
        PlatformSession(keys, Endpoint())


def test_the_platform_signs_with_the_keys_of_its_settings(
    aws: Loopback, trap: Loopback
) -> None:
    session = PlatformSession(AWSKeys("AKIAOWN", Secret("s")), Endpoint(url=aws.url))
    attempt(session, "sts", "GetCallerIdentity")
    assert [one.signed_by for one in aws.received] == ["AKIAOWN"]
    assert not trap.received


def test_the_platform_signs_with_its_containers_role(
    aws: Loopback, trap: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    def credentials(_: Received) -> Answer:
        body = (
            b'{"AccessKeyId": "ASIACONTAINER", "SecretAccessKey": "s", "Token": "t",'
            b' "Expiration": "2999-01-01T00:00:00Z"}'
        )
        return 200, {}, body

    with Loopback(credentials) as container:
        host = container.url.removeprefix("http://")
        monkeypatch.setattr(ContainerMetadataFetcher, "IP_ADDRESS", host)
        session = PlatformSession(
            None, Endpoint(url=aws.url), container_credentials_uri="/v2/role"
        )
        attempt(session, "sts", "GetCallerIdentity")
        assert [one.path for one in container.received] == ["/v2/role"]
    assert [one.signed_by for one in aws.received] == ["ASIACONTAINER"]
    assert not trap.received


def test_the_platform_without_keys_asks_the_metadata_service_alone(
    trap: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def unreachable(session: Any, request: Any) -> None:
        proxy = session._proxy_config.proxy_url_for(request.url)  # noqa: SLF001 - it shows nowhere else
        asked.append(proxy or request.url.split("/")[2])
        raise ConnectTimeoutError(endpoint_url=request.url)

    monkeypatch.setattr(URLLib3Session, "send", unreachable)
    session = PlatformSession(None, Endpoint())
    with pytest.raises(AWSAuthenticationError, match="MetadataRetrievalError"):
        call(
            session,
            service="sts",
            operation="GetCallerIdentity",
            region="eu-west-1",
            guard=Guard(),
        )
    assert set(asked) == {"169.254.169.254"}
    assert not trap.received


def test_a_client_is_made_once_and_kept() -> None:
    session = TenantSession(KEYS, None, Endpoint())
    made = session.client("sqs", "eu-west-1")
    assert session.client("sqs", "eu-west-1") is made
    assert session.client("sqs", "eu-west-2") is not made
    assert TenantSession(KEYS, None, Endpoint()).client("sqs", "eu-west-1") is not made


def test_the_client_used_least_recently_goes_first() -> None:
    session = TenantSession(KEYS, None, Endpoint())
    regions = sorted(service_models.regions())[: CLIENT_LIMIT + 1]
    first, second, *rest = [session.client("sqs", one) for one in regions[:-1]]
    assert session.client("sqs", regions[0]) is first
    session.client("sqs", regions[-1])
    assert session.client("sqs", regions[0]) is first
    assert session.client("sqs", regions[1]) is not second
    assert len(rest) == CLIENT_LIMIT - 2


def test_threads_get_the_same_client() -> None:
    session = TenantSession(KEYS, None, Endpoint())
    clients: list[object] = []
    threads = [
        threading.Thread(
            target=lambda: clients.append(session.client("sns", "eu-west-1"))
        )
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(clients) == 8
    assert len(set(map(id, clients))) == 1


def test_sessions_share_one_loader_that_does_not_grow() -> None:
    paths = list(service_models.LOADER.search_paths)
    for _ in range(3):
        TenantSession(KEYS, None, Endpoint()).client("sqs", "eu-west-1")
    assert service_models.LOADER.search_paths == paths
    assert all("site-packages/botocore" in path for path in paths)


def test_timeouts_and_attempts_are_those_of_the_endpoint() -> None:
    endpoint = Endpoint(connect_timeout=1, read_timeout=2, max_pool_connections=99)
    config = TenantSession(KEYS, None, endpoint).client("ec2", "eu-west-1").meta.config
    assert (config.connect_timeout, config.read_timeout) == (1, 2)
    assert config.max_pool_connections == 99
    assert config.retries["total_max_attempts"] == 1


def test_keys_do_not_show_themselves() -> None:
    assert "tenant-secret" not in repr(KEYS)
    assert "tenant-token" not in repr(KEYS)


def test_only_the_session_module_makes_sessions() -> None:
    made_elsewhere = [
        path.name
        for path in Path("app").rglob("*.py")
        if path.name != "session.py"
        and (
            "import boto3" in path.read_text() or "botocore.session" in path.read_text()
        )
    ]
    assert not made_elsewhere


def test_the_process_keeps_the_clients_used_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "PROCESS_LIMIT", 2)
    one, two = (TenantSession(KEYS, None, Endpoint()) for _ in range(2))
    first = one.client("sqs", "eu-west-1")
    second = two.client("sqs", "eu-west-1")
    assert one.client("sqs", "eu-west-1") is first
    one.client("sqs", "eu-west-2")
    assert one.client("sqs", "eu-west-1") is first
    assert two.client("sqs", "eu-west-1") is not second


def test_the_clients_of_the_service_used_longest_ago_go_with_its_model(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(service_models, "MODELS_KEPT", 2)
    session = TenantSession(KEYS, None, Endpoint())
    kept = [session.client("sqs", region) for region in ("eu-west-1", "eu-west-2")]
    model = service_models.LOADER.load_service_model("sqs", "service-2")
    sns = session.client("sns", "eu-west-1")
    assert session.client("sqs", "eu-west-1") is kept[0]
    session.client("dynamodb", "eu-west-1")
    # A client of another region would not bring a second copy of the model.
    assert service_models.LOADER.load_service_model("sqs", "service-2") is model
    assert session.client("sqs", "eu-west-2") is kept[1]
    assert session.client("sns", "eu-west-1") is not sns


def test_the_loader_forgets_the_models_asked_for_longest_ago(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(service_models, "MODELS_KEPT", 2)
    loader = service_models.SharedLoader(include_default_search_paths=False)
    sqs = loader.load_service_model("sqs", "service-2")
    sns = loader.load_service_model("sns", "service-2")
    assert loader.load_service_model("sqs", "service-2") is sqs
    loader.load_service_model("sts", "service-2")
    assert loader.load_service_model("sqs", "service-2") is sqs
    assert loader.load_service_model("sns", "service-2") is not sns
