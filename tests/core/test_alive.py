"""The question that containers are asked: answered, refused, or not at all."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from app.core import alive
from app.core.embedded.process import free_port


@contextmanager
def _answering(status: int) -> Iterator[int]:
    """The port of a server whose `/healthz` has this status; nothing else is there."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/healthz" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("status", "alive_"), [(200, True), (404, False), (503, False)]
)
def test_goes_by_the_status(status: int, *, alive_: bool) -> None:
    with _answering(status) as port:
        assert alive.is_alive(port) is alive_


def _exit_code(port: int) -> int:
    command = [sys.executable, "-m", "app.core.alive", str(port)]
    return subprocess.call(command, env={}, stderr=subprocess.DEVNULL)  # noqa: S603 — our own


def test_the_command_tells_it_by_its_exit_code() -> None:
    with _answering(200) as port:
        assert _exit_code(port) == 0
    with _answering(503) as port:
        assert _exit_code(port) == 1
    assert _exit_code(free_port()) == 1
