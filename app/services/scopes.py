"""Scopes: what one unit reads of one account. The row is the lock under which reads
are merged, and holds what is known at present."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    Executable,
    Integer,
    Select,
    String,
    Subquery,
    Uuid,
    bindparam,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import ReturningInsert

from app.aws.unit import Unit
from app.core.db import execute
from app.core.ids import new_id
from app.models.inventory import Scope, ScopeRead
from app.services.claims import Claim


@dataclass(frozen=True, slots=True)
class Reading:
    """A complete read of a scope that is being merged; the scope's row is locked."""

    scope_id: UUID
    read_id: UUID
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """What a unit read, in short: a listing has no verdict."""

    verdict: str | None = None
    counts: Mapping[str, int] = field(default_factory=dict)


# From when on what was read at an instant is stale; None: never.
StaleAt = Callable[[datetime], datetime | None]


_OF_UNIT: dict[str, BindParameter[Any]] = {
    "organization_id": bindparam("tenant_id"),
    "aws_account_id": bindparam("of_account_id"),
    **{name: bindparam(f"unit_{name}") for name in ("kind", "region", "key")},
}
# A scope's looks never share an instant, even when the clock of the database is set
# back: intervals of versions are compared by it.
_AT = func.greatest(func.app_now(), Scope.as_of + timedelta(microseconds=1)).label("at")
_KNOWN = (
    select(Scope.id, _AT)
    .where(*(getattr(Scope, name) == value for name, value in _OF_UNIT.items()))
    .with_for_update(key_share=True)
)
# The conflict's update locks a row that is there, and waits for one that another
# transaction is inserting.
_NEW = insert(Scope).values(
    id=bindparam("made_id"), service=bindparam("unit_service"), **_OF_UNIT
)
_LOOK = _NEW.on_conflict_do_update(
    index_elements=["organization_id", "aws_account_id", "kind", "key", "region"],
    set_={"service": _NEW.excluded.service},
).returning(Scope.id, _AT)


def _reading(
    look: Select[Any] | ReturningInsert[*tuple[Any, ...]],
) -> ReturningInsert[*tuple[Any, ...]]:
    looked = look.cte("looked")
    read = {
        "id": bindparam("read_id", type_=Uuid),
        "organization_id": bindparam("tenant_id", type_=Uuid),
        "scope_id": looked.c.id,
        "execution_id": bindparam("by_execution_id", type_=Uuid),
        "read_at": looked.c.at,
        "catalog_version": bindparam("rule", type_=String),
        "items": bindparam("read_items", type_=Integer),
    }
    return (
        insert(ScopeRead)
        .from_select(list(read), select(*read.values()))
        .returning(ScopeRead.scope_id, ScopeRead.read_at)
    )


_READ_KNOWN = _reading(_KNOWN)
_READ = _reading(_LOOK)


def _of(claim: Claim, unit: Unit) -> dict[str, Any]:
    """What `_LOOK` asks for."""
    return {
        "made_id": new_id(),
        "tenant_id": claim.organization_id,
        "of_account_id": claim.aws_account_id,
        "unit_kind": unit.kind,
        "unit_service": unit.service,
        "unit_region": unit.region,
        "unit_key": unit.key,
    }


async def begin_reading(
    session: AsyncSession, claim: Claim, unit: Unit, *, items: int, rule: str
) -> Reading:
    """Lock the unit's scope until the transaction ends, and record that it was read,
    by which of the catalog's rules."""
    read_id = new_id()
    read = {
        "read_id": read_id,
        "by_execution_id": claim.execution_id,
        "rule": rule,
        "read_items": items,
    }
    values = _of(claim, unit) | read
    # That it is there is the rule, and then it need not be written to be locked.
    row = (await execute(session, _READ_KNOWN, values)).one_or_none()
    if row is None:
        row = (await execute(session, _READ, values)).one()
    return Reading(row.scope_id, read_id, row.read_at)


async def holds_any(
    session: AsyncSession, claim: Claim, reading: Reading, present: Executable
) -> bool:
    """Whether something is known to be in the scope, says `present`. Where not, a read
    of nothing is merged without the temporary tables, for which PostgreSQL pays at the
    end of each transaction that touches them: most regions hold nothing of most
    services."""
    scope = {"tenant_id": claim.organization_id, "of_scope_id": reading.scope_id}
    return bool((await execute(session, present, scope)).scalar())


async def finish_reading(
    session: AsyncSession,
    claim: Claim,
    reading: Reading,
    found: Found,
    *,
    stale_at: StaleAt,
) -> None:
    """Let the scope say what was read."""
    await _settle(
        session,
        claim,
        reading.scope_id,
        reading.read_at,
        verdict=found.verdict,
        counts=found.counts,
        stale_at=stale_at,
    )


async def record_failed(
    session: AsyncSession, claim: Claim, unit: Unit, *, error: Mapping[str, Any]
) -> None:
    """The unit could not be read: its scope is unknown from now on, and why. No version
    is closed, for nothing was seen to be gone."""
    look = (await execute(session, _LOOK, _of(claim, unit))).one()
    await _settle(session, claim, look.id, look.at, verdict="unknown", error=error)


async def record_not_applicable(
    session: AsyncSession, claim: Claim, unit: Unit, *, stale_at: StaleAt
) -> None:
    """There is nothing to look at (a disabled region): an earlier verdict no longer
    holds. No version is closed, for nothing could be seen to be gone."""
    look = (await execute(session, _LOOK, _of(claim, unit))).one()
    said = "not_applicable"
    await _settle(session, claim, look.id, look.at, verdict=said, stale_at=stale_at)


_SETTLE = (
    update(Scope)
    .where(
        Scope.organization_id == bindparam("tenant_id"),
        Scope.id == bindparam("of_scope_id"),
    )
    .values(
        task_id=bindparam("by_task_id"),
        execution_id=bindparam("by_execution_id"),
        as_of=bindparam("new_as_of"),
        stale_at=bindparam("new_stale_at"),
        verdict=bindparam("new_verdict"),
        counts=bindparam("new_counts"),
        error=bindparam("new_error"),
    )
    .execution_options(synchronize_session=False)
)


async def _settle(
    session: AsyncSession,
    claim: Claim,
    scope_id: UUID,
    at: datetime,
    *,
    verdict: str | None,
    stale_at: StaleAt = lambda _: None,
    counts: Mapping[str, int] = MappingProxyType({}),
    error: Mapping[str, Any] | None = None,
) -> None:
    """What the scope says from that instant on."""
    values = {
        "tenant_id": claim.organization_id,
        "of_scope_id": scope_id,
        "by_task_id": claim.task_id,
        "by_execution_id": claim.execution_id,
        "new_as_of": at,
        "new_stale_at": stale_at(at),
        "new_verdict": verdict,
        "new_counts": dict(counts),
        "new_error": error,
    }
    await execute(session, _SETTLE, values)


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
