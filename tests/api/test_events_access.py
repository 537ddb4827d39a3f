"""Live events end with the right to them, and with a client that does not read; and
nobody may open too many."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from jose import jwt
from sqlalchemy import text

from app.core.clock import monotonic, now
from app.core.db import Database, Login
from app.core.settings import Settings
from tests.api.events_ground import Ground, make_ground
from tests.api.listening import PATIENCE, listening, serving
from tests.api.signing import CSRF, login, register
from tests.builders import make_credentials
from tests.personae import People, Persona

MOST_SECONDS = 5


@pytest.fixture
async def ground(database: Database, people: People) -> Ground:
    return await make_ground(database, people)


@pytest.fixture
async def url(
    configured: Settings, ground: Ground, template_app: FastAPI
) -> AsyncIterator[str]:
    async with serving(configured, template_app) as url:
        yield url


ENDS = {
    "signed out": "UPDATE user_sessions SET revoked_at = app_now() WHERE id = :session",
    "signed out everywhere": (
        "UPDATE user_sessions SET revoked_at = app_now() WHERE user_id = :user"
    ),
    "the session's end": (
        "UPDATE user_sessions SET expires_at = app_now() WHERE id = :session"
    ),
    "removed": "UPDATE members SET removed_at = app_now() WHERE user_id = :user",
    "the membership's end": (
        "UPDATE members SET expires_at = app_now() WHERE user_id = :user"
    ),
    "disabled": "UPDATE users SET disabled_at = app_now() WHERE id = :user",
    "the organization deleted": (
        "UPDATE organizations SET deleted_at = app_now() WHERE id = :organization"
    ),
}
CHANGES = {
    "another role": "UPDATE members SET role = 'viewer' WHERE user_id = :user",
    "limited to labels": (
        'UPDATE members SET label_scope = \'{"client": ["north"]}\''
        " WHERE user_id = :user"
    ),
}


@pytest.mark.parametrize("how", [*ENDS, *CHANGES])
async def test_ends_within_five_seconds_of_the_right_to_it(
    how: str, url: str, people: People, ground: Ground
) -> None:
    """And tells nothing more; the neighbours' go on. What ends a stream is what the
    next request is refused for."""
    olga, alice = people.olga, people.alice
    is_over = how in ENDS
    async with (
        listening(url, olga.token) as listener,
        listening(url, alice.token) as neighbour,
    ):
        await listener.event("live")
        await neighbour.event("live")
        began = monotonic()
        await _execute(ground, {**ENDS, **CHANGES}[how], olga)
        closing = await listener.event("closing")
        assert monotonic() - began < MOST_SECONDS
        reason = "session_ended" if is_over else "access_changed"
        assert closing.data == {"reason": reason}
        assert await listener.next() is None
        await ground.start("south")
        if how != "the organization deleted":
            await neighbour.changes(1)
    async with listening(url, olga.token) as again:
        assert again.response.status_code == (401 if is_over else 200)


async def test_ends_when_a_second_factor_is_demanded_that_one_has_not(
    url: str, people: People, ground: Ground
) -> None:
    """Who has one listens on; who has none is first to set one up."""
    olga, alice = people.olga, people.alice
    enrolled = "UPDATE users SET mfa_enabled_at = app_now() WHERE id = :user"
    await _execute(ground, enrolled, alice)
    async with (
        listening(url, olga.token) as listener,
        listening(url, alice.token) as neighbour,
    ):
        await listener.event("live")
        await neighbour.event("live")
        demanded = (
            "UPDATE organizations SET mfa_required = true WHERE id = :organization"
        )
        await _execute(ground, demanded, olga)
        assert (await listener.event("closing")).data == {"reason": "access_changed"}
        await ground.start("south")
        await neighbour.changes(1)
    async with listening(url, olga.token) as again:
        assert again.response.status_code == 403


async def test_ends_when_somebody_signs_out(url: str) -> None:
    async with AsyncClient(base_url=url, timeout=PATIENCE, trust_env=False) as browser:
        await register(browser)
        token = (await login(browser)).json()["access_token"]
        async with listening(url, token) as listener:
            await listener.event("live")
            answer = await browser.post("/api/v1/auth/logout", headers=CSRF)
            assert answer.status_code == 204, answer.text
            closing = await listener.event("closing")
    assert closing.data == {"reason": "session_ended"}


async def test_ends_with_its_access_token(
    url: str, configured: Settings, people: People, ground: Ground
) -> None:
    """A token is good for its own time, also for who holds on to a stream."""
    soon = now() + timedelta(seconds=4)
    async with listening(url, _token(configured, people.alice, soon)) as alice:
        place = (await alice.event("live")).id
        closing = await alice.event("closing")
        assert await alice.next() is None
    assert closing.data == {"reason": "token_expired"}
    assert now() >= soon - timedelta(seconds=1)
    await ground.start("north")
    async with listening(url, people.alice.token, after=place) as alice:
        await alice.changes(1)


async def test_refuses_too_many_of_one_user_and_of_one_organization(
    configured: Settings,
    people: People,
    ground: Ground,
    template_app: FastAPI,
) -> None:
    settings = configured.model_copy(
        update={"event_streams_per_user": 2, "event_streams_per_organization": 3}
    )
    async with serving(settings, template_app) as url, AsyncExitStack() as open:

        async def status_for(persona: Persona, *, stays: bool = True) -> Any:
            stream = listening(url, persona.token)
            if not stays:
                async with stream as listener:
                    return listener.response
            return (await open.enter_async_context(stream)).response

        assert (await status_for(people.alice)).status_code == 200
        async with listening(url, people.alice.token) as second:
            await second.event("live")
            refused = await status_for(people.alice)
            assert refused.status_code == 429
            assert refused.headers["content-type"] == "application/problem+json"
            assert refused.json()["code"] == "too-many-streams"
            assert (await status_for(people.olga)).status_code == 200
            assert (await status_for(people.adam)).status_code == 429
            assert (await status_for(people.mallory)).status_code == 200
        # A place is free again once its client is gone.
        async with asyncio.timeout(PATIENCE):
            while True:
                if (await status_for(people.alice, stays=False)).status_code == 200:
                    break


async def test_a_client_that_does_not_read_is_told_and_can_go_on(
    url: str, people: People, ground: Ground
) -> None:
    """What waits for it is bounded, whatever happens; nothing of it is lost."""
    token, many = people.alice.token, 30_000
    async with _deaf(url, token) as deaf:
        kinds = ("credentials.changed",)
        async with listening(url, people.olga.token, kinds=kinds) as olga:
            await olga.event("live")
            await _flood(ground, many)
            async with ground.database.unit_of_work(Login.OWNER) as session:
                await make_credentials(
                    session, people.alice.organization_id, ground.accounts["north"]
                )
            # Which comes behind the flood: all of it was told, or was too much.
            await olga.changes(1)
        said = ""
        while more := await deaf.read(1 << 16):
            said += more.decode()
    assert 'event: overflow\ndata: {"reason":"slow"}' in said
    heard = said.count("event: execution.changed")
    assert heard < many
    places = [line for line in said.splitlines() if line.startswith("id: ")]
    last = places[-1].removeprefix("id: ")
    async with listening(url, token, after=last) as alice:
        missed = await alice.changes(many - heard + 1)
        await ground.start("north")
        (live,) = await alice.changes(1)
    assert len({one.data["id"] for one in missed}) == many - heard + 1
    assert live.data["status"] == "running"


@asynccontextmanager
async def _deaf(url: str, token: str) -> AsyncIterator[asyncio.StreamReader]:
    """A client that reads nothing on its own."""
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port), limit=1024)
    writer.write(
        f"GET /api/v1/events HTTP/1.1\r\nHost: {host}\r\n"
        f"Authorization: Bearer {token}\r\n\r\n".encode()
    )
    await reader.readuntil(b"event: live")
    yield reader
    writer.close()
    await writer.wait_closed()


async def _flood(ground: Ground, many: int) -> None:
    async with ground.database.unit_of_work(Login.OWNER) as session:
        await session.execute(
            text(
                "INSERT INTO live_events (organization_id, aws_account_id, kind, facts)"
                " SELECT organization_id, aws_account_id, kind, facts FROM live_events,"
                " generate_series(1, :many) WHERE kind = 'execution.changed'"
                " AND facts -> 'ids' ->> 0 = :id"
            ),
            {"many": many, "id": ground.id_of("north")},
        )


async def _execute(ground: Ground, statement: str, persona: Persona) -> None:
    values: dict[str, UUID] = {
        "session": persona.session_id,
        "user": persona.user_id,
        "organization": persona.organization_id,
    }
    named = {name: value for name, value in values.items() if f":{name}" in statement}
    async with ground.database.unit_of_work(Login.OWNER) as session:
        await session.execute(text(statement), named)


def _token(settings: Settings, persona: Persona, expires_at: object) -> str:
    payload = {
        "sub": str(persona.user_id),
        "org": str(persona.organization_id),
        "sid": str(persona.session_id),
        "iss": settings.public_url,
        "aud": "cloudrota-api",
        "iat": now(),
        "exp": expires_at,
    }
    return str(jwt.encode(payload, settings.secret_key.get_secret_value()))
