"""A real server in the test's own loop, and clients that listen to its events."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
from fastapi import FastAPI
from httpx import AsyncClient, Response

from app.core.settings import Settings
from app.services.key_providers import key_provider

# Longer than anything takes that is waited for; nothing waits so long but a failure.
PATIENCE = 60


@dataclass(frozen=True)
class Said:
    """One event as a client reads it; a heartbeat has neither name nor data."""

    id: str | None
    event: str | None
    data: Any
    comment: str | None


@asynccontextmanager
async def serving(settings: Settings, app: FastAPI) -> AsyncIterator[str]:
    """The API on a free port, by an application that was built before and is not in
    use; its address."""
    app.state.settings = settings
    app.state.keys = key_provider(settings)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            port=0,
            ws="none",
            log_config=None,
            timeout_graceful_shutdown=1,
        )
    )
    running = asyncio.create_task(server.serve())
    while not server.started:
        assert not running.done(), "it did not start"
        await asyncio.sleep(0)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await running


class Listener:
    """One open stream, or the problem that was answered instead."""

    def __init__(self, response: Response) -> None:
        self.response = response
        self._lines = response.aiter_lines()

    async def next(self) -> Said | None:
        """The next event or heartbeat; None at the end of the stream."""
        async with asyncio.timeout(PATIENCE):
            return await self._next()

    async def event(self, name: str) -> Said:
        """The next of that name, whatever comes before it."""
        async with asyncio.timeout(PATIENCE):
            while (said := await self._next()) is not None:
                if said.event == name:
                    return said
        raise AssertionError(f"the stream ended without {name}")

    async def changes(self, number: int) -> list[Said]:
        """The next so many changes."""
        found: list[Said] = []
        async with asyncio.timeout(PATIENCE):
            while len(found) < number:
                said = await self._next()
                assert said is not None, f"the stream ended after {found}"
                if said.event is not None and said.event.endswith(".changed"):
                    found.append(said)
        return found

    async def _next(self) -> Said | None:
        fields: dict[str, str] = {}
        async for line in self._lines:
            if line:
                name, _, value = line.partition(":")
                fields[name] = value.removeprefix(" ")
            elif fields.keys() == {"retry"}:
                fields = {}
            else:
                data = json.loads(fields["data"]) if "data" in fields else None
                of = fields.get
                return Said(of("id"), of("event"), data, of(""))
        return None


@asynccontextmanager
async def listening(
    url: str, token: str, *, after: str | None = None, kinds: tuple[str, ...] = ()
) -> AsyncIterator[Listener]:
    headers = {"Authorization": f"Bearer {token}"}
    if after is not None:
        headers["Last-Event-ID"] = after
    async with (
        AsyncClient(base_url=url, timeout=PATIENCE, trust_env=False) as client,
        client.stream(
            "GET", "/api/v1/events", headers=headers, params={"kind": list(kinds)}
        ) as response,
    ):
        if response.status_code != 200:
            await response.aread()
        yield Listener(response)
