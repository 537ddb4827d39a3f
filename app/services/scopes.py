"""Scopes: what one unit reads of one account. The row is the lock under which reads
are merged, and holds what is known at present."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Subquery, bindparam, func, select, update
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


# The database's present, but later than the scope's last look, if there was one.
_NEXT_INSTANT = func.greatest(
    func.app_now(), bindparam("last_look", type_=DateTime(timezone=True)) + _TICK
)
_RECORD_READ = (
    insert(ScopeRead)
    .values(
        id=bindparam("read_id"),
        organization_id=bindparam("tenant_id"),
        scope_id=bindparam("of_scope_id"),
        execution_id=bindparam("by_execution_id"),
        read_at=_NEXT_INSTANT,
        catalog_version=bindparam("rule"),
        items=bindparam("read_items"),
    )
    .returning(ScopeRead.read_at)
)


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
    values = {
        "read_id": read_id,
        "tenant_id": execution.organization_id,
        "of_scope_id": scope_id,
        "by_execution_id": execution.id,
        "last_look": as_of,
        "rule": rule,
        "read_items": items,
    }
    read_at = await session.scalar(_RECORD_READ, values)
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
        counts=counts,
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
        last_look=as_of,
        verdict="unknown",
        error=error,
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
        last_look=as_of,
        stale_at=stale_at,
        verdict="not_applicable",
    )


_NEW = insert(Scope).values(
    id=bindparam("made_id"),
    organization_id=bindparam("tenant_id"),
    aws_account_id=bindparam("of_account_id"),
    **{
        name: bindparam(f"unit_{name}") for name in ("kind", "service", "region", "key")
    },
)
_LOCK = _NEW.on_conflict_do_update(
    index_elements=["organization_id", "aws_account_id", "kind", "key", "region"],
    set_={"service": _NEW.excluded.service},
).returning(Scope.id, Scope.as_of)


async def _lock(
    session: AsyncSession, execution: TaskExecution, unit_row: ExecutionUnit
) -> tuple[UUID, datetime | None]:
    """The scope's id and the instant of its last look. The conflict's update locks a
    row that is there, and waits for one that another transaction is inserting."""
    values = {
        "made_id": new_id(),
        "tenant_id": execution.organization_id,
        "of_account_id": execution.aws_account_id,
        "unit_kind": unit_row.kind,
        "unit_service": unit_row.service,
        "unit_region": unit_row.region,
        "unit_key": unit_row.key,
    }
    scope_id, as_of = (await session.execute(_LOCK, values)).one()
    return scope_id, as_of


_SETTLE = (
    update(Scope)
    .where(
        Scope.organization_id == bindparam("tenant_id"),
        Scope.id == bindparam("of_scope_id"),
    )
    .values(
        task_id=bindparam("by_task_id"),
        execution_id=bindparam("by_execution_id"),
        as_of=func.coalesce(
            bindparam("new_as_of", type_=DateTime(timezone=True)), _NEXT_INSTANT
        ),
        stale_at=bindparam("new_stale_at"),
        verdict=bindparam("new_verdict"),
        counts=bindparam("new_counts"),
        error=bindparam("new_error"),
    )
    .execution_options(synchronize_session=False)
)


async def _settle(
    session: AsyncSession,
    scope_id: UUID,
    execution: TaskExecution,
    *,
    verdict: str | None,
    as_of: datetime | None = None,
    last_look: datetime | None = None,
    stale_at: datetime | None = None,
    counts: Mapping[str, int] = MappingProxyType({}),
    error: Mapping[str, Any] | None = None,
) -> None:
    """What the scope says from `as_of` on, or from now on, which is later than its
    `last_look`."""
    values = {
        "tenant_id": execution.organization_id,
        "of_scope_id": scope_id,
        "by_task_id": execution.task_id,
        "by_execution_id": execution.id,
        "new_as_of": as_of,
        "last_look": last_look,
        "new_stale_at": stale_at,
        "new_verdict": verdict,
        "new_counts": dict(counts),
        "new_error": error,
    }
    await session.execute(_SETTLE, values)


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
