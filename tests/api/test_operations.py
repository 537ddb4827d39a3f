"""Alive, ready, and the bytes of errors."""

from httpx import ASGITransport, AsyncClient

from app.core.settings import Settings
from app.main import create_app
from tests.conftest import Client
from tests.personae import People


async def test_says_ready_when_the_database_answers(client: Client) -> None:
    answer = await client(None).get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "checks": {"database": "ok"}}


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
