"""Webhook endpoints: where signed events are posted to."""

from typing import Any
from uuid import UUID

from fastapi import Depends, status

from app.api.deps import (
    CurrentActor,
    DbSession,
    IdempotencyKey,
    KeysOfApp,
    Page,
    SettingsOfApp,
    needs,
)
from app.api.etags import TAGGED, ETag, IfMatch
from app.api.router import Router
from app.core.permissions import Permission
from app.models.notification import WebhookEndpoint
from app.schemas.base import PageOf
from app.schemas.webhook_endpoints import (
    EndpointInput,
    EndpointMade,
    EndpointPatch,
    EndpointRead,
)
from app.services import webhook_endpoints
from app.services.paging import Slice

router = Router(prefix="/webhook-endpoints", tags=["notifications"])

_READ = [Depends(needs(Permission.READ_NOTIFICATIONS))]
_EDIT = [Depends(needs(Permission.EDIT_NOTIFICATIONS))]


@router.get("", response_model=PageOf[EndpointRead], dependencies=_READ)
async def list_endpoints(
    session: DbSession, actor: CurrentActor, page: Page
) -> Slice[Any]:
    """All of them, newest first."""
    return await webhook_endpoints.page_of(session, actor, page)


@router.post("", status_code=status.HTTP_201_CREATED, dependencies=_EDIT)
async def add_endpoint(  # noqa: PLR0917 — a route's parameters are injected
    entry: EndpointInput,
    session: DbSession,
    actor: CurrentActor,
    settings: SettingsOfApp,
    keys: KeysOfApp,
    idempotency_key: IdempotencyKey = None,
) -> EndpointMade:
    """Add an endpoint; at most 20. Its secret is in this answer and never again: it is
    what events are signed with, as the Standard Webhooks specification says."""
    made = await webhook_endpoints.add(
        session,
        actor,
        entry,
        settings=settings,
        keys=keys,
        idempotency_key=idempotency_key,
    )
    return _shown(made)


@router.get("/{id}", response_model=EndpointRead, dependencies=_READ, responses=TAGGED)
async def read_endpoint(
    id: UUID, session: DbSession, actor: CurrentActor, etag: ETag
) -> WebhookEndpoint:
    """One endpoint, with what became of its last test."""
    row = await webhook_endpoints.get(session, actor, id)
    etag(webhook_endpoints.tag(row))
    return row


@router.patch(
    "/{id}", response_model=EndpointRead, dependencies=_EDIT, responses=TAGGED
)
async def update_endpoint(  # noqa: PLR0917 — a route's parameters are injected
    id: UUID,
    entry: EndpointPatch,
    session: DbSession,
    actor: CurrentActor,
    etag: ETag,
    if_match: IfMatch,
) -> WebhookEndpoint:
    """Change where what is posted to, or whether anything is."""
    row = await webhook_endpoints.update(session, actor, id, entry, expected=if_match)
    etag(webhook_endpoints.tag(row))
    return row


@router.delete("/{id}", status_code=status.HTTP_204_NO_CONTENT, dependencies=_EDIT)
async def delete_endpoint(id: UUID, session: DbSession, actor: CurrentActor) -> None:
    """Delete an endpoint and destroy its secrets. What was told stays on record."""
    await webhook_endpoints.delete(session, actor, id)


@router.post("/{id}/rotate-secret", dependencies=_EDIT)
async def rotate_secret(  # noqa: PLR0917 — a route's parameters are injected
    id: UUID,
    session: DbSession,
    actor: CurrentActor,
    settings: SettingsOfApp,
    keys: KeysOfApp,
    idempotency_key: IdempotencyKey = None,
) -> EndpointMade:
    """Make another secret, which is in this answer and never again. For 24 hours events
    are signed with the one before as well, so that the receiver can change over."""
    made = await webhook_endpoints.rotate_secret(
        session,
        actor,
        id,
        settings=settings,
        keys=keys,
        idempotency_key=idempotency_key,
    )
    return _shown(made)


@router.post(
    "/{id}/test",
    response_model=EndpointRead,
    status_code=status.HTTP_202_ACCEPTED,
    dependencies=_EDIT,
)
async def check_endpoint(
    id: UUID, session: DbSession, actor: CurrentActor
) -> WebhookEndpoint:
    """Post an event `test`. Follow the endpoint until `test_pending` is false."""
    return await webhook_endpoints.request_test(session, actor, id)


def _shown(made: webhook_endpoints.Made) -> EndpointMade:
    text = None if made.secret is None else made.secret.reveal()
    return EndpointMade(**made.shown.model_dump(exclude={"test_pending"}), secret=text)
