"""Refuses an answer that botocore would read as an empty one."""

import json
import re
from typing import Any

from botocore.model import OperationModel
from botocore.parsers import ResponseParserError

_SUCCESS = range(200, 300)
_NO_CONTENT = 204
_XML = frozenset({"query", "ec2", "rest-xml"})
_ROOT = re.compile(
    rb"\s{0,64}(?:<\?[^>]{0,512}>\s{0,64})?(?:<![^>]{0,512}>\s{0,64}){0,4}"
    rb"<(?:[\w.-]{1,64}:)?([\w.-]{1,256})"
)


class UnreadableAnswer(ResponseParserError):
    """A success whose body is not what the operation answers with."""


def refuse_unreadable(**event: Any) -> None:
    """Raise UnreadableAnswer where the parser would invent an empty document.

    botocore takes a JSON body it cannot parse for `{"message": …}` and an empty body
    for `{}`; both then look like an account without resources.
    """
    response: dict[str, Any] = event["response_dict"]
    operation: OperationModel = event["operation_model"]
    status, body = response["status_code"], response["body"]
    if status not in _SUCCESS or not _has_document(operation):
        return
    if response["headers"].get("content-type", "").startswith("text/html"):
        raise UnreadableAnswer("The answer is a web page")
    if not body and status != _NO_CONTENT:
        raise UnreadableAnswer("The answer is empty")
    protocol = operation.service_model.resolved_protocol
    if body and "json" in protocol:
        _refuse_broken_json(body)
    if body and protocol in _XML:
        _refuse_other_xml(body, operation, protocol)


def _has_document(operation: OperationModel) -> bool:
    """Whether members of the output are read from the body as a document."""
    shape = operation.output_shape
    if shape is None or operation.has_streaming_output:
        return False
    if operation.has_event_stream_output:
        return False
    payload = shape.serialization.get("payload")
    if payload is not None:
        return shape.members[payload].type_name == "structure"
    return any(
        "location" not in member.serialization for member in shape.members.values()
    )


def _refuse_broken_json(body: bytes) -> None:
    try:
        document = json.loads(body)
    except ValueError as broken:
        raise UnreadableAnswer(f"The answer is not JSON: {broken}") from broken
    if not isinstance(document, dict):
        raise UnreadableAnswer("The answer is not a JSON object")


def _refuse_other_xml(body: bytes, operation: OperationModel, protocol: str) -> None:
    """Any well-formed XML without the expected members would read as an empty list."""
    root = _ROOT.match(body)
    if root is None:
        raise UnreadableAnswer("The answer is not XML")
    name = root[1].decode("ascii", "replace")
    # rest-xml names its roots freely; the other two always after the operation.
    expected = None if protocol == "rest-xml" else f"{operation.name}Response"
    if name.lower() == "html" or (expected and name != expected):
        raise UnreadableAnswer(f"The answer is a document <{name[:64]}>")
