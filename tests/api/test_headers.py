"""What every answer carries, whatever it is, and whose pages may ask."""

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from sqlalchemy import text

from app.core.db import Database, Login
from app.core.limits import Limiter
from app.core.settings import Settings
from app.main import create_app
from tests.api.signing import CSRF, ORIGIN
from tests.conftest import Client
from tests.personae import People

CONSOLE = "https://console.example.com"
REFRESH = "/api/v1/auth/refresh"


def production(configured: Settings, **changes: object) -> FastAPI:
    """The API as it is elsewhere; what it needs is not there, so it can err."""
    changes |= {
        "environment": "production",
        "public_url": "https://cloudrota.example.com",
    }
    return create_app(configured.model_copy(update=changes))


def browser(app: FastAPI) -> AsyncClient:
    transport = ASGITransport(app, raise_app_exceptions=False)
    return AsyncClient(transport=transport, base_url="https://cloudrota.example.com")


async def answers(app: FastAPI, people: People) -> dict[int, Response]:
    """One of each kind, by status: ours, a file, refused, unknown, and unforeseen."""
    bearer = {"Authorization": f"Bearer {people.alice.token}", "Origin": CONSOLE}
    async with browser(app) as asks:
        found = [
            await asks.get("/healthz"),
            await asks.get("/docs"),
            await asks.get("/docs/files/swagger-ui.css"),
            await asks.get("/nothing"),
            await asks.get("/api/v1/tasks"),
            await asks.post(REFRESH),
            await asks.post("/api/v1/tasks", content=b" " * 2_000_000),
            await asks.options(
                REFRESH,
                headers={"Origin": CONSOLE, "Access-Control-Request-Method": "POST"},
            ),
        ]
        del app.state.limiter
        app.state.database = None
        found.append(await asks.get("/readyz", headers=bearer))
    return dict(enumerate(found))


async def test_every_answer_of_production_is_guarded(
    configured: Settings, people: People, database: Database, limiter: Limiter
) -> None:
    app = production(configured, cors_origins=[CONSOLE])
    app.state.database, app.state.limiter = database, limiter
    found = await answers(app, people)
    assert {answer.status_code for answer in found.values()} == (
        {200, 401, 403, 404, 413, 500}
    )
    for answer in found.values():
        place = f"{answer.request.method} {answer.request.url}"
        headers = answer.headers
        forced = headers["strict-transport-security"]
        assert forced == "max-age=31536000; includeSubDomains", place
        assert headers["x-content-type-options"] == "nosniff", place
        assert headers["x-frame-options"] == "DENY", place
        assert headers["referrer-policy"] == "no-referrer", place
        assert headers["cache-control"] == "no-store", place
        assert headers["x-request-id"], place
        policy = headers["content-security-policy"]
        assert "unsafe" not in policy, place
        assert policy.startswith("default-src 'none'"), place
        for denied in ("base-uri", "form-action", "frame-ancestors"):
            assert f"{denied} 'none'" in policy, place
        if answer.status_code >= 400:
            assert headers["content-type"] == "application/problem+json", place


async def test_every_text_says_its_charset(
    configured: Settings, people: People, database: Database, limiter: Limiter
) -> None:
    app = production(configured, cors_origins=[CONSOLE])
    app.state.database, app.state.limiter = database, limiter
    kinds = {
        answer.headers["content-type"]
        for answer in (await answers(app, people)).values()
        if answer.content
    }
    assert {kind.partition(";")[0] for kind in kinds} >= {"text/html", "text/css"}
    for kind in kinds:
        assert kind.startswith("application/") or kind.endswith("; charset=utf-8")


async def test_what_nobody_foresaw_says_nothing_and_can_be_read_by_our_pages(
    configured: Settings, people: People, database: Database, limiter: Limiter
) -> None:
    app = production(configured, cors_origins=[CONSOLE])
    app.state.database, app.state.limiter = database, limiter
    (unforeseen,) = (
        answer
        for answer in (await answers(app, people)).values()
        if answer.status_code == 500
    )
    assert unforeseen.headers["access-control-allow-origin"] == CONSOLE
    assert unforeseen.json()["code"] == "error"
    assert "NoneType" not in unforeseen.text


async def test_what_takes_the_database_too_long_may_be_asked_again(
    configured: Settings, database: Database, limiter: Limiter
) -> None:
    app = production(configured)
    app.state.database, app.state.limiter = database, limiter

    @app.get("/slowly")
    async def slowly() -> None:
        async with database.unit_of_work(Login.APP) as session:
            await session.execute(text("SET LOCAL statement_timeout = 10"))
            await session.execute(text("SELECT pg_sleep(60)"))

    async with browser(app) as visitor:
        answer = await visitor.get("/slowly")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


async def test_in_development_http_is_not_given_up(client: Client) -> None:
    answer = await client(None).get("/healthz")
    assert "strict-transport-security" not in answer.headers


@pytest.mark.parametrize(
    ("origin", "may"),
    [
        (CONSOLE, True),
        ("https://cloudrota.example.com", True),
        ("https://cloudrota.example.com.evil.example", False),
        ("https://evil.example", False),
        ("http://cloudrota.example.com", False),
        ("https://cloudrota.example.com:8443", False),
        ("null", False),
        ("*", False),
    ],
)
async def test_only_pages_that_are_named_may_ask_and_read(
    configured: Settings, limiter: Limiter, origin: str, *, may: bool
) -> None:
    app = production(configured, cors_origins=[CONSOLE])
    app.state.limiter = limiter
    ask = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    async with browser(app) as asks:
        before = await asks.options(REFRESH, headers=ask)
        answer = await asks.get("/healthz", headers={"Origin": origin})
        cookie = await asks.post(REFRESH, headers={**CSRF, "Origin": origin})
    assert before.status_code == (200 if may else 400)
    assert (cookie.json()["code"] == "foreign-origin") is not may
    for one in (before, answer):
        assert one.headers.get("access-control-allow-origin") == (
            origin if may else None
        )
        assert one.headers.get("access-control-allow-credentials", "true") == "true"


async def test_the_public_url_may_have_a_path(configured: Settings) -> None:
    app = create_app(configured.model_copy(update={"public_url": f"{ORIGIN}/app"}))
    async with browser(app) as asks:
        answer = await asks.get("/healthz", headers={"Origin": ORIGIN})
    assert answer.headers["access-control-allow-origin"] == ORIGIN


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/api/v1/tasks", "GET, POST"),
        ("/api/v1/organization/deletion", "DELETE, POST"),
        ("/api/v1/tasks/preview", "POST"),
        ("/api/v1/tasks/01961f4e-7d2a-7c11-9b0e-5a4f2d8c6e31", "DELETE, GET, PATCH"),
        ("/healthz", "GET"),
    ],
)
async def test_names_all_methods_of_a_path_where_it_knows_not_this_one(
    path: str, methods: str, client: Client, people: People
) -> None:
    answer = await client(people.alice).put(path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == methods
    assert answer.json()["status"] == 405
