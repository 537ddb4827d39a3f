"""AWS accounts: names, labels, exclusions."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query

from app.api.deps import CurrentActor, DbSession, Page, needs
from app.api.etags import TAGGED, ETag, IfMatch
from app.api.router import Router
from app.core.permissions import Permission
from app.models.aws_account import AWSAccount
from app.schemas.aws_accounts import AccountRead, AccountUpdate
from app.schemas.base import PageOf
from app.services import accounts
from app.services.paging import Slice

router = Router(prefix="/aws-accounts", tags=["aws-accounts"])

_READ = [Depends(needs(Permission.READ_ACCOUNTS))]


@router.get("", response_model=PageOf[AccountRead], dependencies=_READ)
async def list_accounts(
    session: DbSession,
    actor: CurrentActor,
    page: Page,
    connected: Annotated[bool | None, Query()] = None,
) -> Slice[Any]:
    """The accounts, newest first; `connected` leaves out the others."""
    return await accounts.page_of(session, actor, page, connected=connected)


@router.get("/{id}", response_model=AccountRead, dependencies=_READ, responses=TAGGED)
async def read_account(
    id: UUID, session: DbSession, actor: CurrentActor, etag: ETag
) -> AWSAccount:
    """One account."""
    account = await accounts.get(session, actor, id)
    etag(accounts.tag(account))
    return account


@router.patch(
    "/{id}",
    response_model=AccountRead,
    dependencies=[Depends(needs(Permission.EDIT_ACCOUNTS))],
    responses=TAGGED,
)
async def update_account(  # noqa: PLR0917 — a route's parameters are injected
    id: UUID,
    entry: AccountUpdate,
    session: DbSession,
    actor: CurrentActor,
    etag: ETag,
    if_match: IfMatch,
) -> AWSAccount:
    """Change an account's name, labels or exclusions."""
    account = await accounts.update(session, actor, id, entry, expected=if_match)
    etag(accounts.tag(account))
    return account
