"""Mutes: of what nothing is told for a while."""

from uuid import UUID

from fastapi import Depends, status

from app.api.deps import CurrentActor, DbSession, IdempotencyKey, Page, needs
from app.api.router import Router
from app.core.permissions import Permission
from app.schemas.base import PageOf
from app.schemas.notification_mutes import MuteInput, MuteRead
from app.services import notification_mutes

router = Router(prefix="/notification-mutes", tags=["notifications"])


@router.get("", dependencies=[Depends(needs(Permission.READ_NOTIFICATIONS))])
async def list_notification_mutes(
    session: DbSession, actor: CurrentActor, page: Page
) -> PageOf[MuteRead]:
    """The mutes that stand, newest first."""
    found = await notification_mutes.page_of(session, actor, page)
    return PageOf[MuteRead].model_validate(found, from_attributes=True)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    dependencies=[Depends(needs(Permission.EDIT_NOTIFICATIONS))],
)
async def make_notification_mute(
    entry: MuteInput,
    session: DbSession,
    actor: CurrentActor,
    idempotency_key: IdempotencyKey = None,
) -> MuteRead:
    """Mute one task, account, problem, channel or rule. What still goes on when the
    mute ends is told then; what a muted channel missed is not. Webhook endpoints are
    told everything."""
    return await notification_mutes.make(
        session, actor, entry, idempotency_key=idempotency_key
    )


@router.delete(
    "/{id}",
    status_code=status.HTTP_204_NO_CONTENT,
    dependencies=[Depends(needs(Permission.EDIT_NOTIFICATIONS))],
)
async def lift_notification_mute(
    id: UUID, session: DbSession, actor: CurrentActor
) -> None:
    """End a mute before its time: what went on meanwhile is told now."""
    await notification_mutes.lift(session, actor, id)
