"""The catalog: what each AWS service offers to tasks."""

from typing import Annotated

from fastapi import Depends, Path

from app.api.deps import needs
from app.api.router import Router
from app.core.permissions import Permission
from app.schemas.catalog import CatalogServiceDetail, CatalogServices
from app.services import catalog

router = Router(
    prefix="/catalog",
    tags=["catalog"],
)

_READ = [Depends(needs(Permission.READ_TASKS))]


@router.get("/services", dependencies=_READ)
async def list_services() -> CatalogServices:
    """Every AWS service of this release, those with nothing to list included."""
    return CatalogServices(items=catalog.services())


@router.get("/services/{service}", dependencies=_READ)
async def read_service(
    service: Annotated[str, Path(max_length=64)],
) -> CatalogServiceDetail:
    """One service with its listings and health checks."""
    return catalog.get(service)
