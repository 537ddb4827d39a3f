"""Spans: what a request or a job did and when. Off until a process is given a tracer
(app/integrations/telemetry.py): before, nothing is made and nothing is slowed.

The trace of an execution, and of a message of the outbox, has the row's own id. Whoever
records the row begins it, and whoever works on the row goes on with it: no hint has to
arrive for that, and a second attempt elsewhere is seen beside the first.
"""

from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    Tracer,
)

__all__ = ["SpanKind"]

# Of these the collector is told, each with what its value may be: see span_filter.py.
Attributes = Mapping[str, str | int]

NONE: Attributes = {}
_NANOSECONDS = 1_000_000
_tracer: Tracer | None = None
# The row whose trace is begun: its ids are not drawn by lot.
BEGUN: ContextVar[UUID | None] = ContextVar("begun", default=None)


def use(tracer: Tracer | None) -> None:
    """Trace with it from now on; with None no more."""
    global _tracer  # noqa: PLW0603 — what a process does is its own
    _tracer = tracer


@contextmanager
def span(
    name: str,
    attributes: Attributes = NONE,
    *,
    kind: SpanKind = SpanKind.INTERNAL,
    of: UUID | None = None,
) -> Iterator[Span]:
    """What is done inside; an error is told by its class alone. Part of what is at
    hand, or of the trace of the row `of`."""
    if _tracer is None:
        yield trace.INVALID_SPAN
        return
    with _tracer.start_as_current_span(
        name,
        context=_context(of) if of is not None else None,
        kind=kind,
        attributes=attributes,
        record_exception=False,
        set_status_on_exception=False,
    ) as made:
        try:
            yield made
        except BaseException as error:
            made.set_attribute("error.type", type(error).__name__)
            made.set_status(StatusCode.ERROR)
            raise


@contextmanager
def step(name: str, attributes: Attributes = NONE) -> Iterator[None]:
    """A part of the span at hand that has no parts itself; none where there is none, so
    that what a process does by itself again and again is no trace."""
    if _tracer is None or not trace.get_current_span().is_recording():
        yield
        return
    made = _tracer.start_span(name, attributes=attributes)
    try:
        yield
    except BaseException as error:
        made.set_attribute("error.type", type(error).__name__)
        made.set_status(StatusCode.ERROR)
        raise
    finally:
        made.end()


def record(name: str, ids: Iterable[UUID]) -> None:
    """Begin the traces of rows that were recorded; they and the span at hand name each
    other."""
    if _tracer is None:
        return
    here = trace.get_current_span()
    links = [Link(here.get_span_context())] if here.is_recording() else []
    for id in ids:
        token = BEGUN.set(id)
        try:
            began = _tracer.start_span(
                name, context=Context(), kind=SpanKind.PRODUCER, links=links
            )
        finally:
            BEGUN.reset(token)
        began.end()
        here.add_link(_begun(id))


def past(name: str, ids: Iterable[UUID], *, since: int) -> None:
    """Say of rows what was done with them since then, in Unix milliseconds."""
    if _tracer is None:
        return
    for id in ids:
        _tracer.start_span(
            name, context=_context(id), start_time=since * _NANOSECONDS
        ).end()


def name_trace(
    _logger: object, _method: str, event: MutableMapping[str, object]
) -> MutableMapping[str, object]:
    """A structlog processor: the trace that a line belongs to, if it is kept."""
    if _tracer is not None:
        here = trace.get_current_span().get_span_context()
        if here.is_valid and here.trace_flags.sampled:
            event["trace_id"] = trace.format_trace_id(here.trace_id)
            event["span_id"] = trace.format_span_id(here.span_id)
    return event


def first_span_of(id: UUID) -> int:
    """The id of the span that begins the row's trace: the half of the row's that tells
    those of one millisecond apart."""
    return id.int & (1 << 64) - 1


def _begun(id: UUID) -> SpanContext:
    return SpanContext(
        id.int, first_span_of(id), is_remote=True, trace_flags=TraceFlags(1)
    )


def _context(id: UUID) -> Context:
    return trace.set_span_in_context(NonRecordingSpan(_begun(id)), Context())
