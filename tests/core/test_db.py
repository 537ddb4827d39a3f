"""A server that stops answering is lost, not waited for; a connection that was closed
while nobody used it is replaced before anybody notices."""

import asyncpg
import pytest
from sqlalchemy import text

from app.core import db
from app.core.db import Database, Login
from app.core.embedded import PostgresServer


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    brief = dict.fromkeys(Login, db.Patience(pool=30, answer=0.2))
    monkeypatch.setattr(db, "PATIENCE", brief)


@pytest.mark.usefixtures("impatient")
async def test_who_hears_nothing_gives_up_and_has_new_connections_next(
    database: Database,
) -> None:
    with pytest.raises(TimeoutError):
        async with database.unit_of_work(Login.APP) as session:
            # What is silent for longer than anybody's patience.
            await session.execute(text("SELECT pg_sleep(60)"))
    async with database.unit_of_work(Login.APP) as session:
        assert await session.scalar(text("SELECT 1")) == 1


@pytest.mark.usefixtures("impatient")
async def test_the_connections_beside_a_silent_one_are_left_too(
    database: Database,
) -> None:
    async with database.unit_of_work(Login.APP) as session:
        await session.scalar(text("SELECT 1"))
    before = database.engine(Login.APP)
    with pytest.raises(TimeoutError):
        async with database.unit_of_work(Login.APP) as session:
            await session.execute(text("SELECT pg_sleep(60)"))
    assert database.engine(Login.APP) is not before


@pytest.fixture
async def lost(database: Database, postgres_server: PostgresServer) -> None:
    """A connection waits in the pool that the server has closed."""
    async with database.unit_of_work(Login.APP) as session:
        pid = await session.scalar(text("SELECT pg_backend_pid()"))
    superuser = await asyncpg.connect(postgres_server.superuser_dsn)
    assert await superuser.fetchval("SELECT pg_terminate_backend($1, 5000)", pid)
    await superuser.close()


@pytest.mark.usefixtures("lost")
@pytest.mark.parametrize("is_known", [True, False])
async def test_a_connection_that_was_closed_in_the_pool_is_replaced(
    database: Database, monkeypatch: pytest.MonkeyPatch, *, is_known: bool
) -> None:
    if not is_known:
        # As where nothing came through to say so.
        monkeypatch.setattr(asyncpg.Connection, "is_closed", lambda _: False)
        monkeypatch.setattr(db, "IDLE_SECONDS", 0)
    async with database.unit_of_work(Login.APP) as session:
        monkeypatch.undo()
        assert await session.scalar(text("SELECT 1")) == 1
