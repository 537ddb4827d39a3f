"""A transaction is its tenant's from its beginning, and nobody else's."""

from typing import Any, cast
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.core import tenant_connection
from app.core.db import Database, Login, driver_of

_WHOSE = text(
    "SELECT current_setting('app.organization_id', true),"
    " current_setting('app.user_id', true), current_setting('app.actor', true)"
)
_NORTH, _ALICE = UUID(int=1), UUID(int=2)
_HOSTILE = "it's '; SELECT set_config('app.organization_id', 'x', true); -- é $1 %s"


async def whose(database: Database, **tenant: Any) -> tuple[str, ...]:
    async with database.unit_of_work(Login.APP, **tenant) as session:
        return tuple((await session.execute(_WHOSE)).one())


@pytest.mark.parametrize("actor", ["user:1", _HOSTILE])
async def test_it_begins_as_who_is_named(narrow: Database, actor: str) -> None:
    found = await whose(narrow, organization_id=_NORTH, user_id=_ALICE, actor=actor)
    assert found == (str(_NORTH), str(_ALICE), actor)
    assert await whose(narrow) == ("", "", "system")


async def test_a_backslash_is_no_part_of_a_name(narrow: Database) -> None:
    with pytest.raises(ValueError, match="backslash"):
        await whose(narrow, organization_id=_NORTH, actor="\\' OR true")
    assert await whose(narrow) == ("", "", "system")


async def test_to_begin_and_to_say_whose_is_one_round_trip(
    narrow: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = []
    execute = asyncpg.Connection.execute

    async def noted(self: Any, query: str, *args: object, **more: Any) -> object:
        told.append(query.partition(" ")[0])
        return await execute(self, query, *args, **more)

    await whose(narrow)
    monkeypatch.setattr(asyncpg.Connection, "execute", noted)
    await whose(narrow, organization_id=_NORTH)
    assert told == ["BEGIN;SELECT", "COMMIT;"]


async def test_what_was_said_for_a_transaction_that_never_began_is_forgotten(
    narrow: Database,
) -> None:
    async with narrow.unit_of_work(Login.APP, organization_id=_NORTH) as session:
        await session.connection()  # and nothing is asked
    async with narrow.engine(Login.APP).connect() as connection:
        assert (await connection.execute(_WHOSE)).one()[0] in {"", None}


async def test_the_driver_itself_is_asked_in_the_transaction(narrow: Database) -> None:
    async with narrow.unit_of_work(Login.APP, organization_id=_NORTH) as session:
        driver = await driver_of(session)
        assert driver.is_in_transaction()
        assert await driver.fetchval(_WHOSE.text) == str(_NORTH)
        assert await driver_of(session) is driver


async def test_a_savepoint_says_nothing_anew(narrow: Database) -> None:
    async with narrow.unit_of_work(Login.APP, organization_id=_NORTH) as session:
        async with session.begin_nested():
            assert (await session.execute(_WHOSE)).one()[0] == str(_NORTH)
        async with session.begin_nested() as savepoint:
            await savepoint.rollback()
        assert (await session.execute(_WHOSE)).one()[0] == str(_NORTH)
    assert await whose(narrow) == ("", "", "system")


async def test_nothing_is_asked_before_what_was_announced_begins(
    narrow: Database,
) -> None:
    async with narrow.unit_of_work(Login.APP, organization_id=_NORTH) as session:
        connection = await (await session.connection()).get_raw_connection()
        with pytest.raises(RuntimeError, match="not begun"):
            await cast("Any", connection.driver_connection).execute("SELECT 1")


async def test_a_transaction_that_may_have_begun_is_nobodys(
    narrow: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await whose(narrow)
    with monkeypatch.context() as broken:
        broken.setattr(tenant_connection, "_SET_TENANT", "SELECT 1/0;")
        with pytest.raises(DBAPIError, match="division by zero"):
            await whose(narrow, organization_id=_NORTH)
    assert await whose(narrow) == ("", "", "system")
