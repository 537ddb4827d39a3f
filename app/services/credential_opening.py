"""Opens stored credentials, in a worker: from the row to a session at AWS.

The database is only asked in short units of work; keys are unwrapped, and AWS is asked,
when none is open.
"""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.aws.call import Guard
from app.aws.policy import Policy
from app.aws.regions import HOME_REGION
from app.aws.session import AWSKeys, Endpoint, PlatformSession, TenantSession
from app.aws.sts import (
    LONGEST_SESSION,
    SHORTEST_SESSION,
    assume_role,
    caller_identity,
    must_be_account,
)
from app.core.crypto import Envelope, KeyProvider, Place, unseal
from app.core.db import Database, Login
from app.core.errors import NotFound, NoVerifiedCredentials
from app.core.secret import Secret
from app.core.settings import Settings
from app.models.aws_account import (
    AWSAccount,
    AWSCredentials,
    AWSCredentialVersion,
    CredentialsKind,
    CredentialsPurpose,
    CredentialsStatus,
)
from app.models.organization import Organization
from app.services.connections import MAY_RUN, what_there_is


@dataclass(frozen=True, slots=True)
class OpenedRole:
    """A role to assume; `account_id` has 12 digits."""

    credentials_id: UUID
    version: int
    purpose: CredentialsPurpose
    account_id: str
    role_arn: str
    external_id: Secret


@dataclass(frozen=True, slots=True)
class OpenedKey:
    """An access key; its account is None until it was verified for the first time."""

    credentials_id: UUID
    version: int
    purpose: CredentialsPurpose
    account_id: str | None
    keys: AWSKeys


Opened = OpenedRole | OpenedKey


@dataclass(frozen=True, slots=True)
class StoredKey:
    """What is encrypted of an access key: both halves, as one text."""

    access_key_id: str
    secret_access_key: Secret = field(repr=False)

    def pack(self) -> Secret:
        halves = [self.access_key_id, self.secret_access_key.reveal()]
        return Secret(json.dumps(halves))

    @classmethod
    def unpack(cls, packed: Secret) -> "StoredKey":
        access_key_id, secret = json.loads(packed.reveal())
        return cls(access_key_id, Secret(secret))


def place_of(organization_id: UUID, credentials_id: UUID, version: int) -> Place:
    """Where an access key's ciphertext stands, and so the only place it opens at."""
    return Place(
        str(organization_id),
        str(credentials_id),
        version,
        "aws_credential_versions.ciphertext",
    )


async def open_session(
    database: Database,
    keys: KeyProvider,
    organization_id: UUID,
    aws_account_id: UUID,
    purpose: CredentialsPurpose,
) -> Opened:
    """The account's credentials that were verified last; or a key whose successor waits
    to be verified, so that a rotation has no gap.

    Raises NoVerifiedCredentials, which names what there is instead, or what `unseal`
    raises.
    """
    of_account = (
        AWSCredentials.aws_account_id == aws_account_id,
        AWSCredentials.purpose == purpose,
    )
    newest = (
        _known(organization_id)
        .where(*of_account, MAY_RUN)
        .order_by(AWSCredentials.verified_at.desc().nulls_last())
        .limit(1)
    )
    async with database.unit_of_work(
        Login.WORKER, organization_id=organization_id
    ) as session:
        version = case(
            (
                AWSCredentials.status == CredentialsStatus.PENDING,
                AWSCredentials.verified_version,
            ),
            else_=AWSCredentials.current_version,
        )
        row = (await session.execute(_with_ciphertext(newest, version))).one_or_none()
        if row is None:
            others = await session.scalars(_known(organization_id).where(*of_account))
            raise NoVerifiedCredentials(what_there_is(purpose, others.all()))
        stored = await _stored(session, *row)
    return await _opened(keys, stored)


async def open_one(
    database: Database, keys: KeyProvider, organization_id: UUID, credentials_id: UUID
) -> Opened:
    """These credentials in whatever status; NotFound once they are deleted."""
    async with database.unit_of_work(
        Login.WORKER, organization_id=organization_id
    ) as session:
        one = _known(organization_id).where(AWSCredentials.id == credentials_id)
        version = AWSCredentials.current_version.expression
        row = (await session.execute(_with_ciphertext(one, version))).one_or_none()
        if row is None:
            raise NotFound
        stored = await _stored(session, *row)
    return await _opened(keys, stored)


def connect(
    opened: Opened,
    platform: PlatformSession,
    endpoint: Endpoint,
    *,
    session_name: str,
    policy: Policy | None,
    guard: Guard,
    lasting: timedelta = SHORTEST_SESSION,
) -> TenantSession:
    """A session whose account was asked for and is the right one. Blocks: for worker
    threads. `policy` narrows a role's session, which lives as long as `lasting` asks
    within AWS's bounds; for access keys AWS knows neither.

    Sessions are not kept for the next execution: `session_name` names the execution in
    the customer's CloudTrail. Raises AWSError (`account_mismatch` among them).
    """
    if isinstance(opened, OpenedKey):
        aws_keys = opened.keys
    else:
        aws_keys = assume_role(
            platform,
            role_arn=opened.role_arn,
            external_id=opened.external_id,
            session_name=session_name,
            region=HOME_REGION,
            guard=guard,
            duration=max(SHORTEST_SESSION, min(lasting, LONGEST_SESSION)),
            policy=policy,
        )
    session = TenantSession(aws_keys, opened.account_id, endpoint)
    identity = caller_identity(session, region=HOME_REGION, guard=guard)
    if opened.account_id is not None:
        must_be_account(identity, opened.account_id, region=HOME_REGION)
    return session


def platform_session(settings: Settings, at: Endpoint | None = None) -> PlatformSession:
    """The deployment's own identity: the settings' key, or the container's role."""
    keys = None
    if settings.platform_access_key_id and settings.platform_secret_access_key:
        secret = settings.platform_secret_access_key.get_secret_value()
        keys = AWSKeys(settings.platform_access_key_id, Secret(secret))
    return PlatformSession(
        keys,
        at or endpoint(settings),
        container_credentials_uri=settings.aws_container_credentials_relative_uri,
    )


def endpoint(settings: Settings) -> Endpoint:
    return Endpoint(url=settings.aws_emulator_url)


async def destroy(
    session: AsyncSession, organization_id: UUID, credentials_id: UUID
) -> None:
    """Destroy the ciphertext of deleted credentials; again is as good as once.

    `session` is a worker's.
    """
    deleted = select(AWSCredentials.id).where(
        AWSCredentials.organization_id == organization_id,
        AWSCredentials.id == credentials_id,
        AWSCredentials.deleted_at.is_not(None),
    )
    await session.execute(
        delete(AWSCredentialVersion).where(
            AWSCredentialVersion.organization_id == organization_id,
            AWSCredentialVersion.credentials_id.in_(deleted),
        )
    )


# ── from the rows ────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Stored:
    row: AWSCredentials
    account_id: str | None
    external_id: Secret
    version: int
    envelope: Envelope | None


def _known(organization_id: UUID) -> Select[AWSCredentials]:
    return select(AWSCredentials).where(
        AWSCredentials.organization_id == organization_id,
        AWSCredentials.deleted_at.is_(None),
    )


def _with_ciphertext(
    known: Select[AWSCredentials], version: ColumnElement[Any]
) -> Select[AWSCredentials, AWSCredentialVersion | None]:
    """With that version of an access key; a role has none. By one statement: two
    could find credentials that are deleted, and their ciphertext destroyed, between."""
    return known.add_columns(AWSCredentialVersion).outerjoin(
        AWSCredentialVersion,
        and_(
            AWSCredentialVersion.organization_id == AWSCredentials.organization_id,
            AWSCredentialVersion.credentials_id == AWSCredentials.id,
            AWSCredentialVersion.version == version,
        ),
    )


async def _stored(
    session: AsyncSession, row: AWSCredentials, version: AWSCredentialVersion | None
) -> _Stored:
    account_id = await session.scalar(
        select(AWSAccount.account_id).where(
            AWSAccount.organization_id == row.organization_id,
            AWSAccount.id == row.aws_account_id,
        )
    )
    external_id = (
        await session.scalars(
            select(Organization.aws_external_id).where(
                Organization.id == row.organization_id
            )
        )
    ).one()
    assert (row.kind is CredentialsKind.ACCESS_KEY) == (version is not None)
    number, envelope = row.current_version, None
    if version is not None:
        number = version.version
        envelope = Envelope(version.key_id, version.wrapped_key, version.ciphertext)
    return _Stored(row, account_id, Secret(external_id), number, envelope)


async def _opened(keys: KeyProvider, stored: _Stored) -> Opened:
    row = stored.row
    if stored.envelope is None:
        assert row.role_arn is not None
        assert stored.account_id is not None
        return OpenedRole(
            row.id,
            stored.version,
            row.purpose,
            stored.account_id,
            row.role_arn,
            stored.external_id,
        )
    place = place_of(row.organization_id, row.id, stored.version)
    key = StoredKey.unpack(await unseal(keys, stored.envelope, place))
    return OpenedKey(
        row.id,
        stored.version,
        row.purpose,
        stored.account_id,
        AWSKeys(key.access_key_id, key.secret_access_key),
    )
