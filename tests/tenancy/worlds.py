"""Three databases that tell who sees what: Mallory's organization by itself; then
beside it Acme, with what Clara may see; then also with what she may not.

Whatever somebody may not see must not change a byte of what they are answered.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import Any

import asyncpg
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from pydantic import SecretStr
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.db import Database, Login
from app.core.permissions import Permission
from app.core.settings import Settings
from app.main import create_app
from app.models.artifact import Artifact
from app.services.artifacts import key_of, storage
from app.services.key_providers import key_provider
from app.tasks.publisher import RedisPublisher
from tests.personae import People, Persona, make_people
from tests.tenancy.keys import Keys, make_keys
from tests.tenancy.routes import Endpoint
from tests.tenancy.world import (
    Holdings,
    account_tables,
    add_selecting_task,
    fill,
)

_URLS = (
    "database_url",
    "database_worker_url",
    "database_system_url",
    "database_owner_url",
)
# The same as the full one and as Mallory's; nobody is connected to them, so that they
# can be cloned.
SPARE = "world_spare"
SPARE_ALONE = "world_spare_alone"
Ask = Callable[..., Awaitable[Response]]


@dataclass(frozen=True)
class Worlds:
    """`alone` ⊂ `limited` ⊂ `full`: settings that lead to the three databases."""

    alone: Settings
    limited: Settings
    full: Settings
    people: People
    keys: Keys
    foreign: Holdings
    foreign_selecting: Holdings
    north: Holdings
    south: Holdings


def at(settings: Settings, database: str) -> Settings:
    """The same logins on another database."""
    urls = {
        name: SecretStr(
            make_url(getattr(settings, name).get_secret_value())
            .set(database=database)
            .render_as_string(hide_password=False)
        )
        for name in _URLS
    }
    # People of a world prove once who they are, and are asked for as long as the tests
    # of a process run.
    return settings.model_copy(update={**urls, "step_up_minutes": 24 * 60})


def without_policies(settings: Settings) -> Settings:
    """The API under the owner's login, which every policy shows everything: what is
    kept apart now is kept apart by the queries."""
    return settings.model_copy(update={"database_url": settings.database_owner_url})


def build(template: Settings, superuser: str) -> Worlds:
    """Make the three databases from a migrated one."""
    return asyncio.run(_build(template, superuser))


async def _build(template: Settings, superuser: str) -> Worlds:
    source = make_url(
        str(template.database_url and template.database_url.get_secret_value())
    )
    alone, limited, full = (
        at(template, f"world_{name}") for name in ("alone", "limited", "full")
    )
    await clone(superuser, str(source.database), "world_alone")
    async with _database(alone) as database:
        # Their tokens are used as long as the tests of a process run.
        lasting = alone.model_copy(update={"access_token_minutes": 24 * 60})
        people = await make_people(database, lasting)
        async with database.unit_of_work(Login.OWNER) as session:
            keys = await make_keys(session, people)
    foreign = _holdings(people.mallory, "QZMALLORY", "north", "333333333333")
    # The account that the example of a connection names, so that Mallory tries it.
    north = _holdings(people.alice, "QZNORTH", "north", "123456789012")
    south = _holdings(people.alice, "QZSOUTH", "south", "222222222222")
    selecting = await _fill(alone, foreign, "rds")
    await clone(superuser, "world_alone", "world_limited")
    await _fill(limited, north, "sqs")
    await clone(superuser, "world_limited", "world_full")
    async with _owner(full) as session:
        await fill(session, south, account_tables())
    for holdings in (foreign, north, south):
        _keep_file(full, holdings)
    await clone(superuser, "world_alone", SPARE_ALONE)
    await clone(superuser, "world_full", SPARE)
    return Worlds(alone, limited, full, people, keys, foreign, selecting, north, south)


def _holdings(persona: Persona, mark: str, label: str, account_id: str) -> Holdings:
    return Holdings(mark, label, account_id, persona.organization_id, persona.user_id)


async def _fill(settings: Settings, holdings: Holdings, selects: str) -> Holdings:
    async with _owner(settings) as session:
        await fill(session, holdings)
        return await add_selecting_task(session, holdings, selects)


def planted_only(endpoint: Endpoint) -> dict[str, str]:
    """The query that leaves out of an audit log what the tests themselves do there:
    that is of today, and what was planted is of tomorrow."""
    if endpoint.permission is not Permission.READ_AUDIT:
        return {}
    return {"from": (now() + timedelta(hours=12)).isoformat()}


def _keep_file(settings: Settings, holdings: Holdings) -> None:
    """Of their artifact, for whoever may see it."""
    id = holdings.id_of("artifacts")
    key = key_of(
        Artifact(organization_id=holdings.organization_id, id=id, format="csv")
    )
    storage(settings).put(key, BytesIO(holdings.file))


@asynccontextmanager
async def _owner(settings: Settings) -> AsyncIterator[AsyncSession]:
    async with (
        _database(settings) as database,
        database.unit_of_work(Login.OWNER) as session,
    ):
        yield session


@asynccontextmanager
async def _database(settings: Settings) -> AsyncIterator[Database]:
    publisher = RedisPublisher(settings)
    database = Database(settings, publisher)
    try:
        yield database
    finally:
        await database.close()
        await publisher.close()


async def clone(superuser: str, source: str, name: str) -> None:
    """Make the database `name` a copy of `source`, to which nobody is connected."""
    connection = await asyncpg.connect(superuser)
    try:
        await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE {source}")
    finally:
        await connection.close()


@asynccontextmanager
async def asking(settings: Settings, app: FastAPI | None = None) -> AsyncIterator[Ask]:
    """`await ask(persona, "GET", "/api/v1/tasks")` on an API of its own, or on one that
    was built before and is not in use: to build it takes longer than to ask it."""
    app = app or create_app(settings)
    app.state.settings = settings
    app.state.keys = key_provider(settings)
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=transport, base_url=settings.public_url) as client,
    ):

        async def ask(
            token: str | None,
            method: str,
            url: str,
            *,
            body: Any = None,
            query: Mapping[str, str] | None = None,
            headers: Mapping[str, str] | None = None,
        ) -> Response:
            bearer = {} if token is None else {"Authorization": f"Bearer {token}"}
            async with asyncio.timeout(20):
                return await client.request(
                    method,
                    url,
                    json=body,
                    params=query,
                    headers=bearer | dict(headers or {}),
                )

        yield ask
