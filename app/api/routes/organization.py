"""The organization one is in."""

from fastapi import APIRouter, Depends, status

from app.api.deps import CurrentActor, DbSession, needs
from app.core.permissions import Permission
from app.models.organization import Organization
from app.schemas.members import Handover
from app.schemas.organization import OrganizationRead
from app.services import members, organizations

router = APIRouter(prefix="/organization", tags=["organization"])


@router.get(
    "",
    response_model=OrganizationRead,
    dependencies=[Depends(needs(Permission.READ_ORGANIZATION))],
)
async def read_organization(session: DbSession, actor: CurrentActor) -> Organization:
    """The organization that the access token is for."""
    return await organizations.get(session, actor)


@router.post(
    "/transfer",
    status_code=status.HTTP_204_NO_CONTENT,
    dependencies=[Depends(needs(Permission.TRANSFER_ORGANIZATION))],
)
async def transfer_organization(
    wanted: Handover, session: DbSession, actor: CurrentActor
) -> None:
    """Make another member the owner; the one who asks becomes an admin."""
    await members.hand_over(session, actor, wanted.member_id)
