"""A unit of work is one login's, of one tenant, and done wholly or not at all."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoneFree
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import db
from app.core.db import (
    Database,
    Login,
    database_url,
    execute,
    pause,
    set_tenant,
)
from app.core.settings import Settings
from app.tasks.publisher import RedisPublisher

HERE, THERE, WHO = UUID(int=1), UUID(int=2), UUID(int=3)
_SAID = text(
    "SELECT current_setting('app.organization_id', true),"
    " current_setting('app.user_id', true), current_setting('app.actor', true)"
)


async def said(session: AsyncSession) -> tuple[str | None, ...]:
    """For whom the database takes the present transaction to be."""
    return tuple((await session.execute(_SAID)).one())


@pytest.mark.parametrize("login", Login)
def test_each_login_has_an_address_of_its_own(
    login: Login, template_settings: Settings
) -> None:
    url = make_url(database_url(template_settings, login))
    assert url.username == f"cloudrota_{login}"


@pytest.mark.parametrize(
    ("login", "name"),
    [
        (Login.APP, "DATABASE_URL"),
        (Login.WORKER, "DATABASE_WORKER_URL"),
        (Login.SYSTEM, "DATABASE_SYSTEM_URL"),
        (Login.OWNER, "DATABASE_OWNER_URL"),
    ],
)
def test_an_address_that_is_not_set_is_named(
    login: Login, name: str, template_settings: Settings
) -> None:
    unset = template_settings.model_copy(update={name.lower(): None})
    with pytest.raises(ValueError, match=f"^{name} is not set$"):
        database_url(unset, login)


async def test_is_of_the_tenant_and_user_that_are_named(database: Database) -> None:
    async with database.unit_of_work(
        Login.APP, organization_id=HERE, user_id=WHO, actor="user:somebody"
    ) as session:
        assert await said(session) == (str(HERE), str(WHO), "user:somebody")
        await session.rollback()
        # The next transaction of the same session is the same tenant's.
        assert await said(session) == (str(HERE), str(WHO), "user:somebody")


async def test_leaves_nothing_of_its_tenant_on_the_connection(
    configured: Settings, publisher: RedisPublisher
) -> None:
    """There is one connection, so the second has the first one's."""
    alone = configured.model_copy(update={"database_pool_size": 1})
    database = Database(alone, publisher)
    seen = []
    for tenant in (HERE, None, THERE):
        async with database.unit_of_work(
            Login.WORKER, organization_id=tenant
        ) as session:
            seen.append((await said(session))[0])
        async with database.engine(Login.WORKER).connect() as connection:
            assert not any((await connection.execute(_SAID)).one())
    assert seen == [str(HERE), "", str(THERE)]
    await database.close()


async def test_no_tenant_is_set_within_a_transaction(database: Database) -> None:
    """What was read before would be another one's."""
    async with database.unit_of_work(Login.APP, organization_id=HERE) as session:
        await said(session)
        with pytest.raises(RuntimeError, match="before a transaction"):
            set_tenant(session, organization_id=THERE, user_id=None, actor="x")
        assert (await said(session))[0] == str(HERE)


async def test_by_itself_it_is_nobodys_and_the_products_own(
    database: Database,
) -> None:
    async with database.unit_of_work(Login.APP) as session:
        assert await said(session) == ("", "", "system")


async def test_across_tenants_it_has_the_narrowest_login_and_says_why(
    database: Database,
) -> None:
    async with database.system_session("beat: a reason") as session:
        assert await said(session) == ("", "", "beat: a reason")
        who = await session.scalar(text("SELECT current_user"))
    assert who == "cloudrota_system"


@pytest.mark.parametrize("login", Login)
async def test_has_the_login_that_is_asked_for(
    login: Login, database: Database
) -> None:
    async with database.unit_of_work(login) as session:
        who = await session.scalar(text("SELECT current_user"))
    assert who == f"cloudrota_{login}"


class Unforeseen(Exception):
    pass


async def test_is_done_wholly_or_not_at_all(database: Database) -> None:
    async def there() -> bool:
        async with database.unit_of_work(Login.OWNER) as session:
            found = await session.scalar(text("SELECT to_regclass('made_here')"))
        return found is not None

    with pytest.raises(Unforeseen):  # noqa: PT012 — that is what it is asked of
        async with database.unit_of_work(Login.OWNER) as session:
            await session.execute(text("CREATE TABLE made_here ()"))
            raise Unforeseen
    assert not await there()
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(text("CREATE TABLE made_here ()"))
    assert await there()


async def test_an_error_shows_no_parameters(database: Database) -> None:
    async with database.unit_of_work(Login.APP) as session:
        with pytest.raises(DBAPIError) as failed:
            await session.execute(
                text("SELECT 1 / (length(:secret) - 6)"), {"secret": "canary"}
            )
        assert "canary" not in str(failed.value)
        await session.rollback()


@pytest.mark.parametrize(
    ("words", "becomes"),
    [
        ("unable to write: the handler is closed", ConnectionResetError),
        ("something else", RuntimeError),
    ],
)
async def test_a_connection_that_uvloop_lost_is_a_lost_connection(
    words: str, becomes: type[Exception], database: Database
) -> None:
    with pytest.raises(becomes) as raised:
        async with database.unit_of_work(Login.APP):
            raise RuntimeError(words)
    assert type(raised.value) is becomes


async def test_what_was_built_once_is_run_in_each_transaction_of_its_own(
    database: Database,
) -> None:
    """On the session's own connection, and on its next one after a pause."""
    one, pid = text("SELECT :number + 1"), text("SELECT pg_backend_pid()")
    async with database.unit_of_work(Login.APP, organization_id=HERE) as session:
        for number in (1, 2):
            ran = await execute(session, one, {"number": number})
            assert ran.scalar() == number + 1
        ran = await execute(session, pid, {})
        assert ran.scalar() == await session.scalar(pid)
        await pause(session)
        ran = await execute(session, _SAID, {})
        assert ran.one()[0] == str(HERE)


async def test_what_has_written_cannot_be_paused(database: Database) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(text("SELECT pg_current_xact_id()"))
        with pytest.raises(RuntimeError, match="written nothing"):
            await pause(session)


async def test_a_process_has_no_more_connections_than_its_setting_says(
    configured: Settings, publisher: RedisPublisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    brief = dict.fromkeys(Login, db.Patience(pool=0.1, answer=15))
    monkeypatch.setattr(db, "PATIENCE", brief)
    alone = configured.model_copy(update={"database_pool_size": 1})
    database = Database(alone, publisher)
    async with database.unit_of_work(Login.APP) as session:
        await said(session)
        async with asyncio.timeout(10):  # and not as long as it is by default
            with pytest.raises(NoneFree):
                async with database.unit_of_work(Login.APP) as second:
                    await said(second)
    await database.close()


async def test_behind_a_pooler_no_statement_is_known_by_a_name_twice(
    configured: Settings, publisher: RedisPublisher
) -> None:
    pooled = configured.model_copy(
        update={"database_behind_pooler": True, "database_pool_size": 1}
    )
    database = Database(pooled, publisher)
    names = text("SELECT name FROM pg_prepared_statements")
    seen: list[str] = []
    for table in ("tasks", "task_runs", "members"):
        async with database.unit_of_work(Login.APP) as session:
            # The driver asks by itself what type the row is of.
            await session.execute(text("SELECT CAST(NULL AS " + table + ")"))
            seen += (await session.scalars(names)).all()
    assert len(set(seen)) == len(seen) >= 3
    await database.close()
