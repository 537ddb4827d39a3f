"""Inviting people into the organization."""

from functools import partial
from typing import Any
from uuid import UUID

from fastapi import Depends, status

from app.api.deps import (
    CurrentActor,
    DbSession,
    IdempotencyKey,
    Page,
    SettingsOfApp,
    needs,
)
from app.api.router import Router
from app.core.permissions import Permission
from app.schemas.base import PageOf
from app.schemas.members import InvitationCreate, InvitationMade, InvitationRead
from app.services import idempotency, invitations
from app.services.paging import Slice

router = Router(prefix="/invitations", tags=["members"])

_EDIT = [Depends(needs(Permission.EDIT_MEMBERS, fresh=True))]


@router.get(
    "",
    response_model=PageOf[InvitationRead],
    dependencies=[Depends(needs(Permission.READ_INVITATIONS))],
)
async def list_invitations(
    session: DbSession, actor: CurrentActor, page: Page
) -> Slice[Any]:
    """All of the organization's, newest first."""
    return await invitations.page_of(session, actor, page)


@router.post("", status_code=status.HTTP_201_CREATED, dependencies=_EDIT)
async def invite(
    wanted: InvitationCreate,
    session: DbSession,
    actor: CurrentActor,
    settings: SettingsOfApp,
    idempotency_key: IdempotencyKey = None,
) -> InvitationMade:
    """Invite somebody by a mailed link, which works for a week. An earlier invitation
    of the same address is withdrawn."""
    made = await idempotency.once_as(
        session,
        actor,
        InvitationRead,
        partial(invitations.invite, session, settings, actor, wanted),
        route="POST /invitations",
        key=idempotency_key,
        request=wanted.model_dump(mode="json"),
    )
    is_mailed = settings.smtp_url is not None
    link = None if is_mailed else invitations.link_of(settings, made.id)
    return InvitationMade(**made.model_dump(), link=link)


@router.delete("/{id}", status_code=status.HTTP_204_NO_CONTENT, dependencies=_EDIT)
async def withdraw_invitation(
    id: UUID, session: DbSession, actor: CurrentActor
) -> None:
    """Take an open invitation back: its link is of no use any more."""
    await invitations.withdraw(session, actor, id)
