"""Who belongs to the organization."""

from typing import Any
from uuid import UUID

from fastapi import Depends, status

from app.api.deps import CurrentActor, DbSession, Page, needs
from app.api.etags import TAGGED, ETag, IfMatch
from app.api.router import Router
from app.core.permissions import Permission
from app.schemas.base import PageOf
from app.schemas.members import MemberPatch, MemberRead
from app.services import members
from app.services.paging import Slice

router = Router(prefix="/members", tags=["members"])

_READ = [Depends(needs(Permission.READ_MEMBERS))]
_EDIT = [Depends(needs(Permission.EDIT_MEMBERS, fresh=True))]


@router.get("", response_model=PageOf[MemberRead], dependencies=_READ)
async def list_members(
    session: DbSession, actor: CurrentActor, page: Page
) -> Slice[Any]:
    """The members, newest first; who is limited to some accounts sees itself alone."""
    return await members.page_of(session, actor, page)


@router.get("/{id}", response_model=MemberRead, dependencies=_READ, responses=TAGGED)
async def read_member(
    id: UUID, session: DbSession, actor: CurrentActor, etag: ETag
) -> Any:
    """One member; to who is limited to some accounts, itself alone."""
    member = await members.get(session, actor, id)
    etag(members.tag(member))
    return member


@router.patch("/{id}", response_model=MemberRead, dependencies=_EDIT, responses=TAGGED)
async def change_member(  # noqa: PLR0917 — a route's parameters are injected
    id: UUID,
    patch: MemberPatch,
    session: DbSession,
    actor: CurrentActor,
    etag: ETag,
    if_match: IfMatch,
) -> Any:
    """Change another's role, limit or end. It acts on their next request."""
    member = await members.change(session, actor, id, patch, expected=if_match)
    etag(members.tag(member))
    return member


@router.delete("/{id}", status_code=status.HTTP_204_NO_CONTENT, dependencies=_EDIT)
async def remove_member(id: UUID, session: DbSession, actor: CurrentActor) -> None:
    """Remove another from the organization. Their next request is refused."""
    await members.remove(session, actor, id)
