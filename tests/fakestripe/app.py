"""The fake as an ASGI application."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from tests.fakestripe import (
    api_billing,
    api_sales,
    api_sessions,
    backstage,
    pages,
)
from tests.fakestripe.books import Books
from tests.fakestripe.gate import Gate
from tests.fakestripe.post import Post
from tests.fakestripe.refusals import Refused


def create_app(url: str, key: str = "sk_test_fake") -> FastAPI:
    """A fake of one account that is reached at `url` and knows one secret key."""
    app = FastAPI(openapi_url=None)
    state = app.state
    state.url = url

    def begin() -> None:
        state.books = Books(key)
        state.gate = Gate(state.books)
        state.post = Post(state.books)
        state.books.readers.append(state.post.take)

    state.begin = begin
    begin()
    for module in (api_sales, api_billing, api_sessions, pages, backstage):
        app.include_router(module.router)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(404, _unknown)
    app.add_exception_handler(405, _unknown)
    return app


async def _refused(request: Request, refused: Any) -> JSONResponse:
    return JSONResponse(refused.body, refused.status)


async def _unknown(request: Request, error: Exception) -> JSONResponse:
    path = request.url.path
    unknown = Refused(404, f"Unrecognized request URL ({request.method}: {path}).")
    return JSONResponse(unknown.body, 404)
