"""Notification channels: where people are told."""

from typing import Any
from uuid import UUID

from fastapi import Depends, status

from app.api.deps import (
    CurrentActor,
    DatabaseOfApp,
    DbSession,
    GateOfVisitor,
    IdempotencyKey,
    KeysOfApp,
    Page,
    SettingsOfApp,
    needs,
)
from app.api.etags import TAGGED, ETag, IfMatch
from app.api.router import Router
from app.core.permissions import Permission
from app.models.notification import NotificationChannel
from app.schemas.base import PageOf
from app.schemas.channels import (
    ChannelConfirmationInput,
    ChannelInput,
    ChannelPatch,
    ChannelRead,
)
from app.services import channel_confirmations, channels
from app.services.paging import Slice
from app.services.throttling import Act, attempt

router = Router(prefix="/notification-channels", tags=["notifications"])

_READ = [Depends(needs(Permission.READ_NOTIFICATIONS))]
_EDIT = [Depends(needs(Permission.EDIT_NOTIFICATIONS))]


@router.get("", response_model=PageOf[ChannelRead], dependencies=_READ)
async def list_channels(
    session: DbSession, actor: CurrentActor, page: Page
) -> Slice[Any]:
    """All of them, newest first."""
    return await channels.page_of(session, actor, page)


@router.post("", status_code=status.HTTP_201_CREATED, dependencies=_EDIT)
async def add_channel(  # noqa: PLR0917 — a route's parameters are injected
    entry: ChannelInput,
    session: DbSession,
    actor: CurrentActor,
    settings: SettingsOfApp,
    keys: KeysOfApp,
    idempotency_key: IdempotencyKey = None,
) -> ChannelRead:
    """Add a channel; at most 50. An address is told nothing until whoever reads it has
    opened the link that is mailed to it."""
    return await channels.add(
        session,
        actor,
        entry,
        settings=settings,
        keys=keys,
        idempotency_key=idempotency_key,
    )


@router.post("/confirm", status_code=status.HTTP_204_NO_CONTENT)
async def confirm_channel(
    mailed: ChannelConfirmationInput, database: DatabaseOfApp, gate: GateOfVisitor
) -> None:
    """Use the token of a mailed link: its reader wants to be told at that address. It
    needs no account."""
    async with attempt(gate, Act.CONFIRM_CHANNEL):
        await channel_confirmations.confirm(database, mailed.token)


@router.get("/{id}", response_model=ChannelRead, dependencies=_READ, responses=TAGGED)
async def read_channel(
    id: UUID, session: DbSession, actor: CurrentActor, etag: ETag
) -> NotificationChannel:
    """One channel, with what became of its last test."""
    row = await channels.get(session, actor, id)
    etag(channels.tag(row))
    return row


@router.patch("/{id}", response_model=ChannelRead, dependencies=_EDIT, responses=TAGGED)
async def update_channel(  # noqa: PLR0917 — a route's parameters are injected
    id: UUID,
    entry: ChannelPatch,
    session: DbSession,
    actor: CurrentActor,
    settings: SettingsOfApp,
    keys: KeysOfApp,
    etag: ETag,
    if_match: IfMatch,
) -> NotificationChannel:
    """Change a channel. Another secret takes the place of the present one at once;
    another address is to be confirmed anew."""
    row = await channels.update(
        session, actor, id, entry, settings=settings, keys=keys, expected=if_match
    )
    etag(channels.tag(row))
    return row


@router.delete("/{id}", status_code=status.HTTP_204_NO_CONTENT, dependencies=_EDIT)
async def delete_channel(id: UUID, session: DbSession, actor: CurrentActor) -> None:
    """Delete a channel and destroy its secret. What was told stays on record."""
    await channels.delete(session, actor, id)


@router.post(
    "/{id}/test",
    response_model=ChannelRead,
    status_code=status.HTTP_202_ACCEPTED,
    dependencies=_EDIT,
)
async def check_channel(
    id: UUID, session: DbSession, actor: CurrentActor
) -> NotificationChannel:
    """Send a test. Follow the channel until `test_pending` is false."""
    return await channels.request_test(session, actor, id)


@router.post(
    "/{id}/confirmation",
    response_model=ChannelRead,
    status_code=status.HTTP_202_ACCEPTED,
    dependencies=_EDIT,
)
async def ask_for_confirmation(
    id: UUID, session: DbSession, actor: CurrentActor, settings: SettingsOfApp
) -> NotificationChannel:
    """Mail the address of a channel another link, unless one that works is on its
    way."""
    return await channels.ask_confirmation(session, settings, actor, id)
