"""Serves the built console: its files, and its one page wherever a browser goes that
is no path of the API. Where the console is not built, all is as without it."""

import mimetypes
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

BUILD = Path(__file__).parents[2] / "frontend/dist"

# What the build writes where the nonce of an answer belongs.
_PLACEHOLDER = "__CSP_NONCE__"
_POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}';"
    " style-src 'self' 'nonce-{nonce}'; font-src 'self'; img-src 'self';"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# Never the console's, though no route may answer: programs ask for these.
_OURS = re.compile(r"/(api|docs|healthz|readyz|metrics|\.well-known)(/|$)")
# Their names change with what is in them.
_HASHED = "/assets/"
_FOREVER = "public, max-age=31536000, immutable"
_AN_HOUR = "public, max-age=3600"
_ENCODINGS = {"br": ".br", "gzip": ".gz"}  # the smaller one first
_NOT_SERVED = (".br", ".gz", ".html")


class _File(NamedTuple):
    path: Path
    media_type: str
    encoded: Mapping[str, Path]


class Console:
    """Answers what no route does; the rest is not found, as before."""

    def __init__(self, build: Path, otherwise: ASGIApp) -> None:
        self._page = (build / "index.html").read_text("utf-8")
        self._files = _files(build)
        self._otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = self._answer(scope) if scope["type"] == "http" else None
        await (answer or self._otherwise)(scope, receive, send)

    def _answer(self, scope: Scope) -> Response | None:
        path, headers = scope["path"], Headers(scope=scope)
        if scope["method"] not in {"GET", "HEAD"} or _OURS.match(path):
            return None
        if path in self._files:
            return _send(self._files[path], path, headers.get("accept-encoding", ""))
        # A browser that goes somewhere, and neither a program nor a missing picture.
        if "text/html" not in headers.get("accept", "") or path.startswith(_HASHED):
            return None
        nonce = secrets.token_urlsafe(18)
        return HTMLResponse(
            self._page.replace(_PLACEHOLDER, nonce),
            headers={"Content-Security-Policy": _POLICY.format(nonce=nonce)},
        )


def install(app: FastAPI, build: Path = BUILD) -> None:
    """Let `app` answer with the console in `build`, if there is one."""
    if (build / "index.html").is_file():
        app.router.default = Console(build, _not_found)


async def _not_found(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise HTTPException(404)


def _files(build: Path) -> Mapping[str, _File]:
    """What is served, by its path. All of it is known at the start: no path that is
    asked for is ever put together with a directory."""
    found = {}
    for path in sorted(build.rglob("*")):
        place = path.relative_to(build)
        is_hidden = any(part.startswith(".") for part in place.parts)
        if path.is_file() and not is_hidden and path.suffix not in _NOT_SERVED:
            encoded = {
                name: sibling
                for name, suffix in _ENCODINGS.items()
                if (sibling := path.with_name(path.name + suffix)).is_file()
            }
            found[f"/{place.as_posix()}"] = _File(path, _media_type(path), encoded)
    return found


def _media_type(path: Path) -> str:
    if path.suffix == ".js":
        return "text/javascript"  # whatever the machine's table says
    return mimetypes.guess_type(path.name)[0] or "application/octet-stream"


def _send(file: _File, path: str, accepted: str) -> Response:
    headers = {"Cache-Control": _FOREVER if path.startswith(_HASHED) else _AN_HOUR}
    if not file.encoded:
        return FileResponse(file.path, media_type=file.media_type, headers=headers)
    headers["Vary"] = "Accept-Encoding"
    wanted = _taken(accepted)
    for name, encoded in file.encoded.items():
        if name in wanted:
            headers["Content-Encoding"] = name
            return FileResponse(encoded, media_type=file.media_type, headers=headers)
    return FileResponse(file.path, media_type=file.media_type, headers=headers)


def _taken(accepted: str) -> set[str]:
    """The encodings of an Accept-Encoding that are not refused with q=0."""
    named = (one.replace(" ", "").lower().partition(";") for one in accepted.split(","))
    return {
        name for name, _, weight in named if not re.fullmatch(r"q=0(\.0*)?", weight)
    }
