"""API keys: one's own, and those of the organization."""

from typing import Any
from uuid import UUID

from fastapi import Depends, status

from app.api.deps import CurrentActor, DbSession, IdempotencyKey, Page, needs
from app.api.router import Router
from app.core.permissions import Permission
from app.schemas.api_keys import APIKeyInput, APIKeyMade, APIKeyRead
from app.schemas.base import PageOf
from app.services import api_keys
from app.services.paging import Slice

router = Router(prefix="/api-keys", tags=["API keys"])


@router.get(
    "",
    response_model=PageOf[APIKeyRead],
    dependencies=[Depends(needs(Permission.READ_API_KEYS))],
)
async def list_api_keys(
    session: DbSession, actor: CurrentActor, page: Page
) -> Slice[Any]:
    """Your keys; with `service_keys.edit`, everybody's and the organization's. Those
    that are over stay in the list. Newest first."""
    return await api_keys.page_of(session, actor, page)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    dependencies=[Depends(needs(Permission.EDIT_API_KEYS, fresh=True))],
)
async def make_api_key(
    entry: APIKeyInput,
    session: DbSession,
    actor: CurrentActor,
    idempotency_key: IdempotencyKey = None,
) -> APIKeyMade:
    """Make a key. Its text is in this answer and never again: we keep its hash alone. A
    repeat with the same Idempotency-Key makes no second one and answers the same key
    with `key` null; whoever lost the first answer revokes it and makes another."""
    made = await api_keys.make(session, actor, entry, idempotency_key=idempotency_key)
    shown = APIKeyRead.model_validate(made.shown)
    return APIKeyMade(**shown.model_dump(), key=made.text)


@router.get(
    "/{id}",
    response_model=APIKeyRead,
    dependencies=[Depends(needs(Permission.READ_API_KEYS))],
)
async def read_api_key(id: UUID, session: DbSession, actor: CurrentActor) -> Any:
    """What is known of a key: never its secret."""
    return await api_keys.get(session, actor, id)


@router.delete(
    "/{id}",
    status_code=status.HTTP_204_NO_CONTENT,
    dependencies=[Depends(needs(Permission.EDIT_API_KEYS, fresh=True))],
)
async def revoke_api_key(id: UUID, session: DbSession, actor: CurrentActor) -> None:
    """Revoke a key, for good: its next request is refused, and its event streams end
    within 5 seconds. It stays in the list, so that the log can be read."""
    await api_keys.revoke(session, actor, id)
