"""An event stream as an answer: it goes on until the client leaves or the stream
ends."""

from collections.abc import Collection
from contextlib import aclosing

import anyio
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.core.actor import Actor
from app.models.live_event import EventKind
from app.services.live_events import Cursor
from app.services.live_hub import LiveHub

_HEADERS = {
    "Cache-Control": "no-store",
    "Connection": "close",
    # nginx would gather an answer before it passes it on.
    "X-Accel-Buffering": "no",
}


class EventStream(Response):
    """Its stream is opened when it is sent, so that none is left open unsent; what that
    raises is answered as a problem."""

    media_type = "text/event-stream"

    def __init__(
        self,
        hub: LiveHub,
        actor: Actor,
        *,
        kinds: Collection[EventKind],
        after: Cursor | None,
        lifetime: float | None,
    ) -> None:
        self.status_code = 200
        self.background = None
        self.init_headers(_HEADERS)
        self._hub = hub
        self._open = hub.open(actor, kinds=kinds, after=after, lifetime=lifetime)

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        async with self._open as stream:
            await send(
                {
                    "type": "http.response.start",
                    "status": self.status_code,
                    "headers": self.raw_headers,
                }
            )
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(_leave_with_client, receive, tasks.cancel_scope)
                async with aclosing(self._hub.follow(stream)) as frames:
                    async for frame in frames:
                        await _send(send, frame, more=True)
                await _send(send, b"", more=False)
                tasks.cancel_scope.cancel()


async def _send(send: Send, body: bytes, *, more: bool) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": more})


async def _leave_with_client(receive: Receive, scope: anyio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass  # a body, which is of no interest
    scope.cancel()
