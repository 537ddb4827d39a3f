"""The policies by themselves: statements that name no tenant, under the logins of the
API and the worker, see and change the present tenant's rows and no others."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg
import pytest

from tests.tenancy.world import tenant_tables
from tests.tenancy.worlds import Worlds

pytestmark = pytest.mark.asyncio(loop_scope="module")

TENANT_LOGINS = ("cloudrota_app", "cloudrota_worker")
TABLES = [table.name for table in tenant_tables()]
# Whose rows are a person's, whatever the organization.
OF_A_PERSON = {"user_sessions"}


@asynccontextmanager
async def acting(
    connection: asyncpg.Connection, login: str, organization_id: UUID | None
) -> AsyncIterator[None]:
    """What is done inside is done as that login, for that tenant, and undone."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute(f"SET LOCAL ROLE {login}")
        for name, value in (("organization_id", organization_id), ("user_id", None)):
            await connection.execute(
                "SELECT set_config($1, $2, true)", f"app.{name}", str(value or "")
            )
        yield
    finally:
        await transaction.rollback()


async def owners_seen(
    connection: asyncpg.Connection, table: str, login: str, organization_id: UUID | None
) -> set[UUID]:
    """Whose rows a bare SELECT shows."""
    async with acting(connection, login, organization_id):
        rows = await connection.fetch(f"SELECT DISTINCT organization_id FROM {table}")  # noqa: S608 — our own tables
    return {row["organization_id"] for row in rows}


async def logins_that_may(
    connection: asyncpg.Connection, privilege: str, table: str
) -> list[str]:
    return [
        login
        for login in TENANT_LOGINS
        if await connection.fetchval(
            "SELECT has_table_privilege($1, $2, $3)", login, table, privilege
        )
    ]


@pytest.mark.parametrize("table", TABLES)
async def test_a_query_without_a_tenant_sees_the_present_ones_rows(
    table: str, superuser: asyncpg.Connection, worlds: Worlds
) -> None:
    mine, theirs = worlds.north.organization_id, worlds.foreign.organization_id
    logins = await logins_that_may(superuser, "SELECT", table)
    for login in logins:
        if table not in OF_A_PERSON:
            assert await owners_seen(superuser, table, login, mine) == {mine}
            assert await owners_seen(superuser, table, login, theirs) == {theirs}
        assert await owners_seen(superuser, table, login, None) == set()
    assert logins, "nobody can read it"


@pytest.mark.parametrize("table", TABLES)
async def test_a_row_cannot_be_given_to_another_tenant(
    table: str, superuser: asyncpg.Connection, worlds: Worlds
) -> None:
    theirs = worlds.foreign.organization_id
    row = await superuser.fetchval(
        f"SELECT to_jsonb(t)::text FROM {table} t WHERE organization_id = $1 LIMIT 1",  # noqa: S608 — our own tables
        theirs,
    )
    for login in await logins_that_may(superuser, "INSERT", table):
        async with acting(superuser, login, worlds.north.organization_id):
            with pytest.raises(asyncpg.InsufficientPrivilegeError) as refused:
                await superuser.execute(
                    f"INSERT INTO {table}"  # noqa: S608 — our own tables
                    f" SELECT * FROM jsonb_populate_record(NULL::{table}, $1::jsonb)",
                    row,
                )
        assert "row-level security" in str(refused.value)


@pytest.mark.parametrize("table", TABLES)
async def test_no_row_of_another_tenant_can_be_changed_or_deleted(
    table: str, superuser: asyncpg.Connection, worlds: Worlds
) -> None:
    mine = worlds.north.organization_id
    for login in TENANT_LOGINS:
        column = await superuser.fetchval(
            "SELECT attname FROM pg_attribute WHERE attrelid = $1::regclass"
            " AND attnum > 0 AND has_column_privilege($2, attrelid, attnum, 'UPDATE')"
            " AND has_column_privilege($2, attrelid, attnum, 'SELECT') LIMIT 1",
            table,
            login,
        )
        statements = []
        if column is not None:
            statements.append(f"UPDATE {table} SET {column} = {column}")  # noqa: S608 — our own tables
        if login in await logins_that_may(superuser, "DELETE", table):
            statements.append(f"DELETE FROM {table}")  # noqa: S608 — our own tables
        for statement in statements:
            async with acting(superuser, login, mine):
                touched = await superuser.execute(
                    f"{statement} WHERE organization_id <> $1", mine
                )
            assert touched.endswith(" 0"), (login, statement, touched)
