"""What surrounds every request: its id, a limit to its body, security headers, an
answer whatever happens, and one line in the log."""

import logging
import re
from collections.abc import Iterable, Mapping, MutableMapping
from functools import lru_cache
from http import HTTPStatus
from itertools import chain

import structlog
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import problem, surprise
from app.core import measures
from app.core.addresses import client_address
from app.core.clock import monotonic
from app.core.errors import TooLarge
from app.core.ids import new_id
from app.core.origin import ORIGIN, Origin, shortened

log = structlog.get_logger(__name__)

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": (
        "default-src 'none'; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'none'"
    ),
}
# Machines ask them every few seconds: it is told when they are answered otherwise.
_PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
_RawHeaders = list[tuple[bytes, bytes]]
_ONLY_HTTPS = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}


class RequestContext:
    """Gives each request an id (the client's, if it is a plain one), binds it to the
    log, and logs the request's end."""

    def __init__(self, app: ASGIApp, *, only_https: bool) -> None:
        self._app = app
        headers = _SECURITY_HEADERS | (_ONLY_HTTPS if only_https else {})
        self._headers = _raw(headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked = Headers(scope=scope).get("x-request-id", "")
        request_id = asked if _REQUEST_ID.fullmatch(asked) else str(new_id())
        answer: MutableMapping[str, int] = {"status": 500}

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer["status"] = message["status"]
                ours = _raw({**scope["answer_headers"], "X-Request-Id": request_id})
                message["headers"] = _with(message["headers"], ours, self._headers)
            await send(message)

        scope["answer_headers"] = {}  # what routes want said, of errors too
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        ORIGIN.set(_origin(scope, request_id))
        started = monotonic()
        try:
            await self._app(scope, receive, send_with_headers)
        finally:
            seconds = monotonic() - started
            _measure(scope, answer["status"], seconds)
            log.log(
                _level(scope["path"], answer["status"]),
                "request",
                method=scope["method"],
                path=scope["path"],
                status=answer["status"],
                milliseconds=round(seconds * 1000, 1),
            )


def _level(path: str, status: int) -> int:
    is_routine = path in _PROBES and status == HTTPStatus.OK
    return logging.DEBUG if is_routine else logging.INFO


def _raw(headers: Mapping[str, str]) -> _RawHeaders:
    return [(name.lower().encode(), text.encode()) for name, text in headers.items()]


def _with(headers: Iterable[tuple[bytes, bytes]], *more: _RawHeaders) -> _RawHeaders:
    """Those that the answer has itself stay; of the others the first counts."""
    found = list(headers)
    names = {name for name, _ in found}
    for name, text in chain.from_iterable(more):
        if name not in names:
            names.add(name)
            found.append((name, text))
    return found


def _origin(scope: Scope, request_id: str) -> Origin:
    client, headers = scope.get("client"), Headers(scope=scope)
    address = client_address(
        client[0] if client else None,
        headers.getlist("x-forwarded-for"),
        trusted_proxies=scope["app"].state.settings.trusted_proxies,
    )
    return Origin(address, shortened(headers.get("user-agent")), request_id)


def _measure(scope: Scope, status: int, seconds: float) -> None:
    """By the route's pattern, never by the path itself, which holds ids."""
    route, method = "none", "none"
    if "endpoint" in scope:
        route = _patterns(scope["app"]).get(scope["endpoint"], "none")
        method = scope["method"]
    measures.REQUESTS.labels(method, route, str(status)).inc()
    measures.REQUEST_SECONDS.labels(method, route).observe(seconds)


@lru_cache(maxsize=1)
def _patterns(app: FastAPI) -> Mapping[object, str]:
    """The whole path of each route, as the document has it, by what answers it."""
    return {
        context.endpoint: context.path_format or "none"
        for context in iter_route_contexts(app.routes)
        if context.endpoint is not None
    }


class Surprises:
    """Answers what nobody foresaw. The framework would do so outside of everything,
    where an answer gets neither request id nor the headers of the others."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_started = False

        async def noting(message: Message) -> None:
            nonlocal has_started
            has_started = True
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception as error:
            if scope["type"] != "http" or has_started:
                raise
            answer = await surprise(Request(scope), error)
            await answer(scope, receive, send)


class BodyLimit:
    """Refuses a body over `limit` bytes before anything looks at it. A declared length
    is kept to by the server; a body without one is gathered here first."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        declared = headers.get("content-length", "")
        if declared.isdigit() and int(declared) > self._limit:
            await self._refuse(scope, receive, send)
        elif "transfer-encoding" in headers and not declared:
            body = await self._gather(receive)
            if body is None:
                await self._refuse(scope, receive, send)
            else:
                await self._app(scope, _replay(body, receive), send)
        else:
            await self._app(scope, receive, send)

    async def _gather(self, receive: Receive) -> bytes | None:
        """The whole body; None once it is over the limit."""
        parts: list[bytes] = []
        size = 0
        more = True
        while more:
            message = await receive()
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > self._limit:
                return None
            more = message.get("more_body", False)
        return b"".join(parts)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        error = TooLarge(f"At most {self._limit} bytes are read.")
        await problem(Request(scope), error)(scope, receive, send)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Answers the gathered body once, then what the server says."""
    waiting: list[Message] = [{"type": "http.request", "body": body}]

    async def replay() -> Message:
        return waiting.pop() if waiting else await receive()

    return replay
