"""The least that a stream of events can be: an ASGI application that sends each of its
connections the same frame at a beat. What ours costs is compared with it."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

BEAT_SECONDS = 0.25
_DATA = b"x" * 330
FRAME = b"id: 48230-9127-1767225604\nevent: execution.changed\ndata: %b\n\n" % _DATA
Message = MutableMapping[str, Any]


async def app(
    scope: Message,
    receive: Callable[[], Awaitable[Message]],
    send: Callable[[Message], Awaitable[None]],
) -> None:
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
        return
    headers = [(b"content-type", b"text/event-stream")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    is_silent = scope["path"] == "/silent"
    gone = asyncio.ensure_future(_gone(receive))
    hello = {"type": "http.response.body", "body": b": hello\n\n", "more_body": True}
    await send(hello)
    while not gone.done():
        await asyncio.wait({gone}, timeout=None if is_silent else BEAT_SECONDS)
        await send({"type": "http.response.body", "body": FRAME, "more_body": True})


async def _gone(receive: Callable[[], Awaitable[Message]]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _lifespan(
    receive: Callable[[], Awaitable[Message]],
    send: Callable[[Message], Awaitable[None]],
) -> None:
    for _ in range(2):
        kind = (await receive())["type"]
        await send({"type": f"{kind}.complete"})
