"""Deletes history whose time is over: batch by batch, each told in its own
transaction, and never more than the tenant's plan says (the database refuses it)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import measures
from app.core.clock import monotonic
from app.core.db import Database, Login
from app.core.ids import first_id_of
from app.models.purge import Purge, PurgeKind
from app.services.retention_rows import MOST_UNITS, OLD, WITH

BATCH = 5_000
# The same periods as in the policies of migration 0016. What executions found is kept
# for longer than they are, for they may have begun long before they ended.
LONGER: Mapping[PurgeKind, timedelta] = dict.fromkeys(
    (
        *(PurgeKind.RESOURCES, PurgeKind.RESOURCE_VERSIONS),
        *(PurgeKind.FINDINGS, PurgeKind.SCOPE_READS),
    ),
    timedelta(days=2),
)
WHATEVER_THE_PLAN: Mapping[PurgeKind, timedelta] = {
    PurgeKind.OUTBOX: timedelta(days=30),
    PurgeKind.IDEMPOTENCY_KEYS: timedelta(days=3),
}
_FIRST = UUID(int=0)


class Batch(NamedTuple):
    """How many rows of the kind were deleted, and the greatest of their ids."""

    rows: int
    last: UUID


async def purge(
    database: Database, organization_id: UUID, *, within: timedelta
) -> bool:
    """Delete what is over of one tenant, for about `within`; whether more is left.

    To be interrupted anywhere does no harm: what is deleted is told, the rest is found
    the next time. Where another process is at it, this one leaves it to that.
    """
    until = monotonic() + within.total_seconds()
    for kind in PurgeKind:
        batch = Batch(1, _FIRST)
        while batch.rows:
            if monotonic() >= until:
                return True
            async with database.unit_of_work(
                Login.WORKER, organization_id=organization_id, actor="retention"
            ) as session:
                if not await _is_alone(session, organization_id):
                    return False
                batch = await purge_batch(
                    session, organization_id, kind, after=batch.last
                )
    return False


async def _is_alone(session: AsyncSession, organization_id: UUID) -> bool:
    mine = func.hashtextextended(f"retention:{organization_id}", 0)
    return bool(await session.scalar(select(func.pg_try_advisory_xact_lock(mine))))


async def purge_batch(
    session: AsyncSession,
    organization_id: UUID,
    kind: PurgeKind,
    *,
    after: UUID = _FIRST,
    most: int = BATCH,
) -> Batch:
    """Delete up to `most` rows of the kind that are over, the oldest first, and say so.
    None are left if none were deleted. `after` is the last of the batch before.
    `session` is the tenant's, under the worker login."""
    until = await _until(session, kind)
    if until is None:
        return Batch(0, after)
    values: dict[str, Any] = {
        "organization_id": organization_id,
        "until": until,
        "young": first_id_of(until),
        "after": after,
        "most": most,
        "most_units": MOST_UNITS,
    }
    found = await session.scalars(OLD[kind], _taken(OLD[kind], values))
    values["ids"] = ids = list(found)
    if not ids:
        return Batch(0, after)
    for statement in WITH.get(kind, ()):
        await session.execute(statement, _taken(statement, values))
    await _tell(session, organization_id, kind, until, len(ids))
    measures.count(session, measures.PURGED, len(ids), kind=kind.value)
    return Batch(len(ids), max(ids))


def _taken(statement: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the values that the statement takes."""
    names: Mapping[str, Any] = statement.compile().params
    return {name: values[name] for name in names}


async def _until(session: AsyncSession, kind: PurgeKind) -> datetime | None:
    """What ended before this is over; None where the plan keeps all."""
    if kind in WHATEVER_THE_PLAN:
        fixed: datetime | None = await session.scalar(
            select(func.app_now() - WHATEVER_THE_PLAN[kind])
        )
        return fixed
    kept_since: datetime | None = await session.scalar(select(func.kept_since()))
    if kept_since is None:
        return None
    return kept_since - LONGER.get(kind, timedelta())


async def _tell(
    session: AsyncSession,
    organization_id: UUID,
    kind: PurgeKind,
    until: datetime,
    rows: int,
) -> None:
    told = insert(Purge).values(
        organization_id=organization_id,
        kind=kind,
        until=until,
        at=func.app_now(),
        rows=rows,
    )
    await session.execute(
        told.on_conflict_do_update(
            index_elements=["organization_id", "kind"],
            set_={
                # A plan that keeps more brings nothing back.
                "until": func.greatest(Purge.until, told.excluded.until),
                "at": told.excluded.at,
                "rows": Purge.rows + told.excluded.rows,
            },
        )
    )
