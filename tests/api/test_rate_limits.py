"""How often one may ask, and that Redis being away keeps nobody from asking."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import measures
from app.core.db import Database, Login
from app.core.limits import Limiter
from app.core.settings import Settings
from app.models.user import UserSession
from tests.api.signing import CSRF
from tests.conftest import Client
from tests.personae import People, Persona, make_key

ME, TASKS, RESOURCES = "/api/v1/auth/me", "/api/v1/tasks", "/api/v1/resources"
Limit = Callable[..., None]


@pytest.fixture
def limit(app: FastAPI, configured: Settings) -> Limit:
    """`limit(exports_per_minute=2)`: the API is set so."""

    def change(**limits: int) -> None:
        app.state.settings = configured.model_copy(update=limits)

    return change


def at(app: FastAPI, address: str, persona: Persona) -> AsyncClient:
    return AsyncClient(
        transport=ASGITransport(app, client=(address, 1)),
        base_url="http://127.0.0.1:8000",
        headers={"Authorization": f"Bearer {persona.token}"},
    )


def statuses(answers: list[Response]) -> list[int]:
    return [answer.status_code for answer in answers]


async def test_who_tries_keys_is_stopped_before_they_are_looked_up(
    app: FastAPI, people: People, database: Database, limit: Limit
) -> None:
    limit(requests_per_minute=50, requests_per_minute_of_address=3)
    async with database.unit_of_work(Login.OWNER) as session:
        key = await make_key(session, people.alice)
    wrong = replace(key, token=f"{key.token[:-8]}{'A' * 8}")
    async with at(app, "198.51.100.7", wrong) as thief:
        answers = [await thief.get(TASKS) for _ in range(4)]
    assert statuses(answers) == [401, 401, 401, 429]
    async with at(app, "198.51.100.7", key) as beside:
        assert (await beside.get(TASKS)).status_code == 429
    async with at(app, "203.0.113.9", key) as elsewhere:
        answer = await elsewhere.get(TASKS)
    assert answer.status_code == 200
    assert answer.headers["ratelimit-policy"] == '"key";q=50;w=60, "address";q=3;w=60'
    assert answer.headers["ratelimit"] == '"key";r=49, "address";r=2'


async def test_who_asks_too_often_is_told_how_often_one_may(
    client: Client, people: People, limit: Limit
) -> None:
    limit(requests_per_minute=3, requests_per_minute_of_address=50)
    alice = client(people.alice)
    answers = [await alice.get(ME) for _ in range(4)]
    assert statuses(answers) == [200, 200, 200, 429]
    for answer, left in zip(answers, (2, 1, 0, 0), strict=True):
        policy = '"user";q=3;w=60, "address";q=50;w=60'
        assert answer.headers["ratelimit-policy"] == policy
        assert answer.headers["ratelimit"].startswith(f'"user";r={left}, "address";r=')
    refused = answers[-1]
    assert refused.json()["code"] == "too-many-requests"
    assert refused.headers["content-type"] == "application/problem+json"
    assert 0 < int(refused.headers["retry-after"]) <= 20


async def test_another_session_of_a_user_is_the_same_user(
    client: Client, people: People, limit: Limit
) -> None:
    limit(requests_per_minute=4)
    alice = people.alice
    answers = await asyncio.gather(*(client(alice).get(ME) for _ in range(8)))
    assert sorted(statuses(answers)) == [200] * 4 + [429] * 4
    assert (await client(people.olga).get(ME)).status_code == 200


async def test_all_users_of_one_address_share_its_limit(
    app: FastAPI, people: People, limit: Limit
) -> None:
    limit(requests_per_minute_of_address=4)
    for persona, expected in (
        (people.alice, [200, 200]),
        (people.olga, [200, 200]),
        (people.adam, [429, 429]),
    ):
        async with at(app, "203.0.113.7", persona) as client:
            assert [(await client.get(ME)).status_code for _ in (1, 2)] == expected
    async with at(app, "203.0.113.8", people.adam) as client:
        assert (await client.get(ME)).status_code == 200


async def test_what_is_refused_is_not_done(
    client: Client, people: People, limit: Limit, owner: AsyncSession
) -> None:
    limit(requests_per_minute=1)
    alice = client(people.alice)
    assert (await alice.get(ME)).status_code == 200
    path = "/api/v1/auth/sessions/" + str(people.alice.actor.session_id)
    assert (await alice.delete(path)).status_code == 429
    ended = select(UserSession.id).where(UserSession.revoked_at.is_not(None))
    assert await owner.scalar(ended) is None


async def test_searches_are_a_tenants_and_lists_are_none(
    client: Client, people: People, limit: Limit
) -> None:
    limit(searches_per_minute=2)
    alice, olga = client(people.alice), client(people.olga)
    found = {"q": "web"}
    assert (await alice.get(TASKS, params=found)).status_code == 200
    assert (await olga.get(RESOURCES, params=found)).status_code == 200
    assert (await olga.get(TASKS, params=found)).status_code == 429
    assert (await olga.get(TASKS)).status_code == 200
    mallory = client(people.mallory)
    assert (await mallory.get(TASKS, params=found)).status_code == 200


async def test_exports_are_a_tenants(
    client: Client, people: People, limit: Limit
) -> None:
    limit(exports_per_minute=1)
    path = f"{RESOURCES}/export"
    assert (await client(people.alice).get(path)).status_code == 200
    refused = await client(people.olga).get(path)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    assert (await client(people.mallory).get(path)).status_code == 200


async def test_routes_without_an_actor_are_bounded_by_address(
    client: Client, limit: Limit
) -> None:
    limit(requests_per_minute_of_address=2)
    browser = client(None)
    answers = [
        await browser.post("/api/v1/auth/refresh", headers=CSRF) for _ in range(3)
    ]
    assert statuses(answers) == [401, 401, 429]


async def test_who_looks_whether_we_live_is_not_counted(
    client: Client, limit: Limit
) -> None:
    limit(requests_per_minute_of_address=1)
    for path in ("/healthz", "/readyz") * 2:
        answer = await client(None).get(path)
        assert answer.status_code == 200
        assert "ratelimit" not in answer.headers


async def test_while_redis_is_away_requests_are_let_through_and_counted(
    app: FastAPI, client: Client, people: People, limit: Limit, configured: Settings
) -> None:
    limit(requests_per_minute=1, exports_per_minute=1)
    nowhere = SecretStr("redis://127.0.0.1:9/0")
    app.state.limiter = Limiter(configured.model_copy(update={"redis_url": nowhere}))
    before = measures.NOT_LIMITED._value.get()  # noqa: SLF001 — it has no other reader
    alice = client(people.alice)
    answers = [await alice.get(f"{RESOURCES}/export") for _ in range(3)]
    assert statuses(answers) == [200] * 3
    assert all("ratelimit" not in answer.headers for answer in answers)
    after = measures.NOT_LIMITED._value.get()  # noqa: SLF001 — same
    assert after - before == 6, "by user and address, and by tenant"


async def test_who_is_no_longer_signed_in_hears_that(
    client: Client, people: People, limit: Limit
) -> None:
    limit(requests_per_minute=50)
    alice = client(people.alice)
    await alice.post("/api/v1/auth/logout-everywhere")
    assert (await alice.get(ME)).status_code == 401
