"""Files as answers: streamed, with a name to save them by."""

from collections.abc import AsyncIterable, AsyncIterator
from typing import Any

from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from app.core.actor import Actor
from app.core.db import Database
from app.services import exports
from app.services.exports import Export, Format

_MEDIA = {"csv": "text/csv", "json": "application/json"}


def download(
    database: Database, actor: Actor, export: Export, format: Format
) -> StreamingResponse:
    """The name is ours alone: nothing of it comes from AWS or from a person."""
    return StreamingResponse(
        exports.stream(database, actor, export, format),
        media_type=f"{_MEDIA[format]}; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{export.name}.{format}"',
            "Cache-Control": "no-store",
        },
    )


class BegunStream(StreamingResponse):
    """Answers once its first piece is there: what cannot even be begun is a problem,
    and no success that breaks off."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        pieces = aiter(self.body_iterator)
        self.body_iterator = _from(await anext(pieces), pieces)
        await super().__call__(scope, receive, send)


def whole(pieces: AsyncIterator[str], name: str) -> BegunStream:
    """A JSON document under this name, which is ours."""
    return BegunStream(
        pieces,
        media_type="application/json; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}.json"',
            "Cache-Control": "no-store",
        },
    )


WHOLE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The document. Broken off, it is no JSON.",
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
}


async def _from(first: Any, rest: AsyncIterable[Any]) -> AsyncIterator[Any]:
    yield first
    async for piece in rest:
        yield piece


_JSON_FILE = {
    "type": "object",
    "properties": {
        "items": {"type": "array", "items": {"type": "object"}},
        "count": {"type": "integer"},
        "complete": {"const": True},
    },
    "required": ["items", "count", "complete"],
}
DOWNLOADS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file. Broken off, it is not complete: JSON lacks its end,"
        " and the connection ends in an error.",
        "content": {
            _MEDIA["csv"]: {"schema": {"type": "string"}},
            _MEDIA["json"]: {"schema": _JSON_FILE},
        },
    }
}
