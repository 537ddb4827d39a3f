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
async def test_a_connection_that_was_closed_while_idle_is_replaced(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "IDLE_SECONDS", 0)
    async with database.unit_of_work(Login.APP) as session:
        assert await session.scalar(text("SELECT 1")) == 1


@pytest.mark.usefixtures("lost")
async def test_of_one_used_just_now_the_loss_is_told_once(database: Database) -> None:
    with pytest.raises(db.AWAY):
        async with database.unit_of_work(Login.APP) as session:
            await session.scalar(text("SELECT 1"))
    async with database.unit_of_work(Login.APP) as session:
        assert await session.scalar(text("SELECT 1")) == 1
