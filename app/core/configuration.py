"""Writes docs/configuration.md from the settings: `python -m app.core.configuration`;
with `--check` it only says whether the file is fresh."""

import sys
from collections.abc import Mapping
from pathlib import Path

from pydantic.fields import FieldInfo

from app.core.env_example import default_of, facts_of, is_secret
from app.core.generated import write_or_check
from app.core.settings import Settings

FILE = Path(__file__).parents[2] / "docs/configuration.md"

_HEAD = """\
# Configuration

Written by `python -m app.core.configuration` from `app/core/settings.py`;
`.env.example` has the same settings. Each is an environment variable. A process reads
its settings once, at start, and refuses to start with one that is missing or wrong:
the error names the variable and never shows its value. `cloudrota check` reads them
and says how what they lead to is.

Who needs a setting: **api**, **worker**, **beat**, and **migrate**, which stands for
the programs that run once (`bootstrap`, `migrate`, `partitions`, and the other
commands of [cloudrota](cloudrota.md) with the owner's login). *Every* process needs
what stands at *all*; it may be the same for all of them, but give no process a
database login or a key that is not said to be its own. Lists and maps are JSON.
"""

_ALL = "all"
_FILES = "api, worker, migrate"
# Who reads a setting. Where one stands alone, the others are better without it.
NEEDED_BY: Mapping[str, str] = {
    **dict.fromkeys(("environment", "public_url", "secret_key", "redis_url"), _ALL),
    **dict.fromkeys(("redis_ca_file", "database_ca_file", "log_level"), _ALL),
    **dict.fromkeys(("database_pool_size", "database_behind_pooler"), _ALL),
    **dict.fromkeys(("default_plan", "credential_active_key"), "api, worker, migrate"),
    "database_url": "api, migrate",
    "database_worker_url": "worker, migrate",
    "database_system_url": "worker, beat, migrate",
    "database_owner_url": "migrate",
    **dict.fromkeys(("credential_keys", "credential_kms_keys"), "api, worker, migrate"),
    **dict.fromkeys(
        ("platform_access_key_id", "platform_secret_access_key", "aws_emulator_url"),
        "api, worker, migrate",
    ),
    "aws_container_credentials_relative_uri": "api, worker, migrate",
    **dict.fromkeys(("evidence_signing_key", "evidence_retired_keys"), "api"),
    **dict.fromkeys(("platform_principal_arn", "aws_onboarding_template_url"), "api"),
    **dict.fromkeys(("cors_origins", "access_token_minutes", "session_days"), "api"),
    **dict.fromkeys(("session_idle_hours", "step_up_minutes"), "api"),
    **dict.fromkeys(("trusted_proxies", "max_request_bytes"), "api"),
    **dict.fromkeys(("requests_per_minute", "requests_per_minute_of_address"), "api"),
    **dict.fromkeys(("searches_per_minute", "exports_per_minute"), "api"),
    **dict.fromkeys(("event_streams_per_user", "event_streams_per_process"), "api"),
    "event_streams_per_organization": "api",
    **dict.fromkeys(
        ("artifact_bucket", "artifact_bucket_region"), "api, worker, migrate"
    ),
    **dict.fromkeys(("artifact_prefix", "artifact_directory"), "api, worker, migrate"),
    "artifact_kms_key_id": "worker, migrate",
    **dict.fromkeys(("artifact_days", "access_key_warn_days"), "worker"),
    **dict.fromkeys(("smtp_url", "mail_from"), "api, worker"),
    **dict.fromkeys(("stripe_api_key", "stripe_api_url"), "api, worker, migrate"),
    "trial_days": "api",
    "stripe_webhook_secrets": "api",
    **dict.fromkeys(
        ("worker_kind", "worker_concurrency", "worker_processes"), "worker"
    ),
    **dict.fromkeys(("units_at_once", "aws_calls_per_second"), "worker"),
    **dict.fromkeys(("aws_calls_burst", "aws_calls_per_execution"), "worker"),
    "units_per_execution": "worker",
    "organization_running_cap": "api, worker",
    "metrics_token": "api, worker, beat",
    **dict.fromkeys(("metrics_port", "metrics_host"), "worker, beat"),
    **dict.fromkeys(
        ("otel_exporter_otlp_endpoint", "otel_exporter_otlp_headers"),
        "api, worker, beat",
    ),
    **dict.fromkeys(
        ("otel_exporter_otlp_certificate", "otel_traces_sampler_arg"),
        "api, worker, beat",
    ),
    "heartbeat_url": "beat",
    "heartbeat_lag_seconds": "beat, migrate",
}

_DATABASE = "postgresql+asyncpg://cloudrota_{}:…@db.example.com:5432/cloudrota"
_ARN = "arn:aws:kms:eu-central-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef"
# Where the default shows little. Those of secrets tell how one is made, or its shape.
EXAMPLES: Mapping[str, str] = {
    "public_url": "https://cloudrota.example.com",
    "cors_origins": '["https://console.example.com"]',
    "secret_key": "made by `openssl rand -hex 32`",
    **{
        f"database_{part}url": f"{_DATABASE.format(login)}?ssl=verify-full"
        for part, login in (
            *(("", "app"), ("worker_", "worker")),
            *(("system_", "system"), ("owner_", "owner")),
        )
    },
    "database_ca_file": "/etc/ssl/rds.pem",
    "redis_url": "rediss://:…@cache.example.com:6379/0",
    "redis_ca_file": "/etc/ssl/cache.pem",
    "credential_keys": "made by `cloudrota fresh-secrets`",
    "credential_kms_keys": f'{{"kms-1": "{_ARN}"}}',
    "credential_active_key": "kms-1",
    "evidence_signing_key": "made by `cloudrota fresh-secrets`",
    "evidence_retired_keys": f'["{"0123456789abcdef" * 4}"]',
    "artifact_bucket": "example-cloudrota-artifacts",
    "artifact_bucket_region": "eu-central-1",
    "artifact_kms_key_id": _ARN,
    "smtp_url": "smtps://user:…@mail.example.com:465",
    "mail_from": "Cloudrota <no-reply@example.com>",
    "stripe_api_key": "rk_live_…, from Stripe's dashboard",
    "stripe_api_url": "http://127.0.0.1:12111",
    "stripe_webhook_secrets": '["whsec_…"], from Stripe\'s dashboard',
    "platform_principal_arn": "arn:aws:iam::123456789012:role/cloudrota-worker",
    "platform_access_key_id": "AKIAIOSFODNN7EXAMPLE",
    "platform_secret_access_key": "from IAM, for a user that may only assume roles",
    "aws_container_credentials_relative_uri": "/v2/credentials/…",
    "aws_onboarding_template_url": "https://example.s3.amazonaws.com/role.json",
    "aws_emulator_url": "http://127.0.0.1:5000",
    "metrics_token": "made by `openssl rand -hex 32`",
    "metrics_port": "9100",
    "otel_exporter_otlp_endpoint": "https://collector.example.com:4318",
    "otel_exporter_otlp_headers": "authorization=…, as the collector asks for",
    "otel_exporter_otlp_certificate": "/etc/ssl/collector.pem",
    "heartbeat_url": "https://watch.example.com/ping/…",
}


def render() -> str:
    """The document's text. KeyError names a setting of which nobody says who needs it
    or what it looks like."""
    return "\n".join(
        [_HEAD, *(_entry(name, one) for name, one in Settings.model_fields.items())]
    )


def _entry(name: str, field: FieldInfo) -> str:
    default = "none, it is required" if field.is_required() else default_of(field)
    example = EXAMPLES.get(name) or default_of(field)
    if not example:
        raise KeyError(f"{name} has neither a default nor an example")
    secret = " Secret." if is_secret(field) else ""
    return (
        f"## {name.upper()}\n\n{' '.join(facts_of(name, field))}{secret}\n\n"
        f"- Needed by: {NEEDED_BY[name]}\n"
        f"- Default: {_quoted(default)}\n"
        f"- Example: {_quoted(example)}\n"
    )


def _quoted(text: str) -> str:
    if not text:
        return "not set"
    is_prose = " " in text and not text.startswith(("[", "{")) and "<" not in text
    return text if is_prose else f"`{text}`"


def main(arguments: list[str]) -> int:
    return write_or_check(FILE, render(), arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
