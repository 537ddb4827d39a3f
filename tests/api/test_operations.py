"""Alive, ready, and the bytes of errors."""

import logging
import re

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from pydantic import SecretStr

from app.core.db import Database
from app.core.limits import Limiter
from app.core.settings import Settings
from app.main import create_app
from app.services.price_list import UnknownDefaultPlan
from app.tasks.publisher import RedisPublisher
from tests.conftest import Client
from tests.personae import People


async def test_says_ready_when_the_database_answers(client: Client) -> None:
    answer = await client(None).get("/readyz")
    assert answer.status_code == 200
    checks = {"database": "ok", "redis": "ok"}
    assert answer.json() == {"ready": True, "checks": checks}


async def test_a_probe_is_logged_only_where_it_is_not_answered_well(
    client: Client, app: FastAPI, caplog: pytest.LogCaptureFixture
) -> None:
    """Load balancers and Prometheus ask every few seconds."""
    caplog.set_level(logging.INFO)
    for path in ("/healthz", "/readyz", "/docs"):
        assert (await client(None).get(path)).status_code == 200
    app.state.database = None
    assert (await client(None).get("/readyz")).status_code == 500
    told = [one.msg for one in caplog.records if isinstance(one.msg, dict)]
    requests = [one for one in told if one["event"] == "request"]
    assert [(one["path"], one["status"]) for one in requests] == [
        ("/docs", 200),
        ("/readyz", 500),
    ]


async def test_is_not_ready_while_the_database_is_away_and_says_so(
    client: Client, app: FastAPI, configured: Settings, publisher: RedisPublisher
) -> None:
    assert configured.database_url is not None
    url = configured.database_url.get_secret_value().replace("test_", "gone_")
    gone = configured.model_copy(update={"database_url": SecretStr(url)})
    app.state.database = Database(gone, publisher)
    answer = await client(None).get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["ready"] is False
    assert answer.json()["checks"]["database"].startswith("unreachable (")
    assert answer.json()["checks"]["redis"] == "ok"
    assert (await client(None).get("/healthz")).status_code == 200
    await app.state.database.close()


async def test_serves_while_redis_is_away_and_says_so(
    client: Client, app: FastAPI, configured: Settings, people: People
) -> None:
    nowhere = SecretStr("redis://127.0.0.1:1")
    app.state.limiter = Limiter(configured.model_copy(update={"redis_url": nowhere}))
    answer = await client(None).get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["ready"] is True
    assert answer.json()["checks"]["redis"].startswith("unreachable (")
    # That it is ready is true:
    assert (await client(people.alice).get("/api/v1/tasks")).status_code == 200
    await app.state.limiter.close()


async def test_an_unknown_path_is_a_problem(client: Client, people: People) -> None:
    answer = await client(people.alice).get("/api/v1/nothing")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "not-found"
    assert answer.headers["x-request-id"]


async def test_opens_and_closes_its_own_connections(configured: Settings) -> None:
    app = create_app(configured)
    async with app.router.lifespan_context(app):
        transport = ASGITransport(app)
        async with AsyncClient(transport=transport, base_url="http://test") as client:
            assert (await client.get("/readyz")).status_code == 200


async def test_does_not_start_with_a_default_plan_that_is_none(
    configured: Settings,
) -> None:
    app = create_app(configured.model_copy(update={"default_plan": "golden"}))
    refused = pytest.raises(UnknownDefaultPlan, match=r"DEFAULT_PLAN.*'golden'.*team")
    with refused:
        async with app.router.lifespan_context(app):
            pass


async def test_the_documentation_page_needs_no_other_host(client: Client) -> None:
    nobody = client(None)
    page = await nobody.get("/docs")
    assert "http" not in page.text
    for path in re.findall(r'(?:src|href)="(/[^"]+)"', page.text):
        assert (await nobody.get(path)).status_code == 200, path
    assert (await nobody.get("/api/v1/openapi.json")).json()["openapi"]


async def test_the_type_of_a_problem_leads_to_its_page(client: Client) -> None:
    nobody = client(None)
    refused = await nobody.get("/api/v1/tasks")
    page = await nobody.get(refused.json()["type"])
    assert page.status_code == 200
    assert page.text.startswith(f"# {refused.json()['code']}\n")
    assert (await nobody.get("/problems/nonsense")).status_code == 404
    assert (await nobody.get("/problems/..%2f..%2fREADME")).status_code in (404, 422)


async def test_shows_no_directory_and_traces_nothing(client: Client) -> None:
    nobody = client(None)
    for directory in ("/docs/files/", "/problems/"):
        assert (await nobody.get(directory)).status_code == 404, directory
    for path in ("/healthz", "/docs", "/api/v1/tasks"):
        assert (await nobody.request("TRACE", path)).status_code == 405, path
