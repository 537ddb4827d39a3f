"""Starts tracing where a collector is configured; elsewhere nothing of it is even
imported."""

from typing import Any, Protocol

from opentelemetry.trace import TracerProvider

from app.core import tracing
from app.core.settings import Settings
from app.core.version import VERSION


class Telemetry(Protocol):
    """What traces a process until it is closed."""

    @property
    def provider(self) -> TracerProvider: ...

    def close(self) -> None:
        """Send what waits, for a few seconds at most. To be called in a thread."""


def start(settings: Settings, process: str) -> Telemetry | None:
    """Trace this process, `api`, `worker` or `beat`; None if nobody is to be told."""
    if settings.otel_exporter_otlp_endpoint is None:
        return None
    from app.integrations.collector import Collector  # noqa: PLC0415 — see above

    collector = Collector(settings, process)
    tracing.use(collector.provider.get_tracer("cloudrota", VERSION))
    return collector


def stop(telemetry: Telemetry | None) -> None:
    if telemetry is not None:
        tracing.use(None)
        telemetry.close()


def of_requests(telemetry: Telemetry | None) -> Any:
    """What FastAPI is told: one span for each request, of ours, and nothing that the
    environment could ask it for."""
    return {
        "auto_configure": False,
        "metrics": False,
        "logs": False,
        "operation_spans": False,
        "tracing": telemetry is not None,
        "tracer_provider": telemetry.provider if telemetry is not None else None,
        "exclude": _is_probe,
    }


def _is_probe(scope: Any) -> bool:
    return scope.get("path") in {"/healthz", "/readyz", "/metrics"}
