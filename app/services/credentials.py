"""Ways into AWS accounts, as people see them: connected, replaced, verified, deleted.
A secret is encrypted on arrival; this side cannot read it again."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.crypto import Envelope, KeyProvider
from app.core.errors import NotFound, StaleVersion
from app.core.ids import new_id
from app.core.settings import Settings
from app.core.tokens import derive_token
from app.models.aws_account import (
    AWSAccount,
    AWSCredentials,
    CredentialsKind,
    CredentialsStatus,
)
from app.schemas.aws_credentials import (
    CredentialsConnect,
    CredentialsRead,
    CredentialsUpdate,
    WayIn,
)
from app.services import (
    audit,
    connections,
    credential_entries,
    credential_sealing,
    editing,
    idempotency,
    memberships,
    outbox,
    plan_limits,
)
from app.services.editing import Tags
from app.services.outbox import OutboxKind
from app.services.paging import Page, Slice, paginate
from app.services.scoping import on_visible_account


async def page_of(
    session: AsyncSession,
    actor: Actor,
    page: Page,
    *,
    aws_account_id: UUID | None = None,
) -> Slice[Any]:
    statement = select(AWSCredentials).where(*_visible(actor))
    if aws_account_id is not None:
        statement = statement.where(AWSCredentials.aws_account_id == aws_account_id)
    return await paginate(session, statement, page, by=[AWSCredentials.id])


async def get(
    session: AsyncSession, actor: Actor, credentials_id: UUID, *, lock: bool = False
) -> AWSCredentials:
    """Raises NotFound for what is deleted or not the actor's to see."""
    statement = select(AWSCredentials).where(
        AWSCredentials.id == credentials_id, *_visible(actor)
    )
    if lock:
        statement = statement.with_for_update()
    row = await session.scalar(statement)
    if row is None:
        raise NotFound
    return row


def tag(row: AWSCredentials) -> str:
    """What of them can be edited, as one word. The version stands for key or role."""
    return editing.tag_of(row.name, row.current_version)


async def connect(
    session: AsyncSession,
    actor: Actor,
    entry: CredentialsConnect,
    *,
    settings: Settings,
    keys: KeyProvider,
    idempotency_key: str | None = None,
) -> CredentialsRead:
    """Record a way into an account, once for each key, and ask for its verification."""

    credential_entries.must_be_verified(actor)
    credential_entries.refuse_members_of_other_kinds(entry.kind, entry, needed=True)
    repeat: dict[str, Any] = {
        "route": "aws_credentials.connect",
        "key": idempotency_key,
        "request": _request(entry, settings),
    }
    # A repeat is answered without asking the key service once more.
    earlier = await idempotency.earlier_as(session, actor, CredentialsRead, **repeat)
    if earlier is not None:
        return earlier
    id = new_id()
    sealed = await credential_sealing.seal(session, actor, entry, (id, 1), keys=keys)

    async def act() -> AWSCredentials:
        await plan_limits.hold(session, actor.organization_id)
        # While many are connected at once (credential_bulk.py), none comes between.
        await memberships.lock(session, actor.organization_id)
        account = await credential_entries.account_of_entry(session, actor, entry)
        row = made_of(actor, entry, account, id=id)
        _take(row, entry, settings=settings)
        await add(session, actor, row)
        if sealed is not None:
            await credential_sealing.store(session, row, sealed)
        return row

    return await idempotency.once_as(session, actor, CredentialsRead, act, **repeat)


def _request(entry: CredentialsConnect, settings: Settings) -> dict[str, Any]:
    """What must be equal for a request to be a repeat."""
    request = entry.model_dump(mode="json")
    if entry.secret_access_key is not None:
        # Another secret is another request; what is kept does not let it be tried.
        secret = entry.secret_access_key.get_secret_value()
        request["secret_access_key"] = derive_token(settings, "idempotency", secret)
    return request


def made_of(
    actor: Actor,
    entry: CredentialsConnect,
    account: AWSAccount | None,
    *,
    id: UUID | None = None,
) -> AWSCredentials:
    """The row of a new way in; of an access key, without what `add` does not need."""
    return AWSCredentials(
        id=id or new_id(),
        organization_id=actor.organization_id,
        name=entry.name,
        kind=entry.kind,
        purpose=entry.purpose,
        status=CredentialsStatus.PENDING,
        aws_account_id=None if account is None else account.id,
        role_arn=entry.role_arn,
        current_version=1,
        created_by=actor.person,
    )


async def add(
    session: AsyncSession,
    actor: Actor,
    row: AWSCredentials,
    *,
    verify_at: datetime | None = None,
) -> None:
    """Record the new way in, and ask for its verification at once or then."""
    row.verify_requested_at = await _now(session)
    if row.kind is CredentialsKind.ACCESS_KEY:
        row.key_stored_at = row.verify_requested_at
    session.add(row)
    await session.flush()
    await _record(session, actor, row, "aws_credentials.connected")
    await _ask_to_verify(session, row, at=verify_at)


async def update(
    session: AsyncSession,
    actor: Actor,
    credentials_id: UUID,
    entry: CredentialsUpdate,
    *,
    settings: Settings,
    keys: KeyProvider,
    expected: Tags = None,
) -> AWSCredentials:
    """Rename, or replace the role or key: that is a new version, and verified anew.
    Raises StaleVersion where the present one is not expected."""
    sealed = None
    if entry.access_key_id is not None:
        row = await get(session, actor, credentials_id)
        _must_fit(row, entry, expected)
        credential_entries.must_be_verified(actor)
        place = (row.id, row.current_version + 1)
        sealed = await credential_sealing.seal(session, actor, entry, place, keys=keys)
    if entry.name is not None:
        await memberships.lock(session, actor.organization_id)
    row = await get(session, actor, credentials_id, lock=True)
    _must_fit(row, entry, expected)
    if sealed is not None and place != (row.id, row.current_version + 1):
        raise StaleVersion("Another key took its place. Try again.")
    if entry.name is not None:
        row.name = entry.name
        await session.flush()
        await _record(session, actor, row, "aws_credentials.renamed")
    if entry.role_arn is not None or sealed is not None:
        credential_entries.must_be_verified(actor)
        await _replace(session, actor, row, entry, sealed, settings=settings)
    return row


def _must_fit(row: AWSCredentials, entry: CredentialsUpdate, expected: Tags) -> None:
    editing.must_match(expected, tag(row))
    credential_entries.refuse_members_of_other_kinds(row.kind, entry, needed=False)


async def _replace(
    session: AsyncSession,
    actor: Actor,
    row: AWSCredentials,
    entry: CredentialsUpdate,
    sealed: Envelope | None,
    *,
    settings: Settings,
) -> None:
    if entry.role_arn is not None:
        await credential_entries.must_stay_in_account(
            session, row, credential_entries.account_id_of(entry.role_arn)
        )
    _take(row, entry, settings=settings)
    row.current_version += 1
    row.status = CredentialsStatus.PENDING
    row.reason, row.error, row.checks, row.verified_at = None, None, [], None
    row.preflight = None
    row.verify_requested_at = await _now(session)
    if sealed is not None:
        row.key_stored_at = row.verify_requested_at
        row.key_created_at, row.key_warned_at = None, None
    await session.flush()
    if sealed is not None:
        await credential_sealing.store(session, row, sealed)
    await _record(session, actor, row, "aws_credentials.replaced")
    await _ask_to_verify(session, row)


async def request_verification(
    session: AsyncSession, actor: Actor, credentials_id: UUID
) -> AWSCredentials:
    """Ask for a verification; until it has ended, the earlier outcome stands."""
    row = await get(session, actor, credentials_id, lock=True)
    row.verify_requested_at = await _now(session)
    await session.flush()
    await _record(session, actor, row, "aws_credentials.verification_requested")
    await _ask_to_verify(session, row)
    return row


async def delete(session: AsyncSession, actor: Actor, credentials_id: UUID) -> None:
    """Delete for good: a job destroys the ciphertext, and the account drops out of
    tasks if this was its last usable way in."""
    row = await get(session, actor, credentials_id, lock=True)
    row.status, row.deleted_at = CredentialsStatus.DELETED, await _now(session)
    await session.flush()
    await _record(session, actor, row, "aws_credentials.deleted")
    if row.kind is CredentialsKind.ACCESS_KEY:
        await outbox.post(
            session,
            organization_id=row.organization_id,
            kind=OutboxKind.CREDENTIALS_DESTROY,
            subject_id=row.id,
        )
    if row.aws_account_id is not None:
        await connections.leave(session, actor, row.aws_account_id, purpose=row.purpose)


# ── what is stored ───────────────────────────────────────────────────────────────


def _take(row: AWSCredentials, entry: WayIn, *, settings: Settings) -> None:
    """Put on the row what may be shown."""
    row.role_arn = entry.role_arn
    if entry.access_key_id is not None:
        row.access_key_last4 = entry.access_key_id[-4:]
        row.access_key_fingerprint = derive_token(
            settings, "aws-access-key", str(row.organization_id), entry.access_key_id
        )


async def _ask_to_verify(
    session: AsyncSession, row: AWSCredentials, *, at: datetime | None = None
) -> None:
    await outbox.post(
        session,
        organization_id=row.organization_id,
        kind=OutboxKind.CREDENTIALS_VERIFY,
        subject_id=row.id,
        not_before=at,
    )


async def _record(
    session: AsyncSession, actor: Actor, row: AWSCredentials, action: str
) -> None:
    await audit.record(
        session,
        organization_id=actor.organization_id,
        actor=actor.signature,
        action=action,
        subject_type="aws_credentials",
        subject_id=row.id,
        detail={
            "name": row.name,
            "kind": row.kind,
            "purpose": row.purpose,
            "version": row.current_version,
        },
    )


def _visible(actor: Actor) -> tuple[Any, ...]:
    return (
        on_visible_account(
            actor, AWSCredentials.organization_id, AWSCredentials.aws_account_id
        ),
        AWSCredentials.deleted_at.is_(None),
    )


async def _now(session: AsyncSession) -> datetime:
    now: datetime | None = await session.scalar(select(func.app_now()))
    assert now is not None
    return now
