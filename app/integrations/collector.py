"""The operator's collector of traces, over OTLP/HTTP. One that is slow or away costs
spans, which are counted, and never the time of whoever made them."""

import threading
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

import requests
from opentelemetry import propagate
from opentelemetry.context import Context, get_current
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.propagators.textmap import TextMapPropagator
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import (
    BatchSpanProcessor,
    SpanExporter,
    SpanExportResult,
)
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import SamplingResult, TraceIdRatioBased

from app.core import measures
from app.core.ids import new_id
from app.core.settings import Settings
from app.core.tracing import BEGUN, first_span_of
from app.core.version import VERSION
from app.integrations import span_filter

MOST_WAITING = 8192
AT_ONCE = 512
SEND_EVERY_MILLISECONDS = 2000
TIMEOUT_SECONDS = 5
_LIMITS = SpanLimits(
    max_attributes=32, max_events=0, max_links=128, max_attribute_length=256
)


class Collector:
    """Sends what its provider makes, on a thread of its own, until it is closed."""

    def __init__(self, settings: Settings, process: str) -> None:
        propagate.set_global_textmap(_Nothing())
        self._sender = _Sender(settings)
        self.provider = TracerProvider(
            resource=Resource(
                {
                    "service.name": "cloudrota",
                    "service.version": VERSION,
                    "service.instance.id": str(new_id()),
                    "cloudrota.process": process,
                }
            ),
            sampler=_ByTrace(settings.otel_traces_sampler_arg),
            id_generator=_Ids(),
            span_limits=_LIMITS,
            shutdown_on_exit=False,
        )
        self.provider.add_span_processor(_Queue(self._sender))

    def close(self) -> None:
        self._sender.is_closing = True
        self.provider.shutdown()


class _Nothing(TextMapPropagator):
    """No asker chooses its trace: what a request says of one is not read."""

    def extract(
        self,
        carrier: Any,  # noqa: ARG002 — see above
        context: Context | None = None,
        *_: Any,
        **__: Any,
    ) -> Context:
        return get_current() if context is None else context

    def inject(self, *_: Any, **__: Any) -> None:
        """Nobody else is told of ours."""

    @property
    def fields(self) -> set[str]:
        return set()


class _Sender(SpanExporter):
    """Sends what may leave. Once it is closing, the first refusal is the last try."""

    def __init__(self, settings: Settings) -> None:
        assert settings.otel_exporter_otlp_endpoint is not None
        session = requests.Session()
        session.trust_env = False
        session.hooks["response"].append(_refuse_to_be_sent_on)
        self._otlp = OTLPSpanExporter(
            f"{settings.otel_exporter_otlp_endpoint.rstrip('/')}/v1/traces",
            certificate_file=settings.otel_exporter_otlp_certificate,
            headers=settings.collector_headers,
            timeout=TIMEOUT_SECONDS,
            compression=Compression.NoCompression,
            session=session,
        )
        self._lock = threading.Lock()
        self._waiting = 0
        self._has_failed = False
        self.is_closing = False

    def has_room(self) -> bool:
        """Take a place in the queue; false if there is none."""
        with self._lock:
            if self._waiting >= MOST_WAITING:
                return False
            self._waiting += 1
            return True

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        with self._lock:
            self._waiting -= len(spans)
        if self.is_closing and self._has_failed:
            result = SpanExportResult.FAILURE
        else:
            result = self._otlp.export([span_filter.cleaned(span) for span in spans])
        self._has_failed = result is not SpanExportResult.SUCCESS
        outcome = "not_taken" if self._has_failed else "sent"
        measures.SPANS.labels(outcome).inc(len(spans))
        return result

    def shutdown(self) -> None:
        self._otlp.shutdown()  # type: ignore[no-untyped-call]  # the library says no type


def _refuse_to_be_sent_on(response: requests.Response, **_: Any) -> None:
    """An answer that leads elsewhere took nothing; the library calls it success."""
    if 300 <= response.status_code < 400:  # noqa: PLR2004 — as HTTP has it
        response.close()
        raise requests.TooManyRedirects(f"It answered {response.status_code}.")


class _Queue(BatchSpanProcessor):
    """Bounded: what finds no room is counted and gone."""

    def __init__(self, sender: _Sender) -> None:
        super().__init__(
            sender,
            max_queue_size=MOST_WAITING,
            schedule_delay_millis=SEND_EVERY_MILLISECONDS,
            max_export_batch_size=AT_ONCE,
        )
        self._sender = sender

    def on_end(self, span: ReadableSpan) -> None:
        context = span.get_span_context()
        if context is None or not context.trace_flags.sampled:
            return
        if self._sender.has_room():
            super().on_end(span)
        else:
            measures.SPANS.labels("no_room").inc()


class _Ids(RandomIdGenerator):
    """Drawn by lot, but for those of a row's trace."""

    def generate_trace_id(self) -> int:
        begun = BEGUN.get()
        return super().generate_trace_id() if begun is None else begun.int

    def generate_span_id(self) -> int:
        begun = BEGUN.get()
        return super().generate_span_id() if begun is None else first_span_of(begun)


class _ByTrace(TraceIdRatioBased):
    """Keeps a share of the traces, each whole: every process decides alike. Ids of rows
    made together are alike, so not they decide, but their hash."""

    def should_sample(
        self, parent_context: Context | None, trace_id: int, *args: Any, **more: Any
    ) -> SamplingResult:
        hashed = blake2b(trace_id.to_bytes(16, "big"), digest_size=8).digest()
        drawn = int.from_bytes(hashed, "big")
        return super().should_sample(parent_context, drawn, *args, **more)
