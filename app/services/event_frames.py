"""Writes events as the text of server-sent events (WHATWG HTML, 9.2)."""

from typing import Any

from app.schemas.events import StreamSaid, change_as_json
from app.services.live_events import Cursor, Event


def opening(milliseconds: int) -> bytes:
    """After how long a client reconnects."""
    return b"retry: %d\n\n" % milliseconds


def change(event: Event) -> bytes:
    """One change; what is not of its kind's shape is left out."""
    told: dict[str, Any] = {
        **event.facts,
        "id": event.cursor.id,
        "at": event.at,
        "aws_account_id": event.aws_account_id,
        "kind": event.kind.value,
    }
    return _frame(event.kind.value, change_as_json(told), event.cursor)


def said(event: str, cursor: Cursor | None = None, **data: Any) -> bytes:
    """Something about the stream itself."""
    shape = StreamSaid.model_validate(data)
    text = shape.model_dump_json(by_alias=True, exclude_none=True)
    return _frame(event, text.encode(), cursor)


def heartbeat(cursor: Cursor) -> bytes:
    """A comment, and a place from where the stream can be resumed, which dispatches no
    event."""
    return b": heartbeat\nid: %s\n\n" % str(cursor).encode()


def _frame(event: str, data: bytes, cursor: Cursor | None) -> bytes:
    id = b"" if cursor is None else b"id: %s\n" % str(cursor).encode()
    return b"%sevent: %s\ndata: %s\n\n" % (id, event.encode(), data)
