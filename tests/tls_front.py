"""Puts TLS in front of a test server that speaks none, as PostgreSQL or Redis do it."""

import socket
import ssl
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

import trustme

LOOPBACK = "127.0.0.1"
_SSL_REQUEST = 8  # bytes, by which a client of PostgreSQL asks for TLS


class TLSFront:
    """Listens on a port of its own with a certificate of `ca` for `host`."""

    def __init__(
        self,
        port_behind: int,
        ca: trustme.CA,
        *,
        host: str = LOOPBACK,
        asks_first: bool = False,
    ) -> None:
        self._port_behind = port_behind
        self._asks_first = asks_first
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ca.issue_cert(host).configure_cert(self._context)
        self._listener = socket.create_server((LOOPBACK, 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        _end(self._listener)
        for one in self._open:
            _end(one)
        for thread in self._threads:
            thread.join(10)
        # Not before: a thread that still holds the number of a closed socket would
        # end whichever connection of the test has got that number since.
        for one in (self._listener, *self._open):
            one.close()

    def _start(self, work: object, *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)  # type: ignore[arg-type]  # any of ours
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):  # the listener was closed
            while True:
                client, _ = self._listener.accept()
                self._open.append(client)
                self._start(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        try:
            if self._asks_first:
                client.recv(_SSL_REQUEST, socket.MSG_WAITALL)
                client.sendall(b"S")
            shown = self._context.wrap_socket(client, server_side=True)
        except OSError:  # it did not like the certificate
            return
        behind = socket.create_connection((LOOPBACK, self._port_behind))
        self._open += [shown, behind]
        self._start(_carry, shown, behind)
        _carry(behind, shown)


def _carry(taken: socket.socket, given: socket.socket) -> None:
    with suppress(OSError):  # one of both has gone
        while data := taken.recv(65_536):
            given.sendall(data)
    _end(taken)
    _end(given)


def _end(one: socket.socket) -> None:
    with suppress(OSError):  # it has ended already
        one.shutdown(socket.SHUT_RDWR)
