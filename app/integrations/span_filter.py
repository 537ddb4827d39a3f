"""What of a span may leave: its name and times, and of its attributes those that are
named here, with values of the shape that is written beside them. No text of a tenant,
no path, no query, no statement and no message of an error has one of these shapes."""

import re
from collections.abc import Mapping
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import Link, SpanContext, Status

_UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_WORD = r"[A-Za-z][A-Za-z0-9_.-]{0,99}"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_./{}: -]{0,199}")
NAMELESS = "nameless"

# None: a whole number.
ALLOWED: Mapping[str, re.Pattern[str] | None] = {
    name: re.compile(shape) if shape is not None else None
    for name, shape in {
        "http.request.method": "[A-Z_]{1,20}",
        "http.route": r"/[A-Za-z0-9_./{}:-]{0,199}",
        "http.response.status_code": None,
        "error.type": r"[A-Za-z0-9_.:-]{1,100}",
        "rpc.system": "aws-api",
        "rpc.service": "[a-z0-9-]{1,64}",
        "rpc.method": "[A-Za-z0-9]{1,128}",
        "cloud.region": "[a-z0-9-]{1,32}",
        "aws.request_id": r"[A-Za-z0-9+/=_:.-]{1,128}",
        "db.system.name": "postgresql",
        "cloudrota.login": "[a-z]{1,16}",
        "cloudrota.kind": _WORD,
        "cloudrota.attempt": None,
        "cloudrota.retries": None,
        "cloudrota.throttled": None,
        "cloudrota.organization_id": _UUID,
        "cloudrota.task_id": _UUID,
        "cloudrota.run_id": _UUID,
        "cloudrota.execution_id": _UUID,
        "cloudrota.message_id": _UUID,
    }.items()
}


def is_allowed(name: str, value: Any) -> bool:
    if name not in ALLOWED:
        return False
    shape = ALLOWED[name]
    if shape is None:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, str) and shape.fullmatch(value) is not None


def cleaned(span: ReadableSpan) -> ReadableSpan:
    """The span with what may leave, and nothing else."""
    attributes = span.attributes or {}
    return ReadableSpan(
        name=span.name if _NAME.fullmatch(span.name) else NAMELESS,
        context=_bare(span.get_span_context()),
        parent=_bare(span.parent),
        resource=span.resource,
        attributes={n: v for n, v in attributes.items() if is_allowed(n, v)},
        links=[Link(bare) for one in span.links if (bare := _bare(one.context))],
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _bare(context: SpanContext | None) -> SpanContext | None:
    """Without what others hang on to a trace."""
    if context is None:
        return None
    return SpanContext(
        context.trace_id, context.span_id, context.is_remote, context.trace_flags
    )
