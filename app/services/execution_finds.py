"""What an execution found: the findings and resources of its own reads, as they were
then, whatever has been read since."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Subquery, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Bundle

from app.core.actor import Actor
from app.models.inventory import Finding, Resource, ResourceVersion, Scope
from app.models.run import TaskExecution
from app.schemas.executions import FindingRead
from app.services.check_tiers import TIER, tier_of
from app.services.executions import must_find
from app.services.paging import Page, Slice, paginate
from app.services.scopes import reads_of


async def findings_of(
    session: AsyncSession,
    actor: Actor,
    execution_id: UUID,
    page: Page,
    *,
    verdict: str | None = None,
    service: str | None = None,
) -> Slice[FindingRead]:
    execution = await must_find(session, actor, execution_id)
    statement = findings_in(execution)
    if verdict is not None:
        statement = statement.where(Finding.verdict == verdict)
    if service is not None:
        statement = statement.where(Scope.service == service)
    found = await paginate(session, statement, page, by=[Finding.id], descending=False)
    return Slice([finding_read(row) for row in found.items], found.next_cursor)


def findings_in(execution: TaskExecution) -> Select[Any]:
    """The verdicts that it read."""
    reads = reads_of(execution.organization_id, execution.id)
    shown: Bundle[Any] = Bundle(
        "finding",
        *(Finding.id, Finding.type, Finding.identity, Finding.arn, Finding.name),
        *(Finding.region, Finding.verdict, Finding.reason, Finding.facts),
        *(Finding.from_at, Scope.service, Scope.key, reads.c.read_at.label("as_of")),
    )
    return (
        select(shown)
        .select_from(reads)
        .join(
            Scope,
            (Scope.organization_id == execution.organization_id)
            & (Scope.id == reads.c.scope_id),
        )
        .join(
            Finding,
            (Finding.organization_id == execution.organization_id)
            & (Finding.scope_id == reads.c.scope_id)
            & held_at(Finding, reads),
        )
    )


def finding_read(row: Any) -> FindingRead:
    shown = {
        name: getattr(row, name) for name in FindingRead.model_fields.keys() - {TIER}
    }
    return FindingRead.model_validate(shown | {TIER: tier_of(row.key)})


async def resources_of(
    session: AsyncSession,
    actor: Actor,
    execution_id: UUID,
    page: Page,
    *,
    service: str | None = None,
    type: str | None = None,
) -> Slice[Any]:
    execution = await must_find(session, actor, execution_id)
    statement = resources_in(execution)
    if service is not None:
        statement = statement.where(Resource.service == service)
    if type is not None:
        statement = statement.where(Resource.type == type)
    return await paginate(session, statement, page, by=[Resource.id], descending=False)


def resources_in(
    execution: TaskExecution, *, with_documents: bool = False
) -> Select[Any]:
    """The resources that it listed, as they were then."""
    reads = reads_of(execution.organization_id, execution.id)
    shown: Bundle[Any] = Bundle(
        "resource",
        *(Resource.id, Resource.service, Resource.type, Resource.identity),
        *(Resource.arn, Resource.name, Resource.region),
        *(ResourceVersion.content_hash, ResourceVersion.from_at),
        reads.c.read_at.label("as_of"),
        *((ResourceVersion.document,) if with_documents else ()),
    )
    return (
        select(shown)
        .select_from(reads)
        .join(
            Resource,
            (Resource.organization_id == execution.organization_id)
            & (Resource.scope_id == reads.c.scope_id),
        )
        .join(
            ResourceVersion,
            (ResourceVersion.organization_id == execution.organization_id)
            & (ResourceVersion.resource_id == Resource.id)
            & held_at(ResourceVersion, reads),
        )
    )


def held_at(
    version: type[Finding] | type[ResourceVersion], reads: Subquery
) -> ColumnElement[bool]:
    """Whether the version held when the scope was read."""
    return (version.from_at <= reads.c.read_at) & or_(
        version.until_at.is_(None), version.until_at > reads.c.read_at
    )
