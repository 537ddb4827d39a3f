"""Executions: what ran, what it found, and how that differs from another time."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query
from fastapi.responses import StreamingResponse

from app.api.deps import CurrentActor, DatabaseOfApp, DbSession, Page, capped, needs
from app.api.downloads import DOWNLOADS, download
from app.api.router import Router
from app.core.permissions import Permission
from app.models.purge import PurgeKind
from app.models.run import Status, UnitStatus
from app.schemas.base import HistoryOf, PageOf
from app.schemas.executions import (
    Comparison,
    EventRead,
    ExecutionRead,
    FindingRead,
    FoundResourceRead,
    ResultRead,
    UnitRead,
)
from app.schemas.filters import Filter
from app.schemas.instants import Instant
from app.schemas.tasks import Category
from app.services import comparisons, execution_finds, executions, exports, purges
from app.services.executions import Filters
from app.services.exports import Format, Part
from app.services.paging import Page as PageRequest
from app.services.rate_limits import Cap

router = Router(prefix="/executions", tags=["executions"])

MAX_COMPARED = 50  # a change may hold two documents of a megabyte
_READ = [Depends(needs(Permission.READ_EXECUTIONS))]


async def _filters(
    *,
    status: Status | None = None,
    task_id: UUID | None = None,
    account_id: UUID | None = None,
    category: Category | None = None,
    since: Annotated[Instant | None, Query(description="Included.")] = None,
    until: Annotated[Instant | None, Query(description="Not included.")] = None,
) -> Filters:
    return Filters(
        status=status,
        task_id=task_id,
        account_id=account_id,
        category=category,
        since=since,
        until=until,
    )


@router.get("", dependencies=_READ)
async def list_executions(
    session: DbSession,
    actor: CurrentActor,
    page: Page,
    filters: Annotated[Filters, Depends(_filters)],
) -> HistoryOf[ExecutionRead]:
    """Executions of all tasks, the newest first. `since` and `until` are about when
    they were recorded, `category` about the error they ended with."""
    found = await executions.page_of(session, actor, page, filters=filters)
    told = await purges.told(session, actor, PurgeKind.EXECUTIONS, found)
    return HistoryOf[ExecutionRead].model_validate(told, from_attributes=True)


@router.get(
    "/export",
    dependencies=[*_READ, Depends(capped(Cap.EXPORTS))],
    responses=DOWNLOADS,
    response_class=StreamingResponse,
)
async def export_executions(
    session: DbSession,
    database: DatabaseOfApp,
    actor: CurrentActor,
    filters: Annotated[Filters, Depends(_filters)],
    format: Format = "csv",
) -> StreamingResponse:
    """All executions that the filters leave, the newest first, as a file. In CSV a text
    that a spreadsheet would take for a formula begins with an apostrophe."""
    export = await exports.of_executions(session, actor, filters, format)
    return download(database, actor, export, format)


@router.get("/{id}", dependencies=_READ)
async def get_execution(
    id: UUID, session: DbSession, actor: CurrentActor
) -> ExecutionRead:
    """One execution: its status, times, error and what it found."""
    return await executions.get(session, actor, id)


@router.get("/{id}/result", dependencies=_READ)
async def get_result(id: UUID, session: DbSession, actor: CurrentActor) -> ResultRead:
    """Verdict, counts, and what was and was not looked at."""
    return await executions.result_of(session, actor, id)


@router.get("/{id}/units", dependencies=_READ)
async def list_units(
    id: UUID,
    session: DbSession,
    actor: CurrentActor,
    page: Page,
    status: UnitStatus | None = None,
) -> PageOf[UnitRead]:
    """Each listing or check in each region, in the order in which they were planned."""
    found = await executions.units_of(session, actor, id, page, status=status)
    return PageOf[UnitRead].model_validate(found, from_attributes=True)


@router.get("/{id}/findings", dependencies=_READ)
async def list_findings(
    *,
    id: UUID,
    session: DbSession,
    actor: CurrentActor,
    page: Page,
    verdict: Filter | None = None,
    service: Filter | None = None,
) -> HistoryOf[FindingRead]:
    """The verdict on each resource as this execution read it. One older than
    `purged_until`, kept for a problem or a file, may have lost some."""
    found = await execution_finds.findings_of(
        session, actor, id, page, verdict=verdict, service=service
    )
    told = await purges.told(session, actor, PurgeKind.FINDINGS, found)
    return HistoryOf[FindingRead].model_validate(told, from_attributes=True)


@router.get("/{id}/resources", dependencies=_READ)
async def list_found_resources(
    *,
    id: UUID,
    session: DbSession,
    actor: CurrentActor,
    page: Page,
    service: Filter | None = None,
    type: Filter | None = None,
) -> HistoryOf[FoundResourceRead]:
    """The resources that this execution listed. One older than `purged_until`, kept for
    a problem or a file, may have lost some."""
    found = await execution_finds.resources_of(
        session, actor, id, page, service=service, type=type
    )
    told = await purges.told(session, actor, PurgeKind.RESOURCE_VERSIONS, found)
    return HistoryOf[FoundResourceRead].model_validate(told, from_attributes=True)


@router.get(
    "/{id}/export",
    dependencies=[*_READ, Depends(capped(Cap.EXPORTS))],
    responses=DOWNLOADS,
    response_class=StreamingResponse,
)
async def export_execution(
    *,
    id: UUID,
    session: DbSession,
    database: DatabaseOfApp,
    actor: CurrentActor,
    of: Part = "resources",
    format: Format = "csv",
) -> StreamingResponse:
    """All resources that this execution listed, or all its findings, as a file;
    resources as JSON with their documents. In CSV a text that a spreadsheet would take
    for a formula begins with an apostrophe."""
    export = await exports.of_execution(session, actor, id, of, format)
    return download(database, actor, export, format)


@router.get("/{id}/events", dependencies=_READ)
async def list_events(
    id: UUID, session: DbSession, actor: CurrentActor, page: Page
) -> PageOf[EventRead]:
    """What happened to it, in order."""
    found = await executions.events_of(session, actor, id, page)
    return PageOf[EventRead].model_validate(found, from_attributes=True)


@router.get("/{id}/diff", dependencies=_READ)
async def compare_with(
    *,
    id: UUID,
    against: Annotated[UUID, Query(description="An execution on the same account.")],
    session: DbSession,
    actor: CurrentActor,
    limit: Annotated[int, Query(ge=1, le=MAX_COMPARED)] = MAX_COMPARED,
    cursor: Annotated[str | None, Query(max_length=8192)] = None,
) -> Comparison:
    """What changed from `against` to this execution, field by field. What one of them
    did not read, or read under another catalog, is not comparable: never removed."""
    page = PageRequest(limit, cursor)
    return await comparisons.compare_executions(
        session, actor, id, page, against=against
    )
