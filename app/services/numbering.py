"""Numbers that the database hands out itself (`Identity` columns). A copy by logical
replication has the rows and not how far the numbers went: handed out again, they would
be refused, or be passed over by whoever reads on from the last number it knows."""

from collections.abc import Iterator

from sqlalchemy import Column, cast, func, select
from sqlalchemy.dialects.postgresql import REGCLASS
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Base


async def go_on(session: AsyncSession) -> list[str]:
    """Let no number be handed out again that a row has; the columns of which one would
    have been. Needs the owner's login."""
    behind = []
    for column in columns():
        name = func.pg_get_serial_sequence(column.table.name, column.name)
        last = func.coalesce(func.pg_sequence_last_value(cast(name, REGCLASS)), 0)
        highest = select(func.max(column)).scalar_subquery()
        statement = select(func.setval(name, highest)).where(highest > last)
        if (await session.execute(statement)).first():
            behind.append(f"{column.table.name}.{column.name}")
    return behind


def columns() -> Iterator[Column[int]]:
    for table in Base.metadata.sorted_tables:
        yield from (one for one in table.columns if one.identity is not None)
