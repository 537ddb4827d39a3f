"""Makes the monthly partitions ahead of time: `python -m app.core.partitions`, run
after each migration and by the operator's monthly job, under the owner login."""

import asyncio
import sys
from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.core.clock import now
from app.core.db import Login, make_engine
from app.core.settings import settings

TABLES = ("execution_events", "deliveries")
MONTHS_AHEAD = 3


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
    await engine.dispose()
    sys.stdout.write(f"Partitions made: {', '.join(made) or 'none were missing'}.\n")


if __name__ == "__main__":
    asyncio.run(_main())
