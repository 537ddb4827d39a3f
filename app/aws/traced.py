"""The span of one call to AWS: what was asked, where, and AWS's own request id."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError
from opentelemetry.trace import Span, StatusCode

from app.aws.answered import request_id_of
from app.core import tracing


@contextmanager
def traced(
    service: str, operation: str, region: str, absent: Mapping[str, str]
) -> Iterator[Span]:
    """Around the call itself. A code in `absent` is an answer, not an error."""
    asked = {
        "rpc.system": "aws-api",
        "rpc.service": service,
        "rpc.method": operation,
        "cloud.region": region,
    }
    with tracing.span(
        f"{service}.{operation}", asked, kind=tracing.SpanKind.CLIENT
    ) as span:
        try:
            yield span
        except ClientError as refusal:
            code = refusal.response["Error"].get("Code", "")
            tell(span, refusal.response)
            span.set_attribute("cloudrota.kind", code)
            if code in absent:
                span.set_status(StatusCode.OK)
            raise


def tell(span: Span, answer: Mapping[str, Any]) -> None:
    """Of an answer, as botocore parsed it, which request it answers."""
    about = answer.get("ResponseMetadata", {})
    if not span.is_recording():
        return
    status, request_id = about.get("HTTPStatusCode"), request_id_of(answer)
    if request_id is not None:
        span.set_attribute("aws.request_id", request_id)
    if status is not None:
        span.set_attribute("http.response.status_code", status)
