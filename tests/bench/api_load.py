"""A load of HTTP requests, in a process of its own: `python -m tests.bench.api_load`
reads what to ask from its standard input and tells on its standard output what came of
it, both as JSON. Each connection asks its own request again once it is answered."""

import asyncio
import json
import sys
from dataclasses import dataclass, field
from functools import partial

from app.core.clock import monotonic

_END = b"\r\n\r\n"


@dataclass
class Answers:
    """Seconds that each answer took; `until` ends it."""

    until: float
    seconds: list[float] = field(default_factory=list)
    wrong: str = ""


class Client(asyncio.Protocol):
    """One connection, read as cheaply as can be."""

    def __init__(
        self, request: bytes, answers: Answers, done: asyncio.Future[None]
    ) -> None:
        self._request = request
        self._answers = answers
        self._done = done
        self._missing = 0
        self._head = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ask()

    def _ask(self) -> None:
        self._asked_at = monotonic()
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if self._missing:
            self._missing -= len(data)
        else:
            self._head += data
            head, found, body = self._head.partition(_END)
            if not found:
                return
            if b" 200 " not in head[:16]:
                self._answers.wrong = self._head.decode()[:1000]
                self._end()
                return
            length = head.lower().partition(b"content-length:")[2].split()[0]
            self._missing = int(length) - len(body)
            self._head = b""
        if self._missing:
            return
        at = monotonic()
        self._answers.seconds.append(at - self._asked_at)
        if at < self._answers.until:
            self._ask()
        else:
            self._end()

    def _end(self) -> None:
        self._transport.close()
        if not self._done.done():
            self._done.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self._answers.wrong = f"the connection was lost: {exc}"
            self._done.set_result(None)


async def _load(
    port: int, seconds: float, groups: list[list[str]]
) -> list[dict[str, object]]:
    loop = asyncio.get_running_loop()
    began = monotonic()
    answers = [Answers(began + seconds) for _ in groups]
    ends = []
    for asked, answered in zip(groups, answers, strict=True):
        for request in asked:
            done = loop.create_future()
            client = partial(Client, request.encode(), answered, done)
            await loop.create_connection(client, "127.0.0.1", port)
            ends.append(done)
    await asyncio.gather(*ends)
    took = monotonic() - began
    return [
        {"seconds": one.seconds, "wrong": one.wrong, "took": took} for one in answers
    ]


if __name__ == "__main__":
    told = asyncio.run(_load(**json.load(sys.stdin)))
    sys.stdout.write(json.dumps(told))
