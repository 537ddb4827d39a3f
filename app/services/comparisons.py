"""Two executions on one account, compared field by field: what was added, removed or
changed between their reads, and what cannot be compared."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Subquery, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Bundle

from app.aws.catalog.loader import catalog
from app.aws.hostile import EVERY_LIST, NOTHING
from app.core.actor import Actor
from app.core.errors import Invalid
from app.models.inventory import Finding, Resource, ResourceVersion, Scope
from app.models.run import ExecutionUnit, TaskExecution
from app.schemas.executions import (
    ChangeRead,
    Comparison,
    FieldChangeRead,
    NotComparable,
)
from app.services.decisions.differences import differences
from app.services.execution_finds import held_at
from app.services.executions import find, must_find
from app.services.paging import Page, paginate
from app.services.scopes import reads_of

Kind = Literal["resource", "finding"]


async def compare_executions(
    session: AsyncSession,
    actor: Actor,
    execution_id: UUID,
    page: Page,
    *,
    against: UUID,
) -> Comparison:
    """What changed from `against` to the execution. Invalid where the other one is
    unknown, or on another account."""
    execution = await must_find(session, actor, execution_id)
    other = await find(session, actor, against)
    if other is None:
        raise Invalid.field("/query/against", "unknown", "There is no such execution.")
    if other.aws_account_id != execution.aws_account_id:
        raise Invalid.field(
            "/query/against", "another_account", "It is on another AWS account."
        )
    pair = _Pair(execution, other)
    kind = await _kind(session, execution)
    changed = pair.changed(kind)
    by = cast("Any", [changed.c.scope_id, changed.c.type, changed.c.identity])
    shown: Bundle[Any] = Bundle("changed", *changed.c)
    found = await paginate(session, select(shown), page, by=by, descending=False)
    return Comparison(
        execution_id=execution.id,
        against=other.id,
        not_comparable=await _not_comparable(session, pair),
        items=[await _change(session, execution, kind, row) for row in found.items],
        next_cursor=found.next_cursor,
    )


@dataclass(frozen=True, slots=True)
class _Pair:
    execution: TaskExecution
    other: TaskExecution

    @property
    def tenant(self) -> UUID:
        return self.execution.organization_id

    def changed(self, kind: Kind) -> Subquery:
        """One row for each thing whose content differs between the two reads."""
        after = self._held(kind, self.execution, self.other)
        before = self._held(kind, self.other, self.execution)
        place = [after.c[name] == before.c[name] for name in _PLACE]
        both = [func.coalesce(after.c[name], before.c[name]) for name in _SHARED]
        return (
            select(
                *(one.label(name) for one, name in zip(both, _SHARED, strict=True)),
                after.c.id.label("after_id"),
                before.c.id.label("before_id"),
                Scope.service,
                Scope.key,
            )
            .select_from(after)
            .join(before, place[0] & place[1] & place[2], full=True)
            .join(
                Scope,
                (Scope.organization_id == self.tenant) & (Scope.id == both[0]),
            )
            .where(after.c.content_hash.is_distinct_from(before.c.content_hash))
            .subquery()
        )

    def _held(
        self, kind: Kind, execution: TaskExecution, other: TaskExecution
    ) -> Subquery:
        """What `execution` read, of the scopes that both read under one catalog."""
        reads = reads_of(self.tenant, execution.id)
        others = reads_of(self.tenant, other.id)
        comparable = reads.join(
            others,
            (reads.c.scope_id == others.c.scope_id)
            & (reads.c.catalog_version == others.c.catalog_version),
        )
        held = _findings if kind == "finding" else _resources
        return held(self.tenant, reads, comparable)


_PLACE = ("scope_id", "type", "identity")
_SHARED = (*_PLACE, "region", "name")


def _findings(tenant: UUID, reads: Subquery, comparable: FromClause) -> Subquery:
    of_scope: ColumnElement[bool] = Finding.scope_id == reads.c.scope_id
    return (
        select(
            *(Finding.scope_id, Finding.type, Finding.identity, Finding.region),
            *(Finding.name, Finding.id, Finding.content_hash),
        )
        .select_from(comparable)
        .join(
            Finding,
            (Finding.organization_id == tenant) & of_scope & held_at(Finding, reads),
        )
        .subquery()
    )


def _resources(tenant: UUID, reads: Subquery, comparable: FromClause) -> Subquery:
    of_scope: ColumnElement[bool] = Resource.scope_id == reads.c.scope_id
    return (
        select(
            *(Resource.scope_id, Resource.type, Resource.identity, Resource.region),
            *(Resource.name, ResourceVersion.id, ResourceVersion.content_hash),
        )
        .select_from(comparable)
        .join(Resource, (Resource.organization_id == tenant) & of_scope)
        .join(
            ResourceVersion,
            (ResourceVersion.organization_id == tenant)
            & (ResourceVersion.resource_id == Resource.id)
            & held_at(ResourceVersion, reads),
        )
        .subquery()
    )


async def _kind(session: AsyncSession, execution: TaskExecution) -> Kind:
    """All units of one execution are of one kind, its task type's."""
    kind = await session.scalar(
        select(ExecutionUnit.kind)
        .where(
            ExecutionUnit.organization_id == execution.organization_id,
            ExecutionUnit.execution_id == execution.id,
        )
        .limit(1)
    )
    return "finding" if kind == "health" else "resource"


async def _not_comparable(session: AsyncSession, pair: _Pair) -> list[NotComparable]:
    """The units of either that were not read by both, or not under one catalog."""
    here = await _reads_by_place(session, pair.execution)
    there = await _reads_by_place(session, pair.other)
    unit = ExecutionUnit
    units = await session.execute(
        select(unit.kind, unit.service, unit.region, unit.key)
        .distinct()
        .where(
            unit.organization_id == pair.tenant,
            unit.execution_id.in_((pair.execution.id, pair.other.id)),
        )
        .order_by(unit.kind, unit.service, unit.region, unit.key)
    )
    found = []
    for kind, service, region, key in units:
        place = (kind, region, key)
        reason = _obstacle(here.get(place), there.get(place))
        if reason is not None:
            of_unit = {"kind": kind, "service": service, "region": region, "key": key}
            found.append(NotComparable.model_validate({**of_unit, "reason": reason}))
    return found


def _obstacle(here: str | None, there: str | None) -> str | None:
    """Why two reads, given by their catalog versions, cannot be compared."""
    if here is None:
        return "not_read"
    if there is None:
        return "not_read_before"
    return None if here == there else "catalog_version"


async def _reads_by_place(
    session: AsyncSession, execution: TaskExecution
) -> dict[tuple[str, str, str], str]:
    reads = reads_of(execution.organization_id, execution.id)
    rows = await session.execute(
        select(Scope.kind, Scope.region, Scope.key, reads.c.catalog_version).join(
            reads,
            (Scope.organization_id == execution.organization_id)
            & (Scope.id == reads.c.scope_id),
        )
    )
    return {(kind, region, key): version for kind, region, key, version in rows}


async def _change(
    session: AsyncSession, execution: TaskExecution, kind: Kind, row: Any
) -> ChangeRead:
    change: Literal["added", "removed", "changed"] = "changed"
    fields: list[FieldChangeRead] = []
    if row.before_id is None:
        change = "added"
    elif row.after_id is None:
        change = "removed"
    else:
        # One at a time: a document may have a megabyte.
        before = await _document(session, execution, kind, row.before_id)
        after = await _document(session, execution, kind, row.after_id)
        volatile, ordered = _rule(kind, row.key)
        differing = differences(before, after, volatile=volatile, ordered=ordered)
        fields = [FieldChangeRead.model_validate(one) for one in differing]
    return ChangeRead(
        change=change,
        kind=kind,
        service=row.service,
        key=row.key,
        type=row.type,
        identity=row.identity,
        region=row.region,
        name=row.name,
        fields=fields,
    )


async def _document(
    session: AsyncSession, execution: TaskExecution, kind: Kind, id: UUID
) -> Mapping[str, Any]:
    tenant = execution.organization_id
    if kind == "resource":
        version = await session.get_one(ResourceVersion, (tenant, id))
        session.expunge(version)
        return version.document
    finding = await session.get_one(Finding, (tenant, id))
    # All that findings.py hashes.
    names = ("region", "arn", "name", "verdict", "reason", "facts")
    return {name: getattr(finding, name) for name in names}


def _rule(kind: Kind, key: str) -> tuple[frozenset[str], frozenset[str]]:
    """The members that are left out of the hash, and the lists whose order counts, by
    the present catalog; none for a listing that it no longer has."""
    if kind == "finding":
        return NOTHING, EVERY_LIST
    service, _, name = key.partition(":")
    of_service = catalog().services.get(service)
    operation = of_service.operations.get(name) if of_service else None
    if operation is None:
        return NOTHING, NOTHING
    return operation.volatile, operation.ordered
