"""The organization one is in."""

from fastapi import APIRouter, Depends

from app.api.deps import CurrentActor, DbSession, needs
from app.core.permissions import Permission
from app.models.organization import Organization
from app.schemas.organization import OrganizationRead
from app.services import organizations

router = APIRouter(prefix="/organization", tags=["organization"])


@router.get(
    "",
    response_model=OrganizationRead,
    dependencies=[Depends(needs(Permission.READ_ORGANIZATION))],
)
async def read_organization(session: DbSession, actor: CurrentActor) -> Organization:
    """The organization that the access token is for."""
    return await organizations.get(session, actor)
