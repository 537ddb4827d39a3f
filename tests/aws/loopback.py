"""A small HTTP server on loopback: records what it is sent, answers what it is told."""

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

Headers = Mapping[str, str]
Answer = tuple[int, Headers, bytes]


@dataclass(frozen=True)
class Received:
    method: str
    path: str
    headers: Headers
    body: bytes

    @property
    def signed_by(self) -> str | None:
        """The access key id in the signature, if there is one."""
        _, found, rest = self.headers.get("authorization", "").partition("Credential=")
        return rest.split("/")[0] if found else None


def empty_json(_: Received) -> Answer:
    return 200, {"content-type": "application/json"}, b"{}"


@dataclass
class Loopback:
    """`answer` may also raise ConnectionError, to hang up without an answer."""

    answer: Callable[[Received], Answer] = empty_json
    received: list[Received] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def reply(self) -> None:
                length = int(self.headers.get("content-length", 0))
                headers = {name.lower(): text for name, text in self.headers.items()}
                got = Received(
                    self.command, self.path, headers, self.rfile.read(length)
                )
                outer.received.append(got)
                try:
                    status, answered, body = outer.answer(got)
                except ConnectionError:
                    self.close_connection = True
                    return
                self.send_response(status)
                for name, text in {
                    "content-length": str(len(body)),
                    **answered,
                }.items():
                    self.send_header(name, text)
                self.end_headers()
                with suppress(ConnectionError):  # who was asked may hang up
                    self.wfile.write(body)

            do_GET = do_POST = do_PUT = do_HEAD = do_CONNECT = reply  # noqa: N815 - the library's names

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}
        )
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
