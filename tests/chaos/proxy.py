"""A TCP proxy that can go wrong in every way a network can: cut, stall, or leave
connections half open, so that one side never hears that the other has gone."""

import asyncio
import socket
import struct
from contextlib import suppress
from dataclasses import dataclass, field

LOOPBACK = "127.0.0.1"
_CHUNK = 65_536
# Closing sends RST instead of FIN, as a crashed machine that is back would.
_RESET = struct.pack("ii", 1, 0)


@dataclass(eq=False)
class _Pipe:
    """One connection: the client's side and the server's."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    is_dead: bool = False  # half open: whatever comes is swallowed

    def reset(self) -> None:
        for writer in (self.client, self.server):
            _reset(writer)

    def half_open(self) -> None:
        """The server's side goes; the client's stands open and is never answered."""
        self.is_dead = True
        _reset(self.server)


@dataclass
class FaultProxy:
    """Forwards `port` to `upstream`, both on loopback, until it is told otherwise."""

    port: int
    upstream: int
    _pipes: set[_Pipe] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _server: asyncio.Server | None = None
    _flows: asyncio.Event = field(default_factory=asyncio.Event)

    async def start(self) -> None:
        self._flows.set()
        self._server = await asyncio.start_server(self._accept, LOOPBACK, self.port)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        self.flow()
        while self._tasks:
            self.cut()
            await asyncio.wait(self._tasks, timeout=0.1)

    @property
    def is_used(self) -> bool:
        return bool(self._pipes)

    # ── the faults ───────────────────────────────────────────────────────────────

    def cut(self) -> None:
        """Reset every connection; new ones are welcome."""
        for pipe in list(self._pipes):
            pipe.reset()

    def half_open(self) -> None:
        """Every connection of now is dead and its client does not know; new ones are
        welcome."""
        for pipe in list(self._pipes):
            pipe.half_open()

    def stall(self) -> None:
        """Nothing moves any more, not even for new connections, until `flow`: then what
        was sent meanwhile arrives, late."""
        self._flows.clear()

    def flow(self) -> None:
        self._flows.set()

    # ── forwarding ───────────────────────────────────────────────────────────────

    async def _accept(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        await self._flows.wait()
        try:
            far_reader, far_writer = await asyncio.open_connection(
                LOOPBACK, self.upstream
            )
        except OSError:
            _reset(writer)
            return
        pipe = _Pipe(writer, far_writer)
        self._pipes.add(pipe)
        try:
            await asyncio.gather(
                self._forward(pipe, reader, far_writer),
                self._forward(pipe, far_reader, writer),
            )
        finally:
            self._pipes.discard(pipe)
            for one in (writer, far_writer):
                one.close()

    async def _forward(
        self, pipe: _Pipe, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(_CHUNK):
                await self._flows.wait()
                if not pipe.is_dead:
                    writer.write(data)
                    await writer.drain()
        if not pipe.is_dead:
            with suppress(OSError):
                writer.write_eof()


def _reset(writer: asyncio.StreamWriter) -> None:
    found = writer.get_extra_info("socket")
    if found is not None:
        with suppress(OSError):  # it was closed meanwhile
            found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()
