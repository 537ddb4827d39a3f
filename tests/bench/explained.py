"""What the statements of a piece of work cost the database, by its own account."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login

_EXPLAIN = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) "
_TIMES = 5


@dataclass(frozen=True)
class Cost:
    """Of all statements together: milliseconds, and pages that were looked at."""

    ms: float
    pages: int


async def cost_of(
    database: Database,
    login: Login,
    work: Callable[[AsyncSession], Awaitable[object]],
    **tenant: Any,
) -> Cost:
    """The cheapest of some times; nothing of it stays."""
    found = []
    for _ in range(_TIMES):
        with _explained(database, login) as plans:
            with suppress(_Undone):
                async with database.unit_of_work(login, **tenant) as session:
                    await _undo(work(session))
            found.append(
                Cost(
                    sum(plan["Execution Time"] for plan in plans),
                    sum(_pages(plan["Plan"]) for plan in plans),
                )
            )
    return min(found, key=lambda one: one.ms)


class _Undone(Exception):
    """Takes back what the work wrote."""


async def _undo(work: Awaitable[object]) -> None:
    await work
    raise _Undone


@contextmanager
def _explained(database: Database, login: Login) -> Iterator[list[dict[str, Any]]]:
    """The plan of each statement, which is carried out once for it, taken back, and
    then carried out as it would have been."""
    plans: list[dict[str, Any]] = []
    engine = database.engine(login).sync_engine

    def look(
        connection: Connection, _: object, statement: str, values: Any, *__: Any
    ) -> None:
        if statement.startswith((_EXPLAIN, "SAVEPOINT", "ROLLBACK")):
            return
        connection.exec_driver_sql("SAVEPOINT explained")
        told = connection.exec_driver_sql(_EXPLAIN + statement, values).scalar_one()
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT explained")
        plans.append(told[0])

    event.listen(engine, "before_cursor_execute", look)
    try:
        yield plans
    finally:
        event.remove(engine, "before_cursor_execute", look)


def _pages(node: dict[str, Any]) -> int:
    return int(node["Shared Hit Blocks"] + node["Shared Read Blocks"])
