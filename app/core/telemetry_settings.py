"""The settings of traces: where they are sent, and how many."""

from typing import Literal, Self
from urllib.parse import unquote, urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings

from app.core.certificate_file import CertificateFile

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class TelemetrySettings(BaseSettings):
    """Variables with the names that OpenTelemetry gives them."""

    environment: Literal["development", "test", "staging", "production"] = Field(
        default="production",
        description="Only development and test allow http, an emulator, weak secrets.",
    )
    otel_exporter_otlp_endpoint: str | None = Field(
        default=None,
        description="The collector that is sent traces over OTLP/HTTP, as"
        " https://host:port (http on loopback); unset: nothing is traced.",
    )
    otel_exporter_otlp_headers: SecretStr | None = Field(
        default=None,
        description="What it is told in headers, as name=value,name=value.",
    )
    otel_exporter_otlp_certificate: CertificateFile | None = Field(
        default=None, description="Who may certify it, as PEM; unset: the usual ones."
    )
    otel_traces_sampler_arg: float = Field(
        default=1.0, ge=0, le=1, description="The share of traces that are kept."
    )

    @property
    def is_local(self) -> bool:
        """Development and tests: loopback addresses, a local mailbox, an emulator."""
        return self.environment in {"development", "test"}

    @property
    def collector_headers(self) -> dict[str, str]:
        """By name; a value is written as in a URL."""
        if self.otel_exporter_otlp_headers is None:
            return {}
        given = self.otel_exporter_otlp_headers.get_secret_value().split(",")
        pairs = (one.partition("=") for one in given)
        return {
            name.strip().lower(): unquote(value.strip()) for name, _, value in pairs
        }

    @model_validator(mode="after")
    def _refuse_a_collector_that_anybody_hears(self) -> Self:
        if self.otel_exporter_otlp_endpoint is None:
            return self
        url = urlsplit(self.otel_exporter_otlp_endpoint)
        if not url.hostname or url.query or url.fragment or "@" in url.netloc:
            raise ValueError("OTEL_EXPORTER_OTLP_ENDPOINT takes https://host:port")
        if url.scheme != "https" and not (
            url.scheme == "http" and (self.is_local or url.hostname in _LOOPBACK)
        ):
            raise ValueError(
                "OTEL_EXPORTER_OTLP_ENDPOINT must be https, or http on loopback"
            )
        return self

    @model_validator(mode="after")
    def _refuse_headers_that_are_none(self) -> Self:
        if any(not n or not v for n, v in self.collector_headers.items()):
            raise ValueError("OTEL_EXPORTER_OTLP_HEADERS takes name=value,name=value")
        return self
