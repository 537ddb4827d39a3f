"""What operators and load balancers ask: alive, ready, metrics."""

from typing import Annotated

from fastapi import APIRouter, Header, Response

from app.api.deps import DatabaseOfApp, LimiterOfApp, SettingsOfApp
from app.core.errors import NotFound, Unauthenticated
from app.schemas.operations import Health, Readiness
from app.services import exposition, readiness

router = APIRouter(tags=["operations"])


@router.get("/healthz")
async def healthz() -> Health:
    """The process answers. Says nothing of what it depends on."""
    return Health(status="alive")


@router.get("/readyz", responses={503: {"model": Readiness}})
async def readyz(
    database: DatabaseOfApp, limiter: LimiterOfApp, response: Response
) -> Readiness:
    """Whether a request could be served now: the database answers and
    is migrated. Redis is named too, but may be away."""
    ready, checks = await readiness.check(database, limiter)
    response.status_code = 200 if ready else 503
    return Readiness(ready=ready, checks=checks)


@router.get("/metrics", include_in_schema=False)
async def metrics(
    database: DatabaseOfApp,
    settings: SettingsOfApp,
    authorization: Annotated[str | None, Header(max_length=1000)] = None,
) -> Response:
    """Numbers of this process and, where it has the system login, of the deployment, in
    Prometheus' text format. They say nothing of any tenant."""
    if not exposition.is_offered(settings):
        raise NotFound
    if not exposition.may_read(settings, authorization):
        raise Unauthenticated("Send the token: Authorization: Bearer …")
    answer = await exposition.expose(database, settings)
    return Response(answer, media_type=exposition.MEDIA_TYPE)
