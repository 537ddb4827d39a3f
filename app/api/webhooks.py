"""The webhooks section of the OpenAPI document: what a customer's endpoint is sent, one
entry for each event. Nothing here is a route."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from app.core.notice import Notice, NoticeEvent
from app.core.notice_details import DETAILS

_MEANINGS: Mapping[NoticeEvent, str] = {
    NoticeEvent.EXECUTION_SUCCEEDED: "An execution has succeeded.",
    NoticeEvent.EXECUTION_FAILED: "An execution has failed.",
    NoticeEvent.EXECUTION_INTERRUPTED: "Nobody knows what became of an execution's"
    " effect: a person must look.",
    NoticeEvent.EXECUTION_CANCELLED: "An execution was cancelled.",
    NoticeEvent.EXECUTION_SKIPPED: "A run that was due did not take place.",
    NoticeEvent.EXECUTION_RECOVERED: "A task succeeds again on an account.",
    NoticeEvent.HEALTH_DEGRADED: "The verdict on an account has become worse.",
    NoticeEvent.HEALTH_RECOVERED: "The verdict on an account has become better.",
    NoticeEvent.RESOURCE_CHANGED: "Resources are new, gone or changed.",
    NoticeEvent.PROBLEM_OPENED: "Failures with a new cause.",
    NoticeEvent.PROBLEM_CLOSED: "A problem is over.",
    NoticeEvent.CREDENTIALS_INVALID: "AWS refuses credentials that it took before.",
    NoticeEvent.CREDENTIALS_RECOVERED: "AWS takes credentials again.",
    NoticeEvent.SUBSCRIPTION_CHANGED: "The plan or its status has changed.",
    NoticeEvent.SUBSCRIPTION_READ_ONLY: "A payment is overdue: nothing runs.",
    NoticeEvent.USAGE_NEAR: "80 percent of a limit of the plan are used.",
    NoticeEvent.USAGE_REACHED: "A limit of the plan is reached.",
    NoticeEvent.CHANNEL_FAILING: "A channel does not take what it is told.",
    NoticeEvent.CHANNEL_RECOVERED: "A channel takes what it is told again.",
    NoticeEvent.TEST: "Somebody has asked for a test. Endpoints need not name it.",
}
_REF = "#/components/schemas/{model}"
_HEADERS: Mapping[str, str] = {
    "webhook-id": "Of the message, and the same each time it is tried: what was seen"
    " already can be left out.",
    "webhook-timestamp": "When it was sent: seconds since 1970.",
    "webhook-signature": "`v1,` and the base64 of an HMAC-SHA256 over"
    " `id.timestamp.body`, keyed with the base64 behind `whsec_` of the secret; two of"
    " these, with a space between, while a secret is being changed. Check it, and that"
    " the time is within five minutes, before anything else.",
}


def schemas() -> dict[str, Any]:
    """What the entries refer to."""
    made = Notice.model_json_schema(ref_template=_REF)
    parts: dict[str, Any] = made.pop("$defs")
    return {"Notice": made, **parts, **_details()}


def _details() -> dict[str, Any]:
    adapters = {one: TypeAdapter[Any](one) for one in DETAILS.values()}
    _, made = TypeAdapter.json_schemas(
        [(one, "validation", adapter) for one, adapter in adapters.items()],
        ref_template=_REF,
    )
    schemas: dict[str, Any] = made["$defs"]
    return dict(sorted(schemas.items()))


def _of(event: NoticeEvent) -> dict[str, Any]:
    detail = _REF.format(model=DETAILS[event].__name__)
    return {"event": {"const": event.value}, "detail": {"$ref": detail}}


def section() -> dict[str, Any]:
    return {event.value: _entry(event) for event in NoticeEvent}


def _entry(event: NoticeEvent) -> dict[str, Any]:
    return {
        "post": {
            "summary": _MEANINGS[event],
            "description": "Answer with any status of 200 to 299 within five seconds."
            " Nothing else is taken for an answer, redirects neither; it is tried again"
            " up to ten times within three days after 408, 429, 5xx or none at all.",
            "operationId": f"webhook_{event.value.replace('.', '_')}",
            "tags": ["notifications"],
            "parameters": [
                {
                    "name": name,
                    "in": "header",
                    "required": True,
                    "description": said,
                    "schema": {"type": "string"},
                }
                for name, said in _HEADERS.items()
            ],
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {
                        "schema": {
                            "allOf": [
                                {"$ref": "#/components/schemas/Notice"},
                                {"properties": _of(event)},
                            ]
                        }
                    }
                },
            },
            "responses": {"2XX": {"description": "It was taken."}},
        }
    }
