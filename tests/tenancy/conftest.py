"""What the attacks on tenancy share: databases that people live in, and one of those
for the superuser of a module, who leaves no trace in it."""

from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio

from app.core.embedded import PostgresServer
from app.core.settings import Settings
from tests.tenancy.worlds import SPARE, Worlds, build, clone


@pytest.fixture(scope="session")
def worlds(template_settings: Settings, postgres_server: PostgresServer) -> Worlds:
    """Three databases for this process, which tests look at and leave as they are."""
    return build(template_settings, postgres_server.superuser_dsn)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def superuser(
    worlds: Worlds, postgres_server: PostgresServer
) -> AsyncIterator[asyncpg.Connection]:
    """The superuser in a copy of the full database; what it changes, it rolls back."""
    dsn = postgres_server.superuser_dsn
    name = f"world_{uuid4().hex}"
    await clone(dsn, SPARE, name)
    connection = await asyncpg.connect(dsn, database=name)
    yield connection
    await connection.close()
    server = await asyncpg.connect(dsn)
    await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await server.close()
