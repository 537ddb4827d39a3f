"""Merges a listing into what is known of an account's resources. Rows grow with
change: a read that says nothing new writes one `scope_reads` row and no other."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import CTE, func, literal, select, update
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.aws.unit import Item
from app.core.ids import new_id
from app.models.inventory import Resource, ResourceVersion
from app.models.run import ExecutionUnit, TaskExecution
from app.services.decisions.changes import compare
from app.services.scopes import Key, Reading, begin_reading, by_key, finish_reading
from app.services.staging import STAGED_ITEMS, as_array, as_json, stage


@dataclass(frozen=True, slots=True)
class ReadCounts:
    """How a listing compares to the last one; `items` is all that it held."""

    items: int
    new: int
    returned: int
    changed: int
    gone: int
    unchanged: int

    def as_json(self) -> dict[str, int]:
        return asdict(self)


async def record_listing(
    session: AsyncSession,
    execution: TaskExecution,
    unit_row: ExecutionUnit,
    items: Sequence[Item],
    *,
    stale_at: datetime | None,
) -> ReadCounts:
    """Merge a complete listing, under the lock of its scope. Raises AWSServiceError
    `hostile_or_oversized` where one identity was listed twice."""
    read = by_key(items, unit_row)
    reading = await begin_reading(session, execution, unit_row, items=len(items))
    known = await _present_resources(session, execution, reading)
    changes = compare(
        {key: one.content_hash for key, one in known.items()},
        {key: item.content_hash for key, item in read.items()},
    )
    gone = [known[key].id for key in changes.gone]
    closed = gone + [known[key].id for key in changes.changed]
    await _close_versions(session, execution, reading, closed)
    await _mark_gone(session, execution, reading, gone)
    described = [key for key in changes.unchanged if known[key].differs_from(read[key])]
    await _describe(session, execution, reading, [read[key] for key in described])
    written = [read[key] for key in (*changes.opened, *changes.changed)]
    existing = await _open_versions(session, execution, unit_row, reading, written)
    returned = existing - len(changes.changed)
    counts = ReadCounts(
        items=len(items),
        new=len(changes.opened) - returned,
        returned=returned,
        changed=len(changes.changed),
        gone=len(gone),
        unchanged=len(changes.unchanged),
    )
    await finish_reading(
        session,
        reading,
        execution,
        unit_row,
        stale_at=stale_at,
        verdict=None,
        counts=counts.as_json(),
    )
    return counts


class _KnownResource(NamedTuple):
    id: UUID
    region: str
    arn: str | None
    name: str | None
    state: str | None
    content_hash: str

    def differs_from(self, item: Item) -> bool:
        """Whether its row says something else, though its content does not: a newer
        catalog names it differently, or its state is no part of the hash."""
        described = (item.region, item.arn, item.name, item.state)
        return described != (self.region, self.arn, self.name, self.state)


async def _present_resources(
    session: AsyncSession, execution: TaskExecution, reading: Reading
) -> dict[Key, _KnownResource]:
    """Two statements, for the planner joins them row by row while it has no statistics,
    which takes seconds for a few thousand rows just written."""
    found = await session.execute(
        select(
            Resource.type,
            Resource.identity,
            Resource.id,
            Resource.region,
            Resource.arn,
            Resource.name,
            Resource.state,
        ).where(
            Resource.organization_id == execution.organization_id,
            Resource.scope_id == reading.scope_id,
            Resource.gone_at.is_(None),
        )
    )
    resources = {(row[0], row[1]): row[2:] for row in found}
    present = await session.execute(
        select(ResourceVersion.resource_id, ResourceVersion.content_hash).where(
            ResourceVersion.organization_id == execution.organization_id,
            ResourceVersion.resource_id
            == as_array([row[0] for row in resources.values()]),
            ResourceVersion.until_read.is_(None),
        )
    )
    hashes: dict[UUID, str] = dict(present.all())
    return {key: _KnownResource(*row, hashes[row[0]]) for key, row in resources.items()}


async def _close_versions(
    session: AsyncSession, execution: TaskExecution, reading: Reading, ids: list[UUID]
) -> None:
    if ids:
        await session.execute(
            update(ResourceVersion)
            .where(
                ResourceVersion.organization_id == execution.organization_id,
                ResourceVersion.resource_id == as_array(ids),
                ResourceVersion.until_read.is_(None),
            )
            .values(until_read=reading.read_id, until_at=reading.read_at)
        )


async def _mark_gone(
    session: AsyncSession, execution: TaskExecution, reading: Reading, ids: list[UUID]
) -> None:
    if ids:
        await session.execute(
            update(Resource)
            .where(
                Resource.organization_id == execution.organization_id,
                Resource.id == as_array(ids),
            )
            .values(gone_at=reading.read_at)
        )


async def _describe(
    session: AsyncSession,
    execution: TaskExecution,
    reading: Reading,
    items: Sequence[Item],
) -> None:
    """Let the rows say what the items say; no version, for the content is the same."""
    if not items:
        return
    await stage(session, STAGED_ITEMS, (_staged(item) for item in items))
    staged = STAGED_ITEMS.c
    await session.execute(
        update(Resource)
        .where(
            Resource.organization_id == execution.organization_id,
            Resource.scope_id == reading.scope_id,
            Resource.type == staged.type,
            Resource.identity == staged.identity,
        )
        .values(
            region=staged.region, arn=staged.arn, name=staged.name, state=staged.state
        )
    )


async def _open_versions(
    session: AsyncSession,
    execution: TaskExecution,
    unit_row: ExecutionUnit,
    reading: Reading,
    items: Sequence[Item],
) -> int:
    """Write the items' resources and a version of each; how many resources were
    already known."""
    if not items:
        return 0
    await stage(session, STAGED_ITEMS, (_staged(item) for item in items))
    merged = _merged_resources(execution, unit_row, reading)
    versions = _new_versions(execution, reading, merged)
    existing = await session.scalar(
        select(func.count())
        .select_from(merged)
        .where(merged.c.first_seen_at < reading.read_at)
        .add_cte(versions.cte("versions"))
    )
    return existing or 0


def _merged_resources(
    execution: TaskExecution, unit_row: ExecutionUnit, reading: Reading
) -> CTE:
    """The staged items as resources: new ones made, returned ones no longer gone."""
    staged = STAGED_ITEMS.c
    new = insert(Resource).from_select(
        [
            *("id", "organization_id", "aws_account_id", "scope_id", "service"),
            *("type", "region", "identity", "arn", "name", "state"),
            *("first_seen_at", "changed_at"),
        ],
        select(
            staged.resource_id,
            literal(execution.organization_id),
            literal(execution.aws_account_id),
            literal(reading.scope_id),
            literal(unit_row.service),
            *(staged.type, staged.region, staged.identity),
            *(staged.arn, staged.name, staged.state),
            *(literal(reading.read_at), literal(reading.read_at)),
        ),
    )
    told = {name: new.excluded[name] for name in ("region", "arn", "name", "state")}
    return (
        new.on_conflict_do_update(
            index_elements=["organization_id", "scope_id", "type", "identity"],
            set_={**told, "changed_at": new.excluded.changed_at, "gone_at": None},
        )
        .returning(*(getattr(Resource, name) for name in _RETURNED))
        .cte("merged")
    )


def _new_versions(execution: TaskExecution, reading: Reading, merged: CTE) -> Insert:
    staged = STAGED_ITEMS.c
    return insert(ResourceVersion).from_select(
        [
            *("id", "organization_id", "resource_id"),
            *("from_read", "from_at", "content_hash", "document"),
        ],
        select(
            staged.version_id,
            literal(execution.organization_id),
            merged.c.id,
            literal(reading.read_id),
            literal(reading.read_at),
            staged.content_hash,
            staged.document,
        ).join_from(
            STAGED_ITEMS,
            merged,
            (merged.c.type == staged.type) & (merged.c.identity == staged.identity),
        ),
    )


_RETURNED = ("id", "type", "identity", "first_seen_at")


def _staged(item: Item) -> tuple[Any, ...]:
    return (
        *(new_id(), new_id(), item.type, item.id, item.region),
        *(item.arn, item.name, item.state, item.content_hash),
        as_json(item.document),
    )
