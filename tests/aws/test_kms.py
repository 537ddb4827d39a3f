"""Key-encryption keys in AWS KMS: what they are asked, what they refuse, and what is
said when KMS does not do its part."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
import structlog
from pydantic import SecretStr
from structlog.testing import LogCapture

from app.aws import kms
from app.aws.session import PlatformSession
from app.core.crypto import (
    KeyProvider,
    Keyring,
    KeyServiceUnavailable,
    LocalKey,
    Place,
    Undecryptable,
    decrypt,
    encrypt,
)
from app.core.secret import Secret
from app.core.settings import Settings
from app.services.key_providers import key_provider
from tests.aws.fake_kms import ARN, PLATFORM_KEY, FakeKms, kms_key, refuse, ring
from tests.aws.faults import Broken, Refused
from tests.emulator import PLATFORM_ACCOUNT, EmulatorServer

HERE = Place(str(uuid4()), str(uuid4()), 1, "aws_credential_versions.ciphertext")
ELSEWHERE = [
    replace(HERE, organization_id=str(uuid4())),
    replace(HERE, row_id=str(uuid4())),
    replace(HERE, version=2),
    replace(HERE, column="totp"),
]
SECRET = Secret("canary/secret+access=key")


@pytest.fixture
def fake() -> Iterator[FakeKms]:
    with FakeKms().answering() as fake:
        yield fake


# ── at the emulator ──────────────────────────────────────────────────────────────────


def settings_of(emulator: EmulatorServer, **keys: Any) -> Settings:
    root = emulator.root_of(PLATFORM_ACCOUNT)
    return Settings(
        _env_file=None,
        environment="test",
        public_url="http://127.0.0.1:8000",
        secret_key=SecretStr("0123456789abcdef" * 4),
        redis_url=SecretStr("redis://127.0.0.1:1"),
        aws_emulator_url=emulator.url,
        platform_access_key_id=root.access_key_id,
        platform_secret_access_key=SecretStr(root.secret_access_key.reveal()),
        **keys,
    )


def client(emulator: EmulatorServer) -> Any:
    keys = emulator.root_of(PLATFORM_ACCOUNT)
    session = PlatformSession(keys, kms.endpoint(emulator.url))
    return session.client("kms", "eu-central-1")


def make_arn(emulator: EmulatorServer) -> str:
    arn: str = client(emulator).create_key()["KeyMetadata"]["Arn"]
    return arn


@pytest.fixture
def arn(emulator: EmulatorServer) -> str:
    return make_arn(emulator)


@pytest.fixture
def keys(emulator: EmulatorServer, arn: str) -> KeyProvider:
    return key_provider(
        settings_of(emulator, credential_kms_keys={"k": arn}, credential_active_key="k")
    )


def test_opens_where_it_was_sealed(keys: KeyProvider) -> None:
    envelope = encrypt(keys, SECRET, HERE)
    assert envelope.key_id == "k"
    assert decrypt(keys, envelope, HERE) == SECRET


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_kms_itself_refuses_a_value_that_was_moved(
    keys: KeyProvider, elsewhere: Place
) -> None:
    """Before the ciphertext is looked at: the encryption context is another one."""
    data_key = keys.new_data_key(HERE)
    assert keys.unwrap("k", data_key.wrapped, HERE) == data_key.plain
    with pytest.raises(Undecryptable):
        keys.unwrap("k", data_key.wrapped, elsewhere)
    with pytest.raises(Undecryptable):
        decrypt(keys, encrypt(keys, SECRET, HERE), elsewhere)


@pytest.mark.parametrize("blob", [b"", b"\x00" * 200, b"x" * 7000])
def test_what_kms_never_wrapped_does_not_open(keys: KeyProvider, blob: bytes) -> None:
    envelope = replace(encrypt(keys, SECRET, HERE), wrapped_key=blob)
    with pytest.raises(Undecryptable):
        decrypt(keys, envelope, HERE)


def test_a_disabled_key_is_the_deployments_trouble_and_opens_again(
    emulator: EmulatorServer, keys: KeyProvider, arn: str
) -> None:
    envelope = encrypt(keys, SECRET, HERE)
    client(emulator).disable_key(KeyId=arn)
    for act in (
        lambda: encrypt(keys, SECRET, HERE),
        lambda: decrypt(keys, envelope, HERE),
    ):
        with pytest.raises(KeyServiceUnavailable) as failure:
            act()
        assert failure.value.reason == "disabled"
    client(emulator).enable_key(KeyId=arn)
    assert decrypt(keys, envelope, HERE) == SECRET


def test_both_kinds_of_keys_open_what_they_wrapped(
    emulator: EmulatorServer, arn: str
) -> None:
    local = {"old": SecretStr("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")}
    both = {"credential_keys": local, "credential_kms_keys": {"new": arn}}
    before = key_provider(settings_of(emulator, **both, credential_active_key="old"))
    after = key_provider(settings_of(emulator, **both, credential_active_key="new"))
    old, new = (encrypt(keys, SECRET, HERE) for keys in (before, after))
    assert (old.key_id, new.key_id) == ("old", "new")
    for keys in (before, after):
        assert decrypt(keys, old, HERE) == decrypt(keys, new, HERE) == SECRET


def test_an_id_that_names_another_key_now_does_not_open(
    emulator: EmulatorServer, keys: KeyProvider
) -> None:
    """Although KMS would find the right key by the blob, if it were let."""
    envelope = encrypt(keys, SECRET, HERE)
    pointed = {"k": make_arn(emulator)}
    elsewhere = key_provider(
        settings_of(emulator, credential_kms_keys=pointed, credential_active_key="k")
    )
    with pytest.raises((Undecryptable, KeyServiceUnavailable)):
        decrypt(elsewhere, envelope, HERE)


# ── what is asked ────────────────────────────────────────────────────────────────────


def test_asks_for_the_key_by_name_with_the_place_as_context(fake: FakeKms) -> None:
    keys = ring("k")
    decrypt(keys, encrypt(keys, SECRET, HERE), HERE)
    assert [one.operation for one in fake.asked] == ["GenerateDataKey", "Decrypt"]
    for one in fake.asked:
        assert one.params["KeyId"] == ARN.format("k")
        assert one.params["EncryptionContext"] == {
            "organization": HERE.organization_id,
            "row": HERE.row_id,
            "version": "1",
            "column": HERE.column,
        }
        assert (one.region, one.signed_by) == ("eu-central-1", PLATFORM_KEY)


def test_a_poisoned_environment_signs_nothing(
    fake: FakeKms, configured_keys: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in {
        "AWS_ACCESS_KEY_ID": "AKIAPOISON",
        "AWS_SECRET_ACCESS_KEY": "poison",
        "AWS_PROFILE": "poison",
        "AWS_REGION": "us-west-2",
        "AWS_ENDPOINT_URL_KMS": "http://127.0.0.1:1",
        "AWS_MAX_ATTEMPTS": "9",
        "HTTPS_PROXY": "http://127.0.0.1:1",
    }.items():
        monkeypatch.setenv(name, text)
    keys = key_provider(configured_keys)
    assert decrypt(keys, encrypt(keys, SECRET, HERE), HERE) == SECRET
    assert {one.signed_by for one in fake.asked} == {PLATFORM_KEY}
    assert {one.region for one in fake.asked} == {"eu-central-1"}


@pytest.fixture
def configured_keys() -> Settings:
    return Settings(
        _env_file=None,
        environment="test",
        public_url="http://127.0.0.1:8000",
        secret_key=SecretStr("0123456789abcdef" * 4),
        redis_url=SecretStr("redis://127.0.0.1:1"),
        platform_access_key_id=PLATFORM_KEY,
        platform_secret_access_key=SecretStr("a-secret-of-the-fake"),
        credential_kms_keys={"k": ARN.format("k")},
        credential_active_key="k",
    )


def test_nobody_is_asked_before_a_key_is_needed(
    fake: FakeKms, configured_keys: Settings
) -> None:
    assert key_provider(configured_keys).active_key_id == "k"
    assert fake.asked == []


def test_people_wait_for_kms_within_bounds() -> None:
    at = kms.endpoint(None)
    most = (at.connect_timeout + at.read_timeout) * at.total_max_attempts
    assert most <= 10


# ── when KMS does not do its part ────────────────────────────────────────────────────

REASONS = [
    ("AccessDeniedException", "denied"),
    ("UnrecognizedClientException", "denied"),
    ("ExpiredTokenException", "denied"),
    ("ThrottlingException", "throttled"),
    ("LimitExceededException", "throttled"),
    ("DisabledException", "disabled"),
    ("KMSInvalidStateException", "disabled"),
    ("NotFoundException", "disabled"),
    ("InvalidKeyUsageException", "disabled"),
    ("KeyUnavailableException", "away"),
    ("DependencyTimeoutException", "away"),
    ("KMSInternalException", "away"),
    ("NobodyKnowsThisException", "failed"),
]


@pytest.mark.parametrize(("code", "reason"), REASONS)
def test_each_refusal_has_its_reason(
    fake: FakeKms, code: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A logger of its own: the module's may be configured by now, or not.
    logs = LogCapture()
    monkeypatch.setattr(kms, "log", structlog.wrap_logger(None, processors=[logs]))
    keys = ring("k")
    envelope = encrypt(keys, SECRET, HERE)
    fake.fault = refuse(code)
    for act in (
        lambda: encrypt(keys, SECRET, HERE),
        lambda: decrypt(keys, envelope, HERE),
    ):
        logs.entries.clear()
        with pytest.raises(KeyServiceUnavailable) as failure:
            act()
        assert (failure.value.reason, failure.value.key_id) == (reason, "k")
        assert "arn:" not in failure.value.detail
        [told] = logs.entries
        assert (told["event"], told["code"]) == ("keys.unavailable", code)


def test_a_broken_connection_is_tried_again_and_then_told(fake: FakeKms) -> None:
    fake.fault = lambda _: Broken("ConnectionClosedError")
    with pytest.raises(KeyServiceUnavailable) as failure:
        kms_key("k").new_data_key(HERE)
    assert failure.value.reason == "away"
    assert len(fake.asked) == kms.ATTEMPTS


@pytest.mark.parametrize(
    "code", ["InvalidCiphertextException", "IncorrectKeyException"]
)
def test_what_was_altered_is_no_trouble_of_the_service(
    fake: FakeKms, code: str
) -> None:
    keys = ring("k")
    envelope = encrypt(keys, SECRET, HERE)
    fake.fault = lambda _: Refused(code)
    with pytest.raises(Undecryptable):
        decrypt(keys, envelope, HERE)


def test_one_key_away_does_not_keep_the_other_from_opening(fake: FakeKms) -> None:
    keys = ring("old", "new")
    new = encrypt(keys, SECRET, HERE)
    fake.fault = refuse("DisabledException", key_id="old")
    assert decrypt(keys, new, HERE) == SECRET
    with pytest.raises(KeyServiceUnavailable):
        keys.unwrap("old", b"wrapped", HERE)


def test_no_data_key_is_shown(fake: FakeKms) -> None:
    data_key = kms_key("k").new_data_key(HERE)
    assert data_key.plain in fake.plain_keys
    assert "plain=" not in repr(data_key)
    local = LocalKey("one", b"k" * 32).new_data_key(HERE)
    assert "plain=" not in repr(local)


def test_the_active_key_must_be_there() -> None:
    with pytest.raises(ValueError, match="'gone'"):
        Keyring({}, "gone")
