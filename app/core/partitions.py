"""Makes the monthly partitions ahead of time, and drops those that retention has
emptied: by `cloudrota migrate` after each migration, and by `cloudrota partitions`, the
operator's monthly job. Under the owner login."""

import asyncio
import re
import sys
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.core.clock import now
from app.core.db import Login, make_engine
from app.core.settings import settings

TABLES = ("execution_events", "deliveries")
MONTHS_AHEAD = 3
# Of a month that is over for good: whatever still writes has a clock that is right to
# within days.
MONTHS_BEHIND = 2
_NAME = re.compile(rf"({'|'.join(TABLES)})_p_(\d{{4}})_(\d{{2}})")
# All wait behind who waits for such a lock: it gives up soon and comes again.
_LOCK_TIMEOUT = text("SET LOCAL lock_timeout = '2s'")
_LOCK_NOT_AVAILABLE = "55P03"


class Dropped(NamedTuple):
    """Names of partitions: those that are gone, those that another transaction kept
    busy, and those that still hold rows, of executions that something needs."""

    gone: list[str]
    busy: list[str]
    held: list[str]


async def ensure_partitions(connection: AsyncConnection, today: datetime) -> list[str]:
    """Make the partitions of this month and the next ones; the names of new ones.

    A month that already has rows in the default partition keeps them there: nothing is
    lost, and nothing is moved under a lock.
    """
    made = []
    for table in TABLES:
        for ahead in range(MONTHS_AHEAD + 1):
            first = _month(today, ahead)
            name = f"{table}_p_{first:%Y_%m}"
            if await _exists(connection, name) or await _has_rows(
                connection, table, first, _month(today, ahead + 1)
            ):
                continue
            # Names and dates are our own; DDL takes no parameters.
            await connection.execute(
                # ast-grep-ignore: sql-is-never-glued-together
                text(
                    f"CREATE TABLE {name} PARTITION OF {table}"
                    f" FOR VALUES FROM ('{first:%Y-%m-%d}')"
                    f" TO ('{_month(today, ahead + 1):%Y-%m-%d}')"
                )
            )
            made.append(name)
    return made


async def drop_empty_partitions(engine: AsyncEngine, today: datetime) -> Dropped:
    """Drop past months that hold no row any more, each in a transaction of its own.
    Rows go by the tenants' plans (app/services/retention.py); here none is lost."""
    dropped = Dropped([], [], [])
    for name in await _past(engine, today):
        getattr(dropped, await _drop_if_empty(engine, name)).append(name)
    return dropped


async def _past(engine: AsyncEngine, today: datetime) -> list[str]:
    async with engine.connect() as connection:
        names = await connection.scalars(
            text(
                "SELECT c.relname FROM pg_inherits i"
                " JOIN pg_class c ON c.oid = i.inhrelid ORDER BY c.relname"
            )
        )
        first_kept = _month(today, -MONTHS_BEHIND)
        return [
            name
            for name in names
            if (found := _NAME.fullmatch(name))
            and datetime(int(found[2]), int(found[3]), 1, tzinfo=UTC) < first_kept
        ]


async def _drop_if_empty(
    engine: AsyncEngine, name: str
) -> Literal["gone", "busy", "held"]:
    try:
        async with engine.begin() as connection:
            await connection.execute(_LOCK_TIMEOUT)
            # ast-grep-ignore: sql-is-never-glued-together
            holds = text(f"SELECT EXISTS (SELECT FROM {name})")  # noqa: S608 — our own
            if await connection.scalar(holds):
                return "held"
            # ast-grep-ignore: sql-is-never-glued-together
            await connection.execute(text(f"DROP TABLE {name}"))
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
            raise
        return "busy"
    return "gone"


def _month(today: datetime, ahead: int) -> datetime:
    months = today.year * 12 + today.month - 1 + ahead
    return datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)


async def _exists(connection: AsyncConnection, name: str) -> bool:
    found = await connection.scalar(text("SELECT to_regclass(:name)"), {"name": name})
    return found is not None


async def _has_rows(
    connection: AsyncConnection, table: str, first: datetime, until: datetime
) -> bool:
    # ast-grep-ignore: sql-is-never-glued-together
    statement = text(
        f"SELECT EXISTS (SELECT FROM {table}_p_default"  # noqa: S608 — our own names
        " WHERE at >= :first AND at < :until)"
    )
    found = await connection.scalar(statement, {"first": first, "until": until})
    return bool(found)


async def _main() -> None:
    engine = make_engine(settings(), Login.OWNER)
    async with engine.begin() as connection:
        made = await ensure_partitions(connection, now())
    dropped = await drop_empty_partitions(engine, now())
    await engine.dispose()
    sys.stdout.write(f"Partitions made: {', '.join(made) or 'none were missing'}.\n")
    for names, said in (
        (dropped.gone, "dropped, for they were empty"),
        (dropped.held, "kept, for they still hold rows"),
        (dropped.busy, "kept, for somebody was using them; run this again"),
    ):
        if names:
            sys.stdout.write(f"Partitions {said}: {', '.join(names)}.\n")


def main() -> None:
    asyncio.run(_main())
