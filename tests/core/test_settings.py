"""Settings: what is weak, missing or only for development is refused by its name."""

import json
from base64 import b64encode
from typing import Any

import pytest
from pydantic import ValidationError

from app.core.settings import Settings
from app.core.signing import SigningKeys
from app.core.stripe_key import is_live

KEY = "kV7mQ2xT9bL4wZ8nR3cF6hJ1pD5sG0yA"
VARIABLES = {
    "ENVIRONMENT": "production",
    "PUBLIC_URL": "https://cloudrota.example",
    "SECRET_KEY": KEY,
    "REDIS_URL": "rediss://u:canary@h",
}


def _read(monkeypatch: pytest.MonkeyPatch, **changes: str | None) -> Settings:
    """Settings of a process with these variables; one that is None is not set."""
    for name, value in {**VARIABLES, **changes}.items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    return Settings(_env_file=None)


def _refusal(monkeypatch: pytest.MonkeyPatch, **changes: str | None) -> str:
    with pytest.raises(ValidationError) as refused:
        _read(monkeypatch, **changes)
    return str(refused.value).upper()


def test_takes_strong_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = _read(monkeypatch)
    assert settings.environment == "production"
    assert not settings.is_local


def test_without_an_environment_named_the_strict_rules_hold(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert _read(monkeypatch, ENVIRONMENT=None).environment == "production"


@pytest.mark.parametrize("name", ["PUBLIC_URL", "SECRET_KEY", "REDIS_URL"])
def test_names_what_is_missing(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    assert name in _refusal(monkeypatch, **{name: None})


@pytest.mark.parametrize("environment", ["production", "staging"])
@pytest.mark.parametrize(
    "weak",
    [
        "changeme-changeme-changeme-changeme",
        "this-is-a-secret-this-is-a-secret",
        "example-example-example-example-ex",
        "default-default-default-default-de",
        "my-password-my-password-my-password",
        "x" * 64,
    ],
)
def test_refuses_a_weak_secret_outside_development(
    monkeypatch: pytest.MonkeyPatch, environment: str, weak: str
) -> None:
    refusal = _refusal(monkeypatch, ENVIRONMENT=environment, SECRET_KEY=weak)
    assert "SECRET_KEY" in refusal


@pytest.mark.parametrize("environment", ["production", "staging"])
@pytest.mark.parametrize(
    ("name", "weak"),
    [
        ("DATABASE_URL", "postgresql+asyncpg://cloudrota_app:password@h/d"),
        ("DATABASE_WORKER_URL", "postgresql+asyncpg://w:changeme@h/d"),
        ("DATABASE_SYSTEM_URL", "postgresql+asyncpg://s:xxxx@h/d"),
        ("DATABASE_OWNER_URL", "postgresql+asyncpg://o:example@h/d"),
        ("REDIS_URL", "redis://:default@h"),
        ("METRICS_TOKEN", "change-me-change-me-change-me-change-me"),
        ("CREDENTIAL_KEYS", f'{{"one": "{b64encode(bytes(32)).decode()}"}}'),
        ("EVIDENCE_SIGNING_KEY", b64encode(bytes(32)).decode()),
    ],
)
def test_refuses_the_secrets_of_examples_by_their_names(
    monkeypatch: pytest.MonkeyPatch, environment: str, name: str, weak: str
) -> None:
    refusal = _refusal(monkeypatch, ENVIRONMENT=environment, **{name: weak})
    assert name in refusal
    assert _read(monkeypatch, ENVIRONMENT="development", **{name: weak}).is_local


_DATABASES = ("DATABASE_URL", "DATABASE_WORKER_URL", "DATABASE_SYSTEM_URL")
_POSTGRES = "postgresql+asyncpg://u:canary@h/d"
_UNVERIFIED = [
    *(_POSTGRES + query for query in ("", "?ssl=require", "?ssl=verify-ca", "?ssl=")),
    _POSTGRES + "?sslmode=verify-full",
    _POSTGRES + "?ssl=verify-full&ssl=disable",
    _POSTGRES + "?ssl=verify-full&host=/run/postgresql",
    "postgresql+asyncpg://u:canary@/d?ssl=verify-full",
]


@pytest.mark.parametrize("environment", ["production", "staging"])
@pytest.mark.parametrize(
    ("name", "url"),
    [
        *(("DATABASE_OWNER_URL", url) for url in _UNVERIFIED),
        *((name, _POSTGRES) for name in _DATABASES),
        ("REDIS_URL", "redis://u:canary@h"),
        ("REDIS_URL", "rediss://u:canary@h?ssl_cert_reqs=none"),
        ("REDIS_URL", "rediss://u:canary@h?ssl_check_hostname=false"),
        ("REDIS_URL", "unix:///run/redis.sock"),
    ],
)
def test_outside_development_servers_must_prove_who_they_are(
    monkeypatch: pytest.MonkeyPatch, environment: str, name: str, url: str
) -> None:
    refusal = _refusal(monkeypatch, ENVIRONMENT=environment, **{name: url})
    assert f"{name} MUST" in refusal
    assert "CANARY" not in refusal
    assert _read(monkeypatch, ENVIRONMENT="development", **{name: url}).is_local


def test_takes_servers_that_prove_who_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    verified = f"{_POSTGRES}?ssl=verify-full"
    urls = dict.fromkeys((*_DATABASES, "DATABASE_OWNER_URL"), verified)
    assert not _read(monkeypatch, **urls).is_local


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "https://*.example.com",
        "http://console.example.com",
        "https://console.example.com/",
        "https://console.example.com/app",
        "https://user@console.example.com",
        "console.example.com",
        "null",
        "https://",
    ],
)
def test_refuses_what_is_not_one_origin(
    monkeypatch: pytest.MonkeyPatch, origin: str
) -> None:
    assert "CORS_ORIGINS" in _refusal(monkeypatch, CORS_ORIGINS=f'["{origin}"]')


def test_takes_random_keys_and_further_origins(monkeypatch: pytest.MonkeyPatch) -> None:
    key = b64encode(bytes(range(32))).decode()
    settings = _read(
        monkeypatch,
        CREDENTIAL_KEYS=f'{{"one": "{key}"}}',
        CORS_ORIGINS='["https://console.example.com:8443"]',
        PUBLIC_URL="https://cloudrota.example/app",
    )
    assert settings.origins == [
        "https://cloudrota.example",
        "https://console.example.com:8443",
    ]


@pytest.mark.parametrize("environment", ["production", "staging", "development"])
def test_refuses_a_short_secret_everywhere(
    monkeypatch: pytest.MonkeyPatch, environment: str
) -> None:
    refusal = _refusal(monkeypatch, ENVIRONMENT=environment, SECRET_KEY=KEY[:31])
    assert "SECRET_KEY" in refusal


@pytest.mark.parametrize("environment", ["production", "staging"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AWS_EMULATOR_URL", "http://127.0.0.1:4566"),
        ("PUBLIC_URL", "http://cloudrota.example"),
    ],
)
def test_refuses_means_of_development_elsewhere(
    monkeypatch: pytest.MonkeyPatch, environment: str, name: str, value: str
) -> None:
    refusal = _refusal(monkeypatch, ENVIRONMENT=environment, **{name: value})
    assert name in refusal


def test_development_may_use_them(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = _read(
        monkeypatch,
        ENVIRONMENT="development",
        AWS_EMULATOR_URL="http://127.0.0.1:4566",
        PUBLIC_URL="http://127.0.0.1:8000/",
    )
    assert settings.is_local
    assert settings.public_url == "http://127.0.0.1:8000"


@pytest.mark.parametrize("environment", ["production", "development"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EVIDENCE_SIGNING_KEY", b64encode(bytes(range(31))).decode()),
        ("EVIDENCE_SIGNING_KEY", "canary, and no base64"),
        ("EVIDENCE_RETIRED_KEYS", '["AAAA"]'),
        ("EVIDENCE_RETIRED_KEYS", f'["{"0g" * 32}"]'),
    ],
)
def test_refuses_what_is_no_signing_key(
    monkeypatch: pytest.MonkeyPatch, environment: str, name: str, value: str
) -> None:
    refusal = _refusal(monkeypatch, ENVIRONMENT=environment, **{name: value})
    assert name in refusal
    assert "CANARY" not in refusal


def test_the_api_does_not_begin_without_a_signing_key_outside_development(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Other processes sign nothing, and need none."""
    without = _read(monkeypatch)
    with pytest.raises(ValueError, match="EVIDENCE_SIGNING_KEY is not set"):
        SigningKeys.from_settings(without)
    key = b64encode(bytes(range(32))).decode()
    assert SigningKeys.from_settings(_read(monkeypatch, EVIDENCE_SIGNING_KEY=key))
    local = _read(monkeypatch, ENVIRONMENT="development", EVIDENCE_SIGNING_KEY=None)
    assert SigningKeys.from_settings(local) is None


def test_refuses_an_active_key_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refusal = _refusal(
        monkeypatch, CREDENTIAL_KEYS='{"one": "AAAA"}', CREDENTIAL_ACTIVE_KEY="two"
    )
    assert "CREDENTIAL_ACTIVE_KEY" in refusal


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENVIRONMENT", "prod"),
        ("ACCESS_TOKEN_MINUTES", "0"),
        ("ACCESS_TOKEN_MINUTES", "90"),
        ("SESSION_DAYS", "0"),
        ("DATABASE_POOL_SIZE", "many"),
        ("LOG_LEVEL", "LOUD"),
    ],
)
def test_refuses_a_value_out_of_bounds_by_its_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    assert name in _refusal(monkeypatch, **{name: value})


@pytest.mark.parametrize(
    "changes", [{"SECRET_KEY": "canary-short"}, {"SECRET_KEY": "x" * 40}]
)
def test_a_refusal_shows_no_secret(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]
) -> None:
    assert "CANARY" not in _refusal(monkeypatch, **changes)


def test_settings_do_not_show_their_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = _read(monkeypatch)
    shown = f"{settings} {settings!r} {settings.model_dump_json()}"
    assert KEY not in shown
    assert "canary" not in shown


KMS_KEY = "arn:aws:kms:eu-central-1:123456789012:key/mrk-1234abcd12ab34cd"


def test_keys_may_be_in_kms_and_here_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    key = b64encode(bytes(range(32))).decode()
    settings = _read(
        monkeypatch,
        CREDENTIAL_KEYS=f'{{"old": "{key}"}}',
        CREDENTIAL_KMS_KEYS=f'{{"new": "{KMS_KEY}"}}',
        CREDENTIAL_ACTIVE_KEY="new",
    )
    assert settings.credential_kms_keys == {"new": KMS_KEY}


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:kms:eu-central-1:123456789012:alias/cloudrota",
        "alias/cloudrota",
        "1234abcd-12ab-34cd-56ef-1234567890ab",
        "arn:aws-cn:kms:cn-north-1:123456789012:key/1234abcd",
        "arn:aws:kms::123456789012:key/1234abcd",
        "arn:aws:kms:eu-central-1:12345:key/1234abcd",
        f"{KMS_KEY}\n",
    ],
)
def test_refuses_what_is_not_one_key_of_kms(
    monkeypatch: pytest.MonkeyPatch, arn: str
) -> None:
    """An alias may be pointed at another key, and then an id names two."""
    refusal = _refusal(monkeypatch, CREDENTIAL_KMS_KEYS=json.dumps({"new": arn}))
    assert "CREDENTIAL_KMS_KEYS" in refusal


def test_refuses_one_id_for_two_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = _refusal(
        monkeypatch,
        CREDENTIAL_KEYS=f'{{"one": "{b64encode(bytes(range(32))).decode()}"}}',
        CREDENTIAL_KMS_KEYS=f'{{"one": "{KMS_KEY}"}}',
    )
    assert "IS IN BOTH LISTS" in refusal


@pytest.mark.parametrize("key", ["pk_live_1", "sk_1", "whsec_1", "sk_test_", ""])
def test_refuses_what_is_no_key_of_stripes(
    monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    assert "STRIPE_API_KEY" in _refusal(monkeypatch, STRIPE_API_KEY=key)


@pytest.mark.parametrize(
    ("key", "live"),
    [("sk_live_1", True), ("rk_live_1", True), ("sk_test_1", False)],
)
def test_a_key_of_stripes_says_whether_it_is_live(
    monkeypatch: pytest.MonkeyPatch, key: str, live: bool
) -> None:
    given = _read(monkeypatch, STRIPE_API_KEY=key).stripe_api_key
    assert given is not None
    assert is_live(given) is live


def test_asks_a_fake_of_stripe_by_https_outside_development(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fake = "http://127.0.0.1:1"
    assert "STRIPE_API_URL" in _refusal(monkeypatch, STRIPE_API_URL=fake)
    local = _read(monkeypatch, STRIPE_API_URL=fake, ENVIRONMENT="development")
    assert local.stripe_api_url == fake


@pytest.mark.parametrize(
    ("given", "plan"),
    [
        ({}, "self_hosted"),
        ({"STRIPE_API_KEY": "sk_test_1"}, "free"),
        ({"STRIPE_API_KEY": "sk_test_1", "DEFAULT_PLAN": "team"}, "team"),
        ({"DEFAULT_PLAN": "team"}, "team"),
    ],
    ids=["without Stripe", "with Stripe", "chosen with Stripe", "chosen"],
)
def test_knows_the_plan_of_who_has_none_of_stripe(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], plan: str
) -> None:
    assert _read(monkeypatch, **given).default_plan == plan
