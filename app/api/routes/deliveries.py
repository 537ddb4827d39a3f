"""Deliveries: what each channel and webhook endpoint was told, and telling it again."""

from uuid import UUID

from fastapi import Depends, status

from app.api.deps import CurrentActor, DbSession, Page, needs
from app.api.router import Router
from app.core.notice import NoticeEvent
from app.core.permissions import Permission
from app.models.notification import (
    DeliveryStatus,
    NotificationChannel,
    WebhookEndpoint,
)
from app.models.purge import PurgeKind
from app.schemas.base import HistoryOf
from app.schemas.deliveries import DeliveryRead, Replayed, ReplayInput
from app.services import delivery_log, purges

router = Router(tags=["notifications"])

_READ = [Depends(needs(Permission.READ_NOTIFICATIONS))]
_EDIT = [Depends(needs(Permission.EDIT_NOTIFICATIONS))]


@router.get("/deliveries", dependencies=_READ)
async def list_deliveries(
    *,
    session: DbSession,
    actor: CurrentActor,
    page: Page,
    status: DeliveryStatus | None = None,
    event: NoticeEvent | None = None,
) -> HistoryOf[DeliveryRead]:
    """What all channels and endpoints were told, the newest first: `status` `dead` and
    `failed` are what nobody took."""
    found = await delivery_log.page_of_all(
        session, actor, page, status=status, event=event
    )
    told = await purges.told(session, actor, PurgeKind.DELIVERIES, found)
    return HistoryOf[DeliveryRead].model_validate(told, from_attributes=True)


@router.get("/notification-channels/{id}/deliveries", dependencies=_READ)
async def list_deliveries_of_channel(
    *,
    id: UUID,
    session: DbSession,
    actor: CurrentActor,
    page: Page,
    status: DeliveryStatus | None = None,
    event: NoticeEvent | None = None,
) -> HistoryOf[DeliveryRead]:
    """What a channel was told, the newest first, with each try."""
    found = await delivery_log.page_of(
        session, actor, page, NotificationChannel, id, status=status, event=event
    )
    told = await purges.told(session, actor, PurgeKind.DELIVERIES, found)
    return HistoryOf[DeliveryRead].model_validate(told, from_attributes=True)


@router.get("/webhook-endpoints/{id}/deliveries", dependencies=_READ)
async def list_deliveries_of_endpoint(
    *,
    id: UUID,
    session: DbSession,
    actor: CurrentActor,
    page: Page,
    status: DeliveryStatus | None = None,
    event: NoticeEvent | None = None,
) -> HistoryOf[DeliveryRead]:
    """What a webhook endpoint was sent, the newest first, with each try."""
    found = await delivery_log.page_of(
        session, actor, page, WebhookEndpoint, id, status=status, event=event
    )
    told = await purges.told(session, actor, PurgeKind.DELIVERIES, found)
    return HistoryOf[DeliveryRead].model_validate(told, from_attributes=True)


@router.post(
    "/deliveries/{id}/replay",
    dependencies=_EDIT,
    status_code=status.HTTP_202_ACCEPTED,
)
async def replay_delivery(
    id: UUID, session: DbSession, actor: CurrentActor
) -> DeliveryRead:
    """Send once more what came to its end, as a delivery with an id of its own. As long
    as that waits, a repeat answers the same one."""
    replayed = await delivery_log.replay(session, actor, id)
    return DeliveryRead.model_validate(replayed)


@router.post(
    "/notification-channels/{id}/deliveries/replay",
    dependencies=_EDIT,
    status_code=status.HTTP_202_ACCEPTED,
)
async def replay_deliveries_of_channel(
    id: UUID, entry: ReplayInput, session: DbSession, actor: CurrentActor
) -> Replayed:
    """Tell a channel again what it refused, or what was given up, since an instant:
    each once, up to 1,000 at a time."""
    done, left = await delivery_log.replay_given_up(
        session, actor, NotificationChannel, id, since=entry.since
    )
    return Replayed(replayed=done, left=left)


@router.post(
    "/webhook-endpoints/{id}/deliveries/replay",
    dependencies=_EDIT,
    status_code=status.HTTP_202_ACCEPTED,
)
async def replay_deliveries_of_endpoint(
    id: UUID, entry: ReplayInput, session: DbSession, actor: CurrentActor
) -> Replayed:
    """The same of a webhook endpoint."""
    done, left = await delivery_log.replay_given_up(
        session, actor, WebhookEndpoint, id, since=entry.since
    )
    return Replayed(replayed=done, left=left)
