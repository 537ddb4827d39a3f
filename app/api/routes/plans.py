"""The price list."""

from fastapi import Depends

from app.api.deps import CurrentActor, DbSession, SettingsOfApp, needs
from app.api.router import Router
from app.core.permissions import Permission
from app.schemas.plans import Plans
from app.services import price_list

router = Router(prefix="/plans", tags=["subscription"])


@router.get("", dependencies=[Depends(needs(Permission.READ_ORGANIZATION))])
async def list_plans(
    session: DbSession, actor: CurrentActor, settings: SettingsOfApp
) -> Plans:
    """Each plan with its limits: the organization's own, those that it can subscribe
    to, and the one that it has without a subscription."""
    return await price_list.read(session, settings, actor)
