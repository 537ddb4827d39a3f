"""All that is recorded of an execution, as it stands in the tables: for operators."""

from typing import Any
from uuid import UUID

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Base
from app.models.run import ExecutionEvent, ExecutionUnit, TaskExecution, TaskRun

MOST_ROWS = 1_000

Facts = dict[str, Any]
_LEFT_OUT = frozenset({"organization_id", "execution_id"})


async def of(session: AsyncSession, organization_id: UUID, id: UUID) -> Facts:
    """The execution, its run with slot and trigger, what happened to it in order, and
    its units with their errors: of each list the first MOST_ROWS."""
    execution = (await session.execute(_of(TaskExecution, organization_id, id))).one()
    run = await session.execute(_of(TaskRun, organization_id, execution.run_id))
    return {
        "execution": _facts(execution),
        "run": _facts(run.one()),
        "events": await _rows(session, ExecutionEvent, organization_id, id, by="at"),
        "units": await _rows(session, ExecutionUnit, organization_id, id, by="id"),
        "at_most": MOST_ROWS,
    }


def _of(model: type[TaskExecution | TaskRun], organization_id: UUID, id: UUID) -> Any:
    table = _table(model)
    mine = table.c.organization_id == organization_id
    return select(table).where(mine, table.c.id == id)


async def _rows(
    session: AsyncSession,
    model: type[Base],
    organization_id: UUID,
    id: UUID,
    *,
    by: str,
) -> list[Facts]:
    table = _table(model)
    found = await session.execute(
        select(table)
        .where(table.c.organization_id == organization_id, table.c.execution_id == id)
        .order_by(table.c[by], table.c.id)
        .limit(MOST_ROWS)
    )
    return [_facts(row) for row in found]


def _table(model: type[Base]) -> Table:
    return Base.metadata.tables[model.__tablename__]


def _facts(row: Any) -> Facts:
    known: Facts = row._asdict()
    return {name: value for name, value in known.items() if name not in _LEFT_OUT}
