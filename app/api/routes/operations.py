"""What operators and load balancers ask: alive, ready, metrics."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from app.api.deps import DatabaseOfApp
from app.schemas.operations import Health, Readiness
from app.services import readiness

router = APIRouter(tags=["operations"])


@router.get("/healthz")
async def healthz() -> Health:
    """The process answers. Says nothing of what it depends on."""
    return Health(status="alive")


@router.get("/readyz", responses={503: {"model": Readiness}})
async def readyz(database: DatabaseOfApp, response: Response) -> Readiness:
    """Whether a request could be served now: the database answers and
    is migrated."""
    checks = await readiness.check(database)
    ready = all(outcome == "ok" for outcome in checks.values())
    response.status_code = 200 if ready else 503
    return Readiness(ready=ready, checks=checks)


@router.get("/metrics", include_in_schema=False)
async def metrics() -> Response:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
