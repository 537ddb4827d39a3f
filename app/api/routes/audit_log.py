"""Who did what in the organization."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query
from fastapi.responses import StreamingResponse

from app.api.deps import CurrentActor, DatabaseOfApp, DbSession, Page, capped, needs
from app.api.downloads import DOWNLOADS, download
from app.api.router import Router
from app.core.permissions import Permission
from app.schemas.audit import AuditEventRead, AuditHeadRead
from app.schemas.base import PageOf
from app.schemas.filters import Filter
from app.schemas.instants import Instant
from app.services import audit_log, exports
from app.services.audit_log import Filters
from app.services.exports import Format
from app.services.paging import Slice
from app.services.rate_limits import Cap

router = Router(prefix="/audit-log", tags=["audit-log"])

_READ = [Depends(needs(Permission.READ_AUDIT))]


async def _filters(
    *,
    actor: Annotated[
        Filter | None, Query(description="As events have it, whole.")
    ] = None,
    action: Filter | None = None,
    subject_type: Filter | None = None,
    subject_id: UUID | None = None,
    since: Annotated[
        Instant | None, Query(alias="from", description="At or after it.")
    ] = None,
    until: Annotated[
        Instant | None, Query(alias="to", description="Before it.")
    ] = None,
) -> Filters:
    return Filters(
        actor=actor,
        action=action,
        subject_type=subject_type,
        subject_id=subject_id,
        since=since,
        until=until,
    )


FiltersOfQuery = Annotated[Filters, Depends(_filters)]


@router.get("", response_model=PageOf[AuditEventRead], dependencies=_READ)
async def list_audit_events(
    session: DbSession, actor: CurrentActor, page: Page, filters: FiltersOfQuery
) -> Slice[Any]:
    """What was done and refused in the organization, the newest first. Who is limited
    to some accounts does not get it, for it tells of all."""
    return await audit_log.page_of(session, actor, page, filters=filters)


@router.get(
    "/export",
    dependencies=[*_READ, Depends(capped(Cap.EXPORTS))],
    responses=DOWNLOADS,
    response_class=StreamingResponse,
)
async def export_audit_log(
    session: DbSession,
    database: DatabaseOfApp,
    actor: CurrentActor,
    filters: FiltersOfQuery,
    format: Format = "csv",
) -> StreamingResponse:
    """All events that the filters leave, as a file, the oldest first. In CSV a text
    that a spreadsheet would take for a formula begins with an apostrophe."""
    export = await exports.of_audit_log(session, actor, filters, format)
    return download(database, actor, export, format)


@router.get("/heads", response_model=PageOf[AuditHeadRead], dependencies=_READ)
async def list_audit_heads(
    session: DbSession, actor: CurrentActor, page: Page
) -> Slice[Any]:
    """The end of the log's chain on each day on which it had grown, the newest first:
    what the owners were mailed, and what the log is held against."""
    return await audit_log.heads_of(session, actor, page)
