"""Brings many rows into the transaction at once: COPY into a temporary table, from
where set-based statements take them. (COPY into a table with row-level security is
refused by PostgreSQL, which is right.)"""

import json
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    MetaData,
    String,
    Table,
    Uuid,
    any_,
    bindparam,
    delete,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.schema import CreateTable

_TEMPORARY = MetaData()

STAGED_ITEMS = Table(
    "staged_items",
    _TEMPORARY,
    Column("resource_id", Uuid),  # of a new resource
    Column("version_id", Uuid),  # null where only the resource's row changes
    Column("type", String),
    Column("identity", String),
    Column("region", String),
    Column("arn", String),
    Column("name", String),
    Column("state", String),
    Column("content_hash", String),
    Column("document", JSONB),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DROP",
)

STAGED_FINDINGS = Table(
    "staged_findings",
    _TEMPORARY,
    Column("id", Uuid),
    Column("type", String),
    Column("identity", String),
    Column("region", String),
    Column("arn", String),
    Column("name", String),
    Column("verdict", String),
    Column("reason", String),
    Column("facts", JSONB),
    Column("content_hash", String),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DROP",
)


async def stage(
    session: AsyncSession, table: Table, records: Iterable[tuple[Any, ...]]
) -> None:
    """Make `records` the whole content of the temporary table until the transaction
    ends. A record has the table's columns in their order, JSON as text."""
    await session.execute(CreateTable(table, if_not_exists=True))
    await session.execute(delete(table))
    connection = await (await session.connection()).get_raw_connection()
    driver: Any = connection.driver_connection
    await driver.copy_records_to_table(
        table.name, records=records, columns=[column.name for column in table.columns]
    )


def as_array(ids: list[UUID]) -> Any:
    """`= ANY(ids)`: one array, for PostgreSQL takes no more than 32,767 parameters."""
    return any_(bindparam("ids", ids, ARRAY(Uuid)))


def as_json(document: Mapping[str, Any]) -> str:
    """The text that a JSONB column of a record takes."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False)
