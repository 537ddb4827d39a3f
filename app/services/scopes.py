"""Scopes: what one unit reads of one account. The row is the lock under which reads
are merged, and holds what is known at present."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Subquery, func, null, select, update
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.ids import new_id
from app.models.inventory import Scope, ScopeRead
from app.models.run import ExecutionUnit, TaskExecution

# A scope's reads never share an instant, even when the clock of the database is set
# back: intervals of versions are compared by it.
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Reading:
    """A complete read of a scope that is being merged; the scope's row is locked."""

    scope_id: UUID
    read_id: UUID
    read_at: datetime


async def begin_reading(
    session: AsyncSession,
    execution: TaskExecution,
    unit_row: ExecutionUnit,
    *,
    items: int,
    rule: str,
) -> Reading:
    """Lock the unit's scope until the transaction ends, and record that it was read,
    by which of the catalog's rules."""
    scope_id, as_of = await _lock(session, execution, unit_row)
    read_id = new_id()
    read_at = await session.scalar(
        insert(ScopeRead)
        .values(
            id=read_id,
            organization_id=execution.organization_id,
            scope_id=scope_id,
            execution_id=execution.id,
            read_at=_next_instant(as_of),
            catalog_version=rule,
            items=items,
        )
        .returning(ScopeRead.read_at)
    )
    assert read_at is not None
    return Reading(scope_id, read_id, read_at)


async def finish_reading(
    session: AsyncSession,
    reading: Reading,
    execution: TaskExecution,
    unit_row: ExecutionUnit,
    *,
    stale_at: datetime | None,
    verdict: str | None,
    counts: Mapping[str, int],
) -> None:
    """Let the scope and the unit say what was read; a listing has no verdict."""
    unit_row.verdict = verdict
    unit_row.counts = dict(counts)
    await _settle(
        session,
        reading.scope_id,
        execution,
        as_of=reading.read_at,
        stale_at=stale_at,
        verdict=verdict,
        counts=dict(counts),
        error=null(),
    )


async def record_failed_scope(
    session: AsyncSession,
    execution: TaskExecution,
    unit_row: ExecutionUnit,
    *,
    error: Mapping[str, Any],
) -> None:
    """The unit could not be read: its scope is unknown from now on, and why. No version
    is closed, for nothing was seen to be gone."""
    scope_id, as_of = await _lock(session, execution, unit_row)
    await _settle(
        session,
        scope_id,
        execution,
        as_of=_next_instant(as_of),
        stale_at=null(),
        verdict="unknown",
        counts={},
        error=dict(error),
    )


async def record_not_applicable_scope(
    session: AsyncSession,
    execution: TaskExecution,
    unit_row: ExecutionUnit,
    *,
    stale_at: datetime | None,
) -> None:
    """There is nothing to look at (a disabled region): an earlier verdict no longer
    holds. No version is closed, for nothing could be seen to be gone."""
    scope_id, as_of = await _lock(session, execution, unit_row)
    await _settle(
        session,
        scope_id,
        execution,
        as_of=_next_instant(as_of),
        stale_at=stale_at,
        verdict="not_applicable",
        counts={},
        error=null(),
    )


async def _lock(
    session: AsyncSession, execution: TaskExecution, unit_row: ExecutionUnit
) -> tuple[UUID, datetime | None]:
    """The scope's id and the instant of its last look. The conflict's update locks a
    row that is there, and waits for one that another transaction is inserting."""
    new = insert(Scope).values(
        id=new_id(),
        organization_id=execution.organization_id,
        aws_account_id=execution.aws_account_id,
        kind=unit_row.kind,
        service=unit_row.service,
        region=unit_row.region,
        key=unit_row.key,
    )
    locked = new.on_conflict_do_update(
        index_elements=["organization_id", "aws_account_id", "kind", "key", "region"],
        set_={"service": new.excluded.service},
    ).returning(Scope.id, Scope.as_of)
    scope_id, as_of = (await session.execute(locked)).one()
    return scope_id, as_of


def _next_instant(as_of: datetime | None) -> Any:
    """The database's present, but later than the scope's last look."""
    if as_of is None:
        return func.app_now()
    return func.greatest(func.app_now(), as_of + _TICK)


async def _settle(
    session: AsyncSession, scope_id: UUID, execution: TaskExecution, **values: Any
) -> None:
    await session.execute(
        update(Scope)
        .where(Scope.organization_id == execution.organization_id, Scope.id == scope_id)
        .values(task_id=execution.task_id, execution_id=execution.id, **values)
        .execution_options(synchronize_session=False)
    )


def reads_of(organization_id: UUID, execution_id: UUID) -> Subquery:
    """One row for each scope that the execution read; of a scope that it read again
    after a lost lease, the last read."""
    return (
        select(ScopeRead.scope_id, ScopeRead.read_at, ScopeRead.catalog_version)
        .ext(distinct_on(ScopeRead.scope_id))
        .where(
            ScopeRead.organization_id == organization_id,
            ScopeRead.execution_id == execution_id,
        )
        .order_by(ScopeRead.scope_id, ScopeRead.read_at.desc())
        .subquery()
    )
