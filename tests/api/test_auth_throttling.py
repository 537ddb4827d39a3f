"""Trying to sign in, to register and the like: who tries too often waits, whoever has
the address, and nobody gets round it."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from pydantic import SecretStr
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.limits import Limiter
from app.core.settings import Settings
from app.models.throttle import Throttle
from app.models.user import User
from tests.api.signing import PASSWORD, login, me, register, registration
from tests.conftest import Client

AUTH = "/api/v1/auth"
WRONG = "not my password"
MoveClock = Callable[[str], Awaitable[None]]


async def until_refused(
    ask: Callable[[int], Awaitable[Response]], most: int
) -> Response:
    """The first answer that says to wait; before it there were `most` at most."""
    for number in range(most + 1):
        answer = await ask(number)
        if answer.status_code == 429:
            return answer
    raise AssertionError("never refused")


def at(app: FastAPI, address: str) -> AsyncClient:
    """A browser elsewhere."""
    transport = ASGITransport(app, client=(address, 1), raise_app_exceptions=False)
    return AsyncClient(transport=transport, base_url="http://127.0.0.1:8000")


@pytest.fixture
async def away(app: FastAPI, configured: Settings) -> Limiter:
    """Redis does not answer."""
    nowhere = SecretStr("redis://127.0.0.1:9/0")
    app.state.limiter = Limiter(configured.model_copy(update={"redis_url": nowhere}))
    limiter: Limiter = app.state.limiter
    return limiter


async def test_guessing_is_answered_the_same_for_known_and_unknown_addresses(
    client: Client,
) -> None:
    browser = client(None)
    await register(browser)
    answers = []
    for address in ("rita@example.com", "nobody@example.com"):
        tries = [await login(browser, address, WRONG) for _ in range(6)]
        assert [answer.status_code for answer in tries] == [401] * 5 + [429]
        answers.append(tries)
    for known, unknown in zip(*answers, strict=True):
        if known.status_code == 401:
            assert known.content == unknown.content
        else:
            assert known.json()["code"] == unknown.json()["code"] == "too-many-requests"
            assert known.json().keys() == unknown.json().keys()
            assert set(known.headers) == set(unknown.headers)


async def test_who_waits_is_told_how_long_and_the_right_password_waits_too(
    client: Client,
) -> None:
    browser = client(None)
    await register(browser)
    for _ in range(5):
        await login(browser, password=WRONG)
    refused = await login(browser)
    assert refused.status_code == 429
    assert refused.headers["content-type"] == "application/problem+json"
    assert 0 < int(refused.headers["retry-after"]) <= 30


async def test_the_case_of_the_address_makes_no_other_account(client: Client) -> None:
    for _ in range(5):
        await login(client(None), "rita@example.com", WRONG)
    assert (await login(client(None), "Rita@Example.com", WRONG)).status_code == 429


async def test_the_user_signs_in_elsewhere_meanwhile(
    client: Client, app: FastAPI
) -> None:
    await register(client(None))
    async with at(app, "198.51.100.1") as thief:
        await until_refused(lambda _: login(thief, password=WRONG), 5)
    assert (await login(client(None))).status_code == 200


async def test_while_redis_is_away_postgres_counts(
    client: Client, owner: AsyncSession, away: Limiter, move_clock: MoveClock
) -> None:
    await register(client(None))
    tries = [await login(client(None), password=WRONG) for _ in range(6)]
    assert [answer.status_code for answer in tries] == [401] * 5 + [429]
    assert int(tries[-1].headers["retry-after"]) <= 30
    assert await owner.scalar(select(func.count()).select_from(Throttle))
    await move_clock("1 minute")
    assert (await login(client(None))).status_code == 200


async def test_an_address_that_a_client_claims_is_not_believed(
    client: Client, app: FastAPI, configured: Settings
) -> None:
    async def ask(number: int) -> Response:
        browser.headers["X-Forwarded-For"] = f"203.0.113.{number}"
        return await login(browser, password=WRONG)

    browser = client(None)
    await until_refused(ask, 5)
    app.state.settings = configured.model_copy(update={"trusted_proxies": 1})
    answers = [(await ask(number)).status_code for number in range(7)]
    assert answers == [401] * 7, "now it is the proxy that says so"


async def test_registering_is_bounded_for_each_address(
    client: Client, owner: AsyncSession
) -> None:
    async def ask(number: int) -> Response:
        # A weak password is refused unhashed, so that the test is quick.
        wanted = registration(f"r{number}@example.com", password="password1234")
        return await browser.post(f"{AUTH}/register", json=wanted)

    browser = client(None)
    await until_refused(ask, 40)
    wanted = registration("last@example.com")
    assert (await browser.post(f"{AUTH}/register", json=wanted)).status_code == 429
    assert await owner.scalar(select(func.count()).select_from(User)) == 0


async def test_taken_addresses_cannot_be_found_out_by_the_dozen(client: Client) -> None:
    await register(client(None))

    async def ask(_: int) -> Response:
        return await client(None).post(f"{AUTH}/register", json=registration())

    await until_refused(ask, 10)


async def test_mails_cannot_be_asked_for_without_end(client: Client) -> None:
    async def ask(_: int) -> Response:
        wanted = {"email": "rita@example.com"}
        return await client(None).post(f"{AUTH}/forgot-password", json=wanted)

    await until_refused(ask, 5)


@pytest.mark.parametrize("path", ["verify-email", "reset-password"])
async def test_mailed_tokens_cannot_be_guessed_without_end(
    client: Client, path: str
) -> None:
    body: dict[str, Any] = {"token": "x" * 43}
    if path == "reset-password":
        body["password"] = PASSWORD

    async def ask(_: int) -> Response:
        return await client(None).post(f"{AUTH}/{path}", json=body)

    assert (await ask(0)).status_code != 429
    await until_refused(ask, 90)


async def test_who_has_an_access_token_cannot_guess_the_password(
    client: Client,
) -> None:
    browser = client(None)
    token = (await register(browser))["access_token"]
    headers = {"Authorization": f"Bearer {token}"}

    async def ask(_: int) -> Response:
        wanted = {"current_password": WRONG, "new_password": "another good password"}
        return await browser.post(
            f"{AUTH}/change-password", json=wanted, headers=headers
        )

    await until_refused(ask, 5)
    assert (await me(browser, token)).status_code == 200
