"""The organization one is in."""

from fastapi import Depends, status

from app.api.deps import (
    CurrentActor,
    DatabaseOfApp,
    DbSession,
    SettingsOfApp,
    capped,
    needs,
)
from app.api.downloads import WHOLE, BegunStream, whole
from app.api.etags import TAGGED, ETag, IfMatch
from app.api.router import Router
from app.core.permissions import Permission
from app.models.organization import Organization
from app.schemas.members import Handover
from app.schemas.organization import Deletion, OrganizationRead, OrganizationUpdate
from app.services import deletions, members, organization_export, organizations
from app.services.rate_limits import Cap

router = Router(prefix="/organization", tags=["organization"])


@router.get(
    "",
    response_model=OrganizationRead,
    dependencies=[Depends(needs(Permission.READ_ORGANIZATION))],
    responses=TAGGED,
)
async def read_organization(
    session: DbSession, actor: CurrentActor, etag: ETag
) -> Organization:
    """The organization that the access token is for."""
    organization = await organizations.get(session, actor)
    etag(organizations.tag(organization))
    return organization


@router.get(
    "/export",
    dependencies=[
        Depends(needs(Permission.EXPORT_ORGANIZATION, fresh=True)),
        Depends(capped(Cap.EXPORTS)),
    ],
    response_class=BegunStream,
    responses=WHOLE,
)
async def export_organization(
    session: DbSession, actor: CurrentActor, database: DatabaseOfApp
) -> BegunStream:
    """All that the organization has, as JSON; secrets are left out, as it says."""
    await organization_export.begin(session, actor)
    return whole(organization_export.stream(database, actor), "organization")


@router.post(
    "/deletion",
    response_model=OrganizationRead,
    status_code=status.HTTP_202_ACCEPTED,
    dependencies=[Depends(needs(Permission.DELETE_ORGANIZATION, fresh=True))],
)
async def delete_organization(
    wanted: Deletion, session: DbSession, actor: CurrentActor, settings: SettingsOfApp
) -> Organization:
    """Have the organization deleted with all that is in it, in two weeks. Until then
    it works as always, everything can be exported, and the deletion taken back."""
    return await deletions.ask(session, settings, actor, name=wanted.name)


@router.delete(
    "/deletion",
    status_code=status.HTTP_204_NO_CONTENT,
    dependencies=[Depends(needs(Permission.DELETE_ORGANIZATION, fresh=True))],
)
async def keep_organization(session: DbSession, actor: CurrentActor) -> None:
    """Take the deletion back."""
    await deletions.take_back(session, actor)


@router.post(
    "/transfer",
    status_code=status.HTTP_204_NO_CONTENT,
    dependencies=[Depends(needs(Permission.TRANSFER_ORGANIZATION, fresh=True))],
)
async def transfer_organization(
    wanted: Handover, session: DbSession, actor: CurrentActor
) -> None:
    """Make another member the owner; the one who asks becomes an admin."""
    await members.hand_over(session, actor, wanted.member_id)


@router.patch(
    "",
    response_model=OrganizationRead,
    dependencies=[Depends(needs(Permission.EDIT_ORGANIZATION, fresh=True))],
    responses=TAGGED,
)
async def update_organization(
    wanted: OrganizationUpdate,
    session: DbSession,
    actor: CurrentActor,
    etag: ETag,
    if_match: IfMatch,
) -> Organization:
    """Rename the organization; ask for a second factor, or no longer. Members without
    one then reach only `/auth`, where they can set one up."""
    organization = await organizations.update(session, actor, wanted, expected=if_match)
    etag(organizations.tag(organization))
    return organization
