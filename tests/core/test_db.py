"""A server that stops answering is lost, not waited for; a connection that was closed
while nobody used it is replaced before anybody notices."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from sqlalchemy import event, make_url, text
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_connection

from app.core import db
from app.core.db import Database, Login
from app.core.embedded import PostgresServer
from app.core.embedded.process import free_port
from app.core.settings import Settings
from app.tasks.publisher import RedisPublisher
from tests.chaos.proxy import FaultProxy

_ONE = text("SELECT 1")
# What is silent for longer than anybody's patience.
_SILENCE = text("SELECT pg_sleep(60)")


async def ask(database: Database) -> None:
    async with database.unit_of_work(Login.APP) as session:
        assert await session.scalar(_ONE) == 1


async def hear_nothing(database: Database) -> None:
    with pytest.raises(TimeoutError):
        async with database.unit_of_work(Login.APP) as session:
            await session.execute(_SILENCE)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    brief = dict.fromkeys(Login, db.Patience(pool=30, answer=0.2))
    monkeypatch.setattr(db, "PATIENCE", brief)


@pytest.fixture
def pings(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """A connection for each time that one was asked whether it is still there."""
    asked: list[object] = []
    ping: Any = AsyncAdapt_asyncpg_connection.ping

    def noted(connection: Any) -> Any:
        asked.append(connection)
        return ping(connection)

    monkeypatch.setattr(AsyncAdapt_asyncpg_connection, "ping", noted)
    return asked


@pytest.mark.usefixtures("impatient")
async def test_who_hears_nothing_gives_up_and_has_new_connections_next(
    database: Database,
) -> None:
    await hear_nothing(database)
    await ask(database)


@pytest.mark.usefixtures("impatient")
async def test_the_connections_beside_a_silent_one_are_left_too(
    database: Database,
) -> None:
    await ask(database)
    before = database.engine(Login.APP)
    await hear_nothing(database)
    assert database.engine(Login.APP) is not before


@pytest.mark.usefixtures("impatient")
async def test_the_new_ones_are_not_left_for_an_old_one_that_is_silent_too(
    database: Database,
) -> None:
    new = []

    async def be_silent_after_another() -> None:
        async with database.unit_of_work(Login.APP) as session:
            await session.execute(_ONE)
            await hear_nothing(database)
            new.append(database.engine(Login.APP))
            await session.execute(_SILENCE)

    with pytest.raises(TimeoutError):
        await be_silent_after_another()
    assert [database.engine(Login.APP)] == new


@pytest.mark.usefixtures("impatient")
async def test_a_silent_connection_is_not_asked_to_roll_back(
    database: Database,
) -> None:
    kept: list[object] = []
    pool = database.engine(Login.APP).sync_engine.pool
    event.listen(pool, "reset", lambda *_: kept.append(1))
    await ask(database)
    assert len(kept) == 1
    await hear_nothing(database)
    assert len(kept) == 1


@pytest.mark.usefixtures("impatient")
async def test_who_closes_waits_until_all_are_left(database: Database) -> None:
    others = asyncio.all_tasks()
    await ask(database)
    before = database.engine(Login.APP)
    await hear_nothing(database)
    await ask(database)
    await database.close()
    assert asyncio.all_tasks() == others
    assert database.engine(Login.APP) is not before


async def test_what_is_closed_has_no_connection_any_more(database: Database) -> None:
    await ask(database)
    await database.close()
    async with database.unit_of_work(Login.OWNER) as session:
        left = text(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = 'cloudrota_app'"
            " AND datname = current_database()"
        )
        assert await session.scalar(left) == 0


async def test_only_a_connection_that_rested_is_asked_whether_it_is_there(
    database: Database, pings: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    await ask(database)
    await ask(database)
    assert pings == []
    monkeypatch.setattr(db, "IDLE_SECONDS", 0)
    await ask(database)
    assert len(pings) == 1


@pytest.fixture
async def proxy(configured: Settings) -> AsyncIterator[FaultProxy]:
    """Before the server that the settings name."""
    assert configured.database_url is not None
    upstream = make_url(configured.database_url.get_secret_value()).port
    assert upstream is not None
    proxy = FaultProxy(free_port(), upstream)
    await proxy.start()
    yield proxy
    await proxy.stop()


@pytest.fixture
async def far(
    configured: Settings, publisher: RedisPublisher, proxy: FaultProxy
) -> AsyncIterator[Database]:
    """The database behind the proxy."""
    assert configured.database_url is not None
    url = make_url(configured.database_url.get_secret_value()).set(port=proxy.port)
    text_of_it = url.render_as_string(hide_password=False)
    behind = configured.model_validate(
        configured.model_dump() | {"database_url": text_of_it}
    )
    database = Database(behind, publisher)
    yield database
    await database.close()


@pytest.mark.usefixtures("impatient")
async def test_one_that_went_silent_while_it_rested_is_left_with_all_beside_it(
    far: Database, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ask(far)
    before = far.engine(Login.APP)
    proxy.half_open()
    monkeypatch.setattr(db, "IDLE_SECONDS", 0)
    with pytest.raises(TimeoutError):
        await ask(far)
    assert far.engine(Login.APP) is not before
    monkeypatch.undo()
    await ask(far)


@pytest.mark.usefixtures("impatient")
async def test_a_server_that_lets_nobody_in_is_not_waited_for(
    far: Database, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "CONNECT_SECONDS", 0.2)
    proxy.stall()
    async with asyncio.timeout(30):
        with pytest.raises(TimeoutError):
            await ask(far)


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
        is_closed, looked_at = asyncpg.Connection.is_closed, set[int]()

        def notices(connection: asyncpg.Connection) -> bool:
            is_second = id(connection) in looked_at
            looked_at.add(id(connection))
            return is_second and is_closed(connection)

        monkeypatch.setattr(asyncpg.Connection, "is_closed", notices)
        monkeypatch.setattr(db, "IDLE_SECONDS", 0)
    await ask(database)
