"""Listeners on loopback: one that speaks TLS and answers, and one that is inside and
must not be reached; and every connection that this process begins."""

import asyncio
import contextlib
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import trustme

PUBLIC = "127.0.0.2"  # stands for an address of the internet
INSIDE = ("127.0.0.1", "::1")

Write = asyncio.StreamWriter
Reply = Callable[[Write], Awaitable[None]]


@dataclass(frozen=True)
class Asked:
    """One request; `name` is the one of the TLS handshake."""

    head: str
    body: bytes
    name: str | None

    def header(self, name: str) -> str | None:
        for line in self.head.split("\r\n")[1:]:
            given, _, text = line.partition(": ")
            if given.lower() == name.lower():
                return text
        return None


@dataclass
class Receiver:
    """`authority` signed its certificate, which is for hooks.example."""

    authority: trustme.CA
    port: int
    reply: Reply
    asked: list[Asked] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)

    def trust(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=None, cadata=self._pem())
        context.check_hostname = True
        return context

    def _pem(self) -> str:
        return self.authority.cert_pem.bytes().decode()


def says(status: str, body: bytes = b"", *headers: str) -> Reply:
    """A whole answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]

    async def reply(writer: Write) -> None:
        writer.write("\r\n".join(lines).encode() + body)
        await writer.drain()

    return reply


@asynccontextmanager
async def receiver(
    reply: Reply | None = None, *, hosts: tuple[str, ...] = ("hooks.example",)
) -> AsyncIterator[Receiver]:
    """Listens at PUBLIC."""
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(*hosts).configure_cert(context)
    here = Receiver(authority, 0, reply or says("200 OK", b"{}"))
    context.sni_callback = lambda _, name, __: here.names.append(name)

    async def serve(reader: asyncio.StreamReader, writer: Write) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            asked = Asked(head, b"", here.names[-1])
            body = await reader.readexactly(int(asked.header("content-length") or 0))
            here.asked.append(Asked(head, body, here.names[-1]))
            await here.reply(writer)
        writer.close()

    server = await asyncio.start_server(serve, PUBLIC, 0, ssl=context)
    here.port = server.sockets[0].getsockname()[1]
    try:
        yield here
    finally:
        server.close()


@dataclass
class Inside:
    """Something inside that listens at `port`, and how often it was reached."""

    port: int
    reached: int = 0


@asynccontextmanager
async def something_inside() -> AsyncIterator[Inside]:
    here = Inside(0)

    async def serve(_: asyncio.StreamReader, writer: Write) -> None:
        here.reached += 1
        writer.close()

    first = await asyncio.start_server(serve, INSIDE[0], 0)
    here.port = first.sockets[0].getsockname()[1]
    second = await asyncio.start_server(serve, INSIDE[1], here.port)
    try:
        yield here
    finally:
        first.close()
        second.close()


_watching: list[list[str]] = []


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" and _watching:
        connecting, address = arguments
        is_stream = connecting.type == socket.SOCK_STREAM
        if is_stream and connecting.family in {socket.AF_INET, socket.AF_INET6}:
            for seen in _watching:
                seen.append(str(address[0]))


sys.addaudithook(_note)  # stays for ever, and does nothing while nobody watches


@contextlib.contextmanager
def connections() -> Iterator[list[str]]:
    """The addresses to which this process begins TCP connections meanwhile, as the
    interpreter itself tells them (not under uvloop)."""
    seen: list[str] = []
    _watching.append(seen)
    try:
        yield seen
    finally:
        _watching.remove(seen)
