"""Ways into AWS accounts: onboarding, connecting, verifying, deleting."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, status

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
from app.models.aws_account import AWSCredentials
from app.schemas.aws_credentials import (
    CredentialsConnect,
    CredentialsRead,
    CredentialsUpdate,
    Onboarding,
    PreflightRead,
)
from app.schemas.base import PageOf
from app.schemas.credential_bulk import BulkConnect, BulkConnected
from app.schemas.policies import PolicyPackage
from app.services import (
    credential_bulk,
    credentials,
    onboarding,
    policies,
    preflights,
)
from app.services.paging import Slice

router = Router(prefix="/aws-credentials", tags=["aws-credentials"])

_READ = [Depends(needs(Permission.READ_CREDENTIALS))]
_EDIT = [Depends(needs(Permission.EDIT_CREDENTIALS, fresh=True))]
_ASK = [Depends(needs(Permission.EDIT_CREDENTIALS))]


@router.get("/onboarding", dependencies=_READ)
async def show_onboarding(
    session: DbSession, actor: CurrentActor, settings: SettingsOfApp
) -> Onboarding:
    """What the owner of an AWS account needs to make the role."""
    return await onboarding.show(session, actor, settings=settings)


@router.get("", response_model=PageOf[CredentialsRead], dependencies=_READ)
async def list_credentials(
    session: DbSession,
    actor: CurrentActor,
    page: Page,
    aws_account_id: Annotated[UUID | None, Query()] = None,
) -> Slice[Any]:
    """The connections, newest first."""
    return await credentials.page_of(
        session, actor, page, aws_account_id=aws_account_id
    )


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    dependencies=_EDIT,
)
async def connect_credentials(  # noqa: PLR0917 — a route's parameters are injected
    entry: CredentialsConnect,
    session: DbSession,
    actor: CurrentActor,
    settings: SettingsOfApp,
    keys: KeysOfApp,
    idempotency_key: IdempotencyKey = None,
) -> CredentialsRead:
    """Connect a role or an access key. It is verified at once; follow its status."""
    return await credentials.connect(
        session,
        actor,
        entry,
        settings=settings,
        keys=keys,
        idempotency_key=idempotency_key,
    )


@router.post("/bulk", dependencies=_EDIT)
async def connect_many_credentials(
    wanted: BulkConnect,
    session: DbSession,
    actor: CurrentActor,
    settings: SettingsOfApp,
    idempotency_key: IdempotencyKey = None,
) -> BulkConnected:
    """Connect up to 300 roles, such as one StackSet has made. Each item has one
    outcome; what is wrong with one keeps none of the others back. What is new is
    verified, some at once and then one each second."""
    return await credential_bulk.connect_many(
        session, actor, wanted, settings=settings, idempotency_key=idempotency_key
    )


@router.get(
    "/{id}", response_model=CredentialsRead, dependencies=_READ, responses=TAGGED
)
async def read_credentials(
    id: UUID, session: DbSession, actor: CurrentActor, etag: ETag
) -> AWSCredentials:
    """One connection, with every check of its last verification."""
    row = await credentials.get(session, actor, id)
    etag(credentials.tag(row))
    return row


@router.patch(
    "/{id}", response_model=CredentialsRead, dependencies=_EDIT, responses=TAGGED
)
async def update_credentials(  # noqa: PLR0917 — a route's parameters are injected
    id: UUID,
    entry: CredentialsUpdate,
    session: DbSession,
    actor: CurrentActor,
    settings: SettingsOfApp,
    keys: KeysOfApp,
    etag: ETag,
    if_match: IfMatch,
) -> AWSCredentials:
    """Rename a connection, or replace its role or key, which is then verified."""
    row = await credentials.update(
        session, actor, id, entry, settings=settings, keys=keys, expected=if_match
    )
    etag(credentials.tag(row))
    return row


@router.delete("/{id}", status_code=status.HTTP_204_NO_CONTENT, dependencies=_EDIT)
async def delete_credentials(id: UUID, session: DbSession, actor: CurrentActor) -> None:
    """Delete a connection and destroy its secret. An account without another way in
    drops out of the tasks that name it; its history stays."""
    await credentials.delete(session, actor, id)


@router.post(
    "/{id}/verify",
    response_model=CredentialsRead,
    status_code=status.HTTP_202_ACCEPTED,
    dependencies=_ASK,
)
async def verify_credentials(
    id: UUID, session: DbSession, actor: CurrentActor
) -> AWSCredentials:
    """Verify a connection again. Follow it until `verification_pending` is false."""
    return await credentials.request_verification(session, actor, id)


@router.get("/{id}/preflight", dependencies=_READ)
async def show_preflight(
    id: UUID, session: DbSession, actor: CurrentActor
) -> PreflightRead:
    """Every action that the tasks on this account would be refused, as IAM simulated it
    when the credentials were verified last. Verify again for a new answer."""
    return await preflights.show(session, actor, id)


@router.get("/{id}/policy", dependencies=_READ)
async def show_policy(
    id: UUID, session: DbSession, actor: CurrentActor, settings: SettingsOfApp
) -> PolicyPackage:
    """The least that the tasks on this account need: as policies, and with the role as
    CloudFormation template, StackSet and Terraform. For a connection to read these are
    the tasks that read, for one to write those that change something."""
    row = await credentials.get(session, actor, id)
    needed = await policies.of_credentials(session, actor, row)
    return await onboarding.packed(
        session, actor, needed, settings=settings, purpose=row.purpose
    )
