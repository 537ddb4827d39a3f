"""The health of all accounts, as it is known now."""

from uuid import UUID

from fastapi import Depends

from app.api.deps import CurrentActor, DbSession, Page, needs
from app.api.router import Router
from app.core.permissions import Permission
from app.schemas.base import PageOf
from app.schemas.filters import Filter
from app.schemas.health import AccountHealthRead, HealthSummaryRead
from app.services import health

router = Router(prefix="/health", tags=["health"])


@router.get("", dependencies=[Depends(needs(Permission.READ_INVENTORY))])
async def list_health(
    session: DbSession,
    actor: CurrentActor,
    page: Page,
    account_id: UUID | None = None,
    service: Filter | None = None,
) -> PageOf[AccountHealthRead]:
    """Verdicts by account and service. What is too old to hold is unknown, what no
    enabled health check looks at is not watched."""
    found = await health.page_of(
        session, actor, page, account_id=account_id, service=service
    )
    return PageOf[AccountHealthRead].model_validate(found, from_attributes=True)


@router.get("/summary", dependencies=[Depends(needs(Permission.READ_INVENTORY))])
async def summarize_health(
    session: DbSession, actor: CurrentActor
) -> HealthSummaryRead:
    """How many accounts have which verdict, and which to look at first."""
    found = await health.summary(session, actor)
    return HealthSummaryRead.model_validate(found)
