"""A message as the JSON that a service takes, no longer than it takes."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from app.integrations.channels.message import Message

HEADERS: Mapping[str, str] = {"Content-Type": "application/json; charset=utf-8"}


def body_of(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, allow_nan=False).encode()


def fitted(
    message: Message, document: Callable[[Message], Mapping[str, Any]], most: int
) -> bytes:
    """The document of the message in at most `most` bytes. Where it is longer, items,
    lines and facts are left out from the end; ValueError if that is not enough."""
    one: Message | None = message
    while one is not None:
        body = body_of(document(one))
        if len(body) <= most:
            return body
        one = one.shrunk()
    raise ValueError(f"no message of at most {most} bytes")
