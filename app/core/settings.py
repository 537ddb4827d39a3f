"""Every setting of the product: read once from the environment (or a local env file
in development), checked at start. No secret has a default."""

import re
from base64 import b64decode
from functools import lru_cache
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from app.core.certificate_file import CertificateFile
from app.core.given_secrets import (
    is_an_examples,
    refuse_alias,
    refuse_guessable,
    refuse_no_key,
    refuse_not_random,
)
from app.core.server_urls import refuse_unverified
from app.core.stripe_key import StripeKey
from app.core.telemetry_settings import TelemetrySettings

_ALL = "self_hosted"
_PUBLIC_KEY = re.compile("[0-9a-f]{64}")
_SERVERS = (
    *("database_url", "database_worker_url", "database_system_url"),
    *("database_owner_url", "redis_url"),
)


class Settings(TelemetrySettings):
    """One attribute per environment variable, same name in upper case."""

    model_config = SettingsConfigDict(
        env_file=(".local/dev.env", ".env"),
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,  # they are secrets
    )

    public_url: str = Field(description="Where people reach the API and the console.")
    cors_origins: list[str] = Field(
        default_factory=list,
        description="Further origins whose pages may ask with the user's cookie, each"
        " as https://host (JSON list); that of PUBLIC_URL always may.",
    )
    secret_key: SecretStr = Field(description="Signs tokens; at least 32 bytes.")
    access_token_minutes: int = Field(
        default=10, ge=1, le=60, description="How long an access token lives."
    )
    session_days: int = Field(
        default=30,
        ge=1,
        le=365,
        description="How long a session lives at most, however it is used.",
    )
    session_idle_hours: int = Field(
        default=72,
        ge=1,
        le=8760,
        description="How long a session lives that nobody uses.",
    )
    step_up_minutes: int = Field(
        default=15,
        ge=1,
        le=1440,
        description="How long a proof of identity does for acts that need a fresh one.",
    )

    database_url: SecretStr | None = Field(
        default=None, description="Login `cloudrota_app`: what the API may do."
    )
    database_worker_url: SecretStr | None = Field(
        default=None, description="Login `cloudrota_worker`: what a worker may do."
    )
    database_system_url: SecretStr | None = Field(
        default=None, description="Login `cloudrota_system`: beat, claims, reaper."
    )
    database_owner_url: SecretStr | None = Field(
        default=None, description="Login `cloudrota_owner`: migrations only."
    )
    database_pool_size: int = Field(
        default=10, ge=1, le=100, description="Connections per login and process."
    )
    database_behind_pooler: bool = Field(
        default=False,
        description="True where the URLs lead to a pooler of transactions, as PgBouncer"
        " or RDS Proxy. DATABASE_OWNER_URL never does.",
    )
    database_ca_file: CertificateFile | None = Field(
        default=None,
        description="Who certifies PostgreSQL, as PEM; unset: whom the system trusts.",
    )
    redis_url: SecretStr = Field(description="Celery's broker; carries only hints.")
    redis_ca_file: CertificateFile | None = Field(
        default=None, description="Who may certify Redis beside those, as PEM."
    )

    credential_keys: dict[str, SecretStr] = Field(
        default_factory=dict,
        description="Key-encryption keys by id, each 32 bytes in base64 (JSON).",
    )
    credential_kms_keys: dict[str, str] = Field(
        default_factory=dict,
        description="The same held by AWS KMS: ARNs of symmetric keys by id (JSON).",
    )
    credential_active_key: str | None = Field(
        default=None,
        description="Id of the key, of either kind, that wraps what is new.",
    )

    evidence_signing_key: SecretStr | None = Field(
        default=None,
        description="Ed25519 key that signs evidence: 32 random bytes in base64."
        " Outside development the API needs one.",
    )
    evidence_retired_keys: list[str] = Field(
        default_factory=list,
        description="Public keys that signed evidence before, in hexadecimal digits"
        " (JSON list); they stay listed.",
    )
    access_key_warn_days: int = Field(
        default=90, ge=1, le=3650, description="Older AWS access keys are warned of."
    )

    artifact_bucket: str | None = Field(
        default=None,
        description="S3 bucket that keeps artifacts; without one a folder does.",
    )
    artifact_bucket_region: str | None = Field(
        default=None, description="Region of that bucket, if not us-east-1."
    )
    artifact_prefix: str = Field(
        default="artifacts/", description="Begins each key in the bucket."
    )
    artifact_kms_key_id: str | None = Field(
        default=None, description="KMS key that encrypts artifacts in the bucket."
    )
    artifact_directory: str = Field(
        default=".local/artifacts",
        description="Folder of artifacts; API and workers must see the same one.",
    )
    artifact_days: int = Field(
        default=30, ge=1, description="Days until an artifact is deleted."
    )
    smtp_url: SecretStr | None = Field(
        default=None, description="smtp://user:password@host:port, or smtps://."
    )
    mail_from: str = Field(
        default="Cloudrota <no-reply@localhost>", description="Sender of every mail."
    )

    stripe_api_key: StripeKey | None = Field(
        default=None,
        description="Secret or restricted key of Stripe's API; unset: nothing is sold.",
    )
    stripe_api_url: str | None = Field(
        default=None, description="Only for a fake of Stripe: where its API is."
    )
    default_plan: str = Field(
        default_factory=lambda given: "free" if given.get("stripe_api_key") else _ALL,
        description="Plan of who has none of Stripe; with STRIPE_API_KEY it is free.",
    )
    trial_days: int = Field(
        default=14,
        ge=0,
        le=365,
        description="How long a first plan of Stripe's can be tried; 0: not at all.",
    )
    stripe_webhook_secrets: list[SecretStr] = Field(
        default_factory=list,
        description="Signing secrets of Stripe's webhook (JSON list; two in rotation).",
    )

    platform_principal_arn: str | None = Field(
        default=None, description="Who assumes the customers' roles; shown to them."
    )
    platform_access_key_id: str | None = Field(
        default=None, description="Outside AWS only; on ECS the task role is used."
    )
    platform_secret_access_key: SecretStr | None = Field(
        default=None, description="The secret of PLATFORM_ACCESS_KEY_ID."
    )
    aws_container_credentials_relative_uri: str | None = Field(
        default=None, description="Set by ECS: where the task role's keys are."
    )
    aws_onboarding_template_url: str | None = Field(
        default=None, description="Where the role's CloudFormation template lies (S3)."
    )
    aws_emulator_url: str | None = Field(
        default=None, description="Development only: an emulator instead of AWS."
    )

    worker_kind: Literal["read", "mutate"] = Field(
        default="read",
        description="What this worker process does: executions that only read, or those"
        " that change something, which have processes of their own.",
    )
    worker_concurrency: int = Field(
        default=16, ge=1, le=256, description="Executions at a time, per process."
    )
    worker_processes: int = Field(
        default=1,
        ge=1,
        description="Worker processes of the deployment: while Redis is away each keeps"
        " to its share of the rate of AWS calls.",
    )
    units_at_once: int = Field(
        default=8, ge=1, le=64, description="Units of one execution read at a time."
    )
    aws_calls_per_second: float = Field(
        default=50,
        gt=0,
        description="Calls to one AWS service in one region of one account, of all"
        " workers together; fewer for services that throttle early.",
    )
    aws_calls_burst: float = Field(
        default=100, ge=1, description="Calls that may come at once after a pause."
    )
    aws_calls_per_execution: int = Field(
        default=200_000, ge=1, description="Calls of one execution; more fail it."
    )
    units_per_execution: int = Field(
        default=50_000, ge=1, description="Units of one execution; more fail it."
    )
    organization_running_cap: int = Field(
        default=32, ge=1, description="Running executions of one tenant at a time."
    )
    event_streams_per_user: int = Field(
        default=20, ge=1, description="Open event streams of one user, per API process."
    )
    event_streams_per_organization: int = Field(
        default=1000, ge=1, description="The same of all users of one organization."
    )
    event_streams_per_process: int = Field(
        default=5000, ge=1, description="The same of all organizations."
    )
    metrics_token: SecretStr | None = Field(
        default=None,
        description="Who asks for /metrics must bear it. Unset: outside development"
        " there is no /metrics.",
    )
    metrics_port: int | None = Field(
        default=None,
        ge=1,
        le=65535,
        description="Where worker and beat answer /metrics; unset: nowhere.",
    )
    metrics_host: str = Field(
        default="127.0.0.1", description="The address that METRICS_PORT is bound to."
    )
    heartbeat_url: SecretStr | None = Field(
        default=None,
        description="Asked by the beat each minute if all is well: who no longer hears"
        " of it raises the alarm.",
    )
    heartbeat_lag_seconds: int = Field(
        default=120, ge=10, description="How late slots may be for all to be well."
    )
    trusted_proxies: int = Field(
        default=0,
        ge=0,
        le=10,
        description="Proxies in front of the API that append to X-Forwarded-For; with 0"
        " that header is not believed.",
    )
    requests_per_minute: int = Field(
        default=600, ge=1, le=60_000, description="Requests of one user or key."
    )
    requests_per_minute_of_address: int = Field(
        default=3000, ge=1, le=60_000, description="The same of one address."
    )
    searches_per_minute: int = Field(
        default=240, ge=1, le=60_000, description="Searches of all of one organization."
    )
    exports_per_minute: int = Field(
        default=30, ge=1, le=60_000, description="Exports of all of one organization."
    )
    max_request_bytes: int = Field(
        default=1_048_576, ge=1024, description="The largest request body."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="The least severe log line that is written."
    )

    @field_validator("public_url")
    @classmethod
    def _without_trailing_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @property
    def origins(self) -> list[str]:
        """Scheme, host and port of our own pages."""
        url = urlsplit(self.public_url)
        return [f"{url.scheme}://{url.netloc}", *self.cors_origins]

    @model_validator(mode="after")
    def _refuse_weak_secrets(self) -> Self:
        refuse_guessable("SECRET_KEY", self.secret_key, is_local=self.is_local)
        if self.metrics_token is not None:
            refuse_guessable(
                "METRICS_TOKEN", self.metrics_token, is_local=self.is_local
            )
        return self

    @model_validator(mode="after")
    def _refuse_origins_that_are_none(self) -> Self:
        schemes = {"https", "http"} if self.is_local else {"https"}
        for origin in self.cors_origins:
            url = urlsplit(origin)
            if url.scheme not in schemes or origin != f"{url.scheme}://{url.netloc}":
                raise ValueError("CORS_ORIGINS takes https://host and nothing else")
            if not url.hostname or "*" in origin or "@" in origin:
                raise ValueError("CORS_ORIGINS takes hosts by their names")
        return self

    @model_validator(mode="after")
    def _refuse_local_means_outside_development(self) -> Self:
        if self.is_local:
            return self
        if self.aws_emulator_url is not None:
            raise ValueError("AWS_EMULATOR_URL is refused outside development")
        for name in ("public_url", "stripe_api_url"):
            if not (getattr(self, name) or "https://").startswith("https://"):
                raise ValueError(f"{name.upper()} must be https outside development")
        return self

    @model_validator(mode="after")
    def _refuse_a_heartbeat_that_can_be_read(self) -> Self:
        if self.heartbeat_url is None:
            return self
        schemes = ("https://", "http://") if self.is_local else ("https://",)
        if not self.heartbeat_url.get_secret_value().startswith(schemes):
            raise ValueError("HEARTBEAT_URL must be https outside development")
        return self

    @model_validator(mode="after")
    def _know_the_active_key(self) -> Self:
        active, local = self.credential_active_key, self.credential_keys
        if active is not None and active not in {*local, *self.credential_kms_keys}:
            raise ValueError(
                "CREDENTIAL_ACTIVE_KEY names no key in CREDENTIAL_KEYS or"
                " CREDENTIAL_KMS_KEYS"
            )
        return self

    @model_validator(mode="after")
    def _refuse_ambiguous_kms_keys(self) -> Self:
        for key_id, arn in self.credential_kms_keys.items():
            if key_id in self.credential_keys:
                raise ValueError(f"{key_id!r} is in both lists of credential keys")
            refuse_alias("CREDENTIAL_KMS_KEYS", arn)
        return self

    @model_validator(mode="after")
    def _refuse_unsafe_servers(self) -> Self:
        for name in () if self.is_local else _SERVERS:
            url = getattr(self, name).get_secret_value() if getattr(self, name) else ""
            if is_an_examples(urlsplit(url).password or ""):
                raise ValueError(f"{name.upper()} has the password of an example")
            if url:
                refuse_unverified(name.upper(), url)
        return self

    @model_validator(mode="after")
    def _refuse_keys_that_are_none(self) -> Self:
        for key in () if self.is_local else self.credential_keys.values():
            refuse_not_random("CREDENTIAL_KEYS", b64decode(key.get_secret_value()))
        return self

    @model_validator(mode="after")
    def _refuse_signing_keys_that_are_none(self) -> Self:
        if any(not _PUBLIC_KEY.fullmatch(key) for key in self.evidence_retired_keys):
            raise ValueError("EVIDENCE_RETIRED_KEYS takes 64 hexadecimal digits each")
        if self.evidence_signing_key is not None:
            refuse_no_key(
                "EVIDENCE_SIGNING_KEY",
                self.evidence_signing_key,
                is_local=self.is_local,
            )
        return self


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The process's settings; raises pydantic's error, which names each variable."""
    return Settings()
