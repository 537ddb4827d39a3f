"""Live events for API keys: what they are told, and that streams end with their key."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from app.core.clock import monotonic
from app.core.db import Database, Login
from app.core.permissions import Permission
from app.core.settings import Settings
from tests.api.events_ground import Ground, make_ground
from tests.api.listening import listening, serving
from tests.personae import Labels, People, Persona, make_key

MOST_SECONDS = 5
TOLD = [Permission.READ_ORGANIZATION, Permission.READ_EXECUTIONS]
NORTH = {"client": ["north"]}


@pytest.fixture
async def ground(database: Database, people: People) -> Ground:
    return await make_ground(database, people)


@pytest.fixture
async def url(
    configured: Settings, ground: Ground, template_app: FastAPI
) -> AsyncIterator[str]:
    async with serving(configured, template_app) as url:
        yield url


async def a_key(
    database: Database,
    whose: Persona,
    *,
    is_service: bool = False,
    label_scope: Labels | None = None,
    scopes: Sequence[str] = TOLD,
) -> Persona:
    async with database.unit_of_work(Login.OWNER) as session:
        return await make_key(
            session,
            whose,
            is_service=is_service,
            label_scope=label_scope,
            scopes=scopes,
        )


REVOKED = "UPDATE api_keys SET revoked_at = app_now() WHERE id = :key"
EXPIRED = "UPDATE api_keys SET expires_at = app_now() WHERE id = :key"
REMOVED = "UPDATE members SET removed_at = app_now() WHERE user_id = :user"
DISABLED = "UPDATE users SET disabled_at = app_now() WHERE id = :user"
DEMOTED = "UPDATE members SET role = 'viewer' WHERE user_id = :user"
LIMITED = (
    'UPDATE members SET label_scope = \'{"client": ["north"]}\' WHERE user_id = :user'
)
ENDS = {
    "a personal one revoked": (False, REVOKED, "session_ended"),
    "a service key revoked": (True, REVOKED, "session_ended"),
    "a service key expired": (True, EXPIRED, "session_ended"),
    "its member removed": (False, REMOVED, "session_ended"),
    "its user disabled": (False, DISABLED, "session_ended"),
    "its member demoted": (False, DEMOTED, "access_changed"),
    "its member limited": (False, LIMITED, "access_changed"),
}


@pytest.mark.parametrize("how", ENDS)
async def test_ends_within_five_seconds_of_the_key(
    how: str, url: str, people: People, ground: Ground
) -> None:
    """And the neighbours' go on: the session of the same person, if that still stands,
    and another key."""
    is_service, statement, reason = ENDS[how]
    key = await a_key(ground.database, people.olga, is_service=is_service)
    other = await a_key(ground.database, people.alice)
    async with (
        listening(url, key.token) as listener,
        listening(url, other.token) as neighbour,
    ):
        await listener.event("live")
        await neighbour.event("live")
        began = monotonic()
        await _execute(ground, statement, key, people.olga)
        closing = await listener.event("closing")
        assert monotonic() - began < MOST_SECONDS
        assert closing.data == {"reason": reason}
        await ground.start("south")
        await neighbour.changes(1)
    async with listening(url, key.token) as again:
        is_over = reason == "session_ended"
        assert again.response.status_code == (401 if is_over else 200)


@pytest.mark.parametrize("is_service", [False, True])
async def test_a_key_with_labels_is_told_of_its_accounts_alone(
    url: str, people: People, ground: Ground, is_service: bool
) -> None:
    key = await a_key(
        ground.database, people.alice, is_service=is_service, label_scope=NORTH
    )
    async with listening(url, key.token) as listener:
        await listener.event("live")
        await ground.start("south")
        await ground.start("evil")
        await ground.start("north")
        (change,) = await listener.changes(1)
    assert change.data["ids"] == [ground.id_of("north")]


async def test_a_personal_key_is_told_no_more_than_its_member(
    url: str, people: People, ground: Ground
) -> None:
    key = await a_key(ground.database, people.clara)
    async with listening(url, key.token) as listener:
        await listener.event("live")
        await ground.start("south")
        await ground.start("north")
        (change,) = await listener.changes(1)
    assert change.data["ids"] == [ground.id_of("north")]


async def test_a_key_is_told_of_what_its_scopes_let_it_read(
    url: str, people: People, ground: Ground
) -> None:
    bare = await a_key(
        ground.database, people.alice, scopes=[Permission.READ_ORGANIZATION]
    )
    full = await a_key(ground.database, people.alice)
    async with listening(url, bare.token) as hears, listening(url, full.token) as also:
        await hears.event("live")
        await also.event("live")
        await ground.start("north")
        await also.changes(1)
        await _execute(ground, REVOKED, bare, people.alice)
        said = await hears.next()
    assert said is not None
    assert said.event == "closing", "and nothing before it"
    async with listening(
        url, (await a_key(ground.database, people.alice, scopes=TOLD[1:])).token
    ) as refused:
        assert refused.response.status_code == 403


async def test_streams_are_counted_by_user_and_by_service_key(
    configured: Settings,
    people: People,
    ground: Ground,
    template_app: FastAPI,
) -> None:
    """A personal key's with those of its user; and two service keys are not one."""
    settings = configured.model_copy(update={"event_streams_per_user": 1})
    personal = await a_key(ground.database, people.alice)
    services = [
        await a_key(ground.database, whose, is_service=True)
        for whose in (people.alice, people.alice, people.mallory)
    ]
    async with serving(settings, template_app) as url, AsyncExitStack() as open:

        async def status_for(one: Persona) -> int:
            listener = await open.enter_async_context(listening(url, one.token))
            return listener.response.status_code

        assert await status_for(people.alice) == 200
        assert await status_for(personal) == 429
        assert [await status_for(one) for one in services] == [200, 200, 200]
        assert await status_for(services[0]) == 429


async def _execute(
    ground: Ground, statement: str, key: Persona, person: Persona
) -> None:
    assert key.actor.key_id is not None
    values: dict[str, UUID] = {"key": key.actor.key_id, "user": person.user_id}
    named = {name: value for name, value in values.items() if f":{name}" in statement}
    async with ground.database.unit_of_work(Login.OWNER) as session:
        await session.execute(text(statement), named)
