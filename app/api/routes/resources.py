"""The inventory of all accounts."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query
from fastapi.responses import StreamingResponse

from app.api.deps import CurrentActor, DatabaseOfApp, DbSession, Page, capped, needs
from app.api.downloads import DOWNLOADS, download
from app.api.router import Router
from app.core.permissions import Permission
from app.models.purge import PurgeKind
from app.schemas.base import HistoryOf, PageOf
from app.schemas.filters import Filter
from app.schemas.health import HealthVerdict
from app.schemas.instants import Instant
from app.schemas.resources import (
    PastVersionRead,
    ResourceCounts,
    ResourceDetail,
    ResourceRead,
    VersionRead,
)
from app.services import exports, purges, resource_counts, resources
from app.services.exports import Format
from app.services.rate_limits import Cap
from app.services.resources import Filters, Presence

router = Router(prefix="/resources", tags=["resources"])

_NO_TAGS: list[str] = []
_READ = [Depends(needs(Permission.READ_INVENTORY))]


async def _filters(
    *,
    account_id: UUID | None = None,
    service: Filter | None = None,
    type: Filter | None = None,
    region: Filter | None = None,
    state: Filter | None = None,
    q: Annotated[
        Filter | None, Query(description="Is part of the name, ARN or identity.")
    ] = None,
    tag: Annotated[
        list[Filter],
        Query(max_length=10, description="A key, or key=value; all must hold."),
    ] = _NO_TAGS,
    verdict: Annotated[
        HealthVerdict | None, Query(description="A health check says so of it now.")
    ] = None,
    presence: Presence = "present",
) -> Filters:
    return Filters(
        account_id=account_id,
        service=service,
        type=type,
        region=region,
        state=state,
        text=q,
        tags=tuple(tag),
        verdict=verdict,
        presence=presence,
    )


@router.get("", dependencies=[*_READ, Depends(capped(Cap.SEARCHES))])
async def list_resources(
    session: DbSession,
    actor: CurrentActor,
    page: Page,
    filters: Annotated[Filters, Depends(_filters)],
) -> PageOf[ResourceRead]:
    """Resources without their documents, the newest first; those that are gone only
    when asked for."""
    found = await resources.page_of(session, actor, page, filters=filters)
    return PageOf[ResourceRead].model_validate(found, from_attributes=True)


@router.get(
    "/export",
    dependencies=[*_READ, Depends(capped(Cap.EXPORTS))],
    responses=DOWNLOADS,
    response_class=StreamingResponse,
)
async def export_resources(
    session: DbSession,
    database: DatabaseOfApp,
    actor: CurrentActor,
    filters: Annotated[Filters, Depends(_filters)],
    format: Format = "csv",
) -> StreamingResponse:
    """All resources that the filters leave, as a file. In CSV a text that a spreadsheet
    would take for a formula begins with an apostrophe."""
    export = await exports.of_inventory(session, actor, filters, format)
    return download(database, actor, export, format)


@router.get("/counts", dependencies=[*_READ, Depends(capped(Cap.SEARCHES))])
async def count_resources(
    session: DbSession,
    actor: CurrentActor,
    account_id: UUID | None = None,
    service: Filter | None = None,
    days: Annotated[
        int, Query(ge=2, le=92, description="So many, today among them.")
    ] = 30,
) -> ResourceCounts:
    """How many there were on each day, in connected accounts. A day on which not all
    was read has no number."""
    return await resource_counts.read(
        session, actor, days=days, account_id=account_id, service=service
    )


@router.get("/{id}", dependencies=_READ)
async def get_resource(
    id: UUID,
    session: DbSession,
    actor: CurrentActor,
    at: Annotated[
        Instant | None, Query(description="As it was at this instant.")
    ] = None,
) -> ResourceDetail:
    """One resource with its present document; a gone one with its last."""
    resource, version = await resources.get(session, actor, id, at=at)
    return ResourceDetail.model_validate(
        {
            **ResourceRead.model_validate(resource).model_dump(),
            "version": VersionRead.model_validate(version),
            "document": version.document,
        }
    )


@router.get("/{id}/history", dependencies=_READ)
async def list_history(
    id: UUID, session: DbSession, actor: CurrentActor, page: Page
) -> HistoryOf[PastVersionRead]:
    """What it was and from when until when, the newest first; a gap between two is an
    absence. The document of each is at /resources/{id}?at={from_at}."""
    found = await resources.history_of(session, actor, id, page)
    told = await purges.told(session, actor, PurgeKind.RESOURCE_VERSIONS, found)
    return HistoryOf[PastVersionRead].model_validate(told, from_attributes=True)
