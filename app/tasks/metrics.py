"""A small listener of worker and beat for `/metrics` and `/healthz`, beside their work:
on METRICS_PORT, on loopback unless METRICS_HOST says otherwise."""

import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import structlog

from app.core.clock import monotonic
from app.core.settings import Settings
from app.services import exposition

log = structlog.get_logger(__name__)

PATH = "/metrics"
LIVENESS_PATH = "/healthz"
ALIVE_SECONDS = 30
_PATIENCE_SECONDS = 20


class MetricsListener:
    """Answers from `start` to `stop`, each request on a thread of its own; `read` makes
    the answer and is called there. `alive_at` says when Postgres answered this process
    last, an instant of `clock.monotonic()`; None where nobody keeps it in mind."""

    def __init__(
        self,
        settings: Settings,
        read: Callable[[], bytes],
        alive_at: Callable[[], float | None] = lambda: None,
    ) -> None:
        """Binds the address; OSError where it is taken."""
        assert settings.metrics_port is not None
        handler = _handler(settings, read, alive_at)
        address = (settings.metrics_host, settings.metrics_port)
        self._server = ThreadingHTTPServer(address, handler)
        self._server.daemon_threads = True

    def start(self) -> None:
        threading.Thread(
            target=self._server.serve_forever, name="metrics", daemon=True
        ).start()
        log.info("metrics.listening", port=self._server.server_port)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(
    settings: Settings, read: Callable[[], bytes], alive_at: Callable[[], float | None]
) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = _PATIENCE_SECONDS
        server_version = "cloudrota"
        sys_version = ""

        def do_GET(self) -> None:
            if self.path == LIVENESS_PATH:
                self._tell_liveness(alive_at())
            elif self.path != PATH or not exposition.is_offered(settings):
                self.send_error(HTTPStatus.NOT_FOUND)
            elif not exposition.may_read(settings, self.headers["Authorization"]):
                self.send_error(HTTPStatus.UNAUTHORIZED)
            else:
                self._answer(HTTPStatus.OK, read(), exposition.MEDIA_TYPE)

        def _tell_liveness(self, at: float | None) -> None:
            if at is None:
                self.send_error(HTTPStatus.NOT_FOUND)
            elif (age := monotonic() - at) <= ALIVE_SECONDS:
                self._answer(HTTPStatus.OK, b"alive\n")
            else:
                told = f"PostgreSQL has not answered for {age:.0f} s.\n"
                self._answer(HTTPStatus.SERVICE_UNAVAILABLE, told.encode())

        def _answer(
            self, status: HTTPStatus, body: bytes, media_type: str = "text/plain"
        ) -> None:
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """A scrape each few seconds says nothing worth a line."""

    return Handler
