"""What the organization has used of its plan."""

from fastapi import Depends

from app.api.deps import CurrentActor, DbSession, needs
from app.api.router import Router
from app.core.permissions import Permission
from app.schemas.usage import Usage, UsageHistory
from app.services import usage_reports

router = Router(prefix="/usage", tags=["subscription"])


@router.get("", dependencies=[Depends(needs(Permission.READ_USAGE))])
async def read_usage(session: DbSession, actor: CurrentActor) -> Usage:
    """Each limit of the plan with what is used of it. Months are those of UTC."""
    return await usage_reports.read(session, actor)


@router.get("/months", dependencies=[Depends(needs(Permission.READ_USAGE))])
async def list_months(session: DbSession, actor: CurrentActor) -> UsageHistory:
    """What was used in this month and up to twelve before it."""
    return await usage_reports.history(session, actor)
