"""Turns what a request bears, a token's claims or an API key, into the actor it stands
for, as things are now."""

import ipaddress
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID

import structlog
from sqlalchemy import (
    LargeBinary,
    Row,
    Uuid,
    and_,
    bindparam,
    column,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import api_keys
from app.core.actor import Actor
from app.core.db import Database, Login, execute
from app.core.errors import InvalidToken
from app.core.permissions import Role
from app.core.tokens import AccessClaims
from app.models.organization import APIKey, Member, Organization
from app.models.subscription import Subscription
from app.models.user import User, UserSession
from app.services.decisions import label_limits

log = structlog.get_logger(__name__)

# A key's use is written down at most once in so long, so that reading stays reading.
_NOTED = timedelta(minutes=1)
_FOUND = (
    column("key_id", Uuid),
    column("organization_id", Uuid),
    column("user_id", Uuid),
    column("secret_hash", LargeBinary),
)
_NOBODYS = bytes(32)
_NOW = func.app_now()
# Every request asks it.
_WHO_STANDS = (
    select(
        Member.role,
        Member.label_scope,
        User.email_verified_at,
        (_NOW - UserSession.proved_at).label("proof_age"),
        and_(Organization.mfa_required, User.mfa_enabled_at.is_(None)).label(
            "must_enrol"
        ),
        Subscription.is_read_only.label("is_read_only"),
    )
    .join(User, User.id == Member.user_id)
    .join(UserSession, UserSession.user_id == User.id)
    .join(Organization, Organization.id == Member.organization_id)
    .join(Subscription, Subscription.organization_id == Organization.id)
    .where(
        Member.organization_id == bindparam("organization_id"),
        Member.user_id == bindparam("user_id"),
        Member.removed_at.is_(None),
        or_(Member.expires_at.is_(None), Member.expires_at > _NOW),
        User.disabled_at.is_(None),
        UserSession.id == bindparam("session_id"),
        UserSession.revoked_at.is_(None),
        UserSession.expires_at > _NOW,
        Organization.deleted_at.is_(None),
    )
)
_Standing = Row[APIKey, Role, dict[str, Any] | None, bool, bool]


class _Whose(Protocol):
    @property
    def user_id(self) -> UUID: ...

    @property
    def organization_id(self) -> UUID: ...


def in_name_of(
    database: Database, whose: _Whose
) -> AbstractAsyncContextManager[AsyncSession]:
    """A unit of work of who is signed in, or is about to be."""
    return as_user(database, whose.user_id, whose.organization_id)


def as_user(
    database: Database, user_id: UUID, organization_id: UUID
) -> AbstractAsyncContextManager[AsyncSession]:
    """A unit of work of the user in one of its organizations."""
    return database.unit_of_work(
        Login.APP,
        organization_id=organization_id,
        user_id=user_id,
        actor=f"user:{user_id}",
    )


async def authenticate(session: AsyncSession, claims: AccessClaims) -> Actor:
    """The actor, if session, membership and organization still stand; a removed
    member or a revoked session is refused on its next request."""
    asked = {
        "organization_id": claims.organization_id,
        "user_id": claims.user_id,
        "session_id": claims.session_id,
    }
    row = (await execute(session, _WHO_STANDS, asked)).one_or_none()
    if row is None:
        raise InvalidToken("The session has ended.")
    return Actor(
        organization_id=claims.organization_id,
        user_id=claims.user_id,
        session_id=claims.session_id,
        role=row.role,
        email_verified=row.email_verified_at is not None,
        label_scope=row.label_scope,
        proof_age=row.proof_age,
        must_enrol=row.must_enrol,
        is_read_only=bool(row.is_read_only),
    )


async def authenticate_again(session: AsyncSession, actor: Actor) -> Actor:
    """The same person as things are now, after a pause of the transaction."""
    assert actor.session_id is not None
    claims = AccessClaims(actor.person, actor.organization_id, actor.session_id)
    return await authenticate(session, claims)


# ── API keys ─────────────────────────────────────────────────────────────────────────


async def authenticate_key(
    database: Database, text: str, *, address: str | None
) -> Actor:
    """The actor of a key that stands and is used from where it may be. Whatever is
    wrong with it, the answer is the same."""
    prefix = api_keys.prefix_of(text)
    if prefix is None:
        raise _refused()
    async with database.unit_of_work(Login.APP) as session:
        named = func.lookup.api_key(prefix).table_valued(*_FOUND)
        found = (await session.execute(select(named))).one_or_none()
    is_it = api_keys.is_of(text, found.secret_hash if found else _NOBODYS)
    if found is None or not is_it:
        raise _refused()
    async with database.unit_of_work(
        Login.APP,
        organization_id=found.organization_id,
        user_id=found.user_id,
        actor=f"key:{found.key_id}",
    ) as session:
        return await _actor_of(session, found, address)


async def _actor_of(
    session: AsyncSession, found: Row[Any], address: str | None
) -> Actor:
    row = await _standing(session, found.organization_id, found.key_id)
    if row is None:
        raise _refused()
    key: APIKey = row.APIKey
    if not _is_among(key.allowed_addresses, address):
        log.warning("api_key.foreign_address", key_id=str(key.id), address=address)
        raise _refused()
    if not row.is_noted:
        await _note_use(session, key)
    return Actor(
        organization_id=key.organization_id,
        user_id=found.user_id,
        session_id=None,
        role=row.role,
        label_scope=label_limits.both(row.member_scope, key.label_scope),
        key_id=key.id,
        scopes=frozenset(key.scopes),
        is_read_only=bool(row.is_read_only),
    )


async def _standing(
    session: AsyncSession, organization_id: UUID, key_id: UUID
) -> _Standing | None:
    """The key if it is neither revoked nor expired, and a personal one's member still
    there, with that member's role and limit."""
    statement = (
        select(
            APIKey,
            func.coalesce(Member.role, APIKey.role).label("role"),
            Member.label_scope.label("member_scope"),
            (APIKey.last_used_at > _NOW - _NOTED).label("is_noted"),
            Subscription.is_read_only,
        )
        .join(Organization, Organization.id == APIKey.organization_id)
        .join(Subscription, Subscription.organization_id == Organization.id)
        .outerjoin(
            Member,
            and_(
                Member.organization_id == APIKey.organization_id,
                Member.id == APIKey.member_id,
                Member.removed_at.is_(None),
                or_(Member.expires_at.is_(None), Member.expires_at > _NOW),
            ),
        )
        .outerjoin(User, and_(User.id == Member.user_id, User.disabled_at.is_(None)))
        .where(
            APIKey.organization_id == organization_id,
            APIKey.id == key_id,
            APIKey.revoked_at.is_(None),
            or_(APIKey.expires_at.is_(None), APIKey.expires_at > _NOW),
            or_(APIKey.member_id.is_(None), User.id.is_not(None)),
            Organization.deleted_at.is_(None),
        )
    )
    return (await session.execute(statement)).one_or_none()


async def _note_use(session: AsyncSession, key: APIKey) -> None:
    """Of requests at once one does; the others find it done."""
    is_old = APIKey.last_used_at <= _NOW - _NOTED
    await session.execute(
        update(APIKey)
        .where(
            APIKey.organization_id == key.organization_id,
            APIKey.id == key.id,
            or_(APIKey.last_used_at.is_(None), is_old),
        )
        .values(last_used_at=func.app_now())
        .execution_options(synchronize_session=False)
    )


def _is_among(allowed: Sequence[str] | None, address: str | None) -> bool:
    """Whether the client's address is in one of the networks; null lets everybody in,
    and a client of whom no address is known is in none."""
    if allowed is None:
        return True
    if address is None:
        return False
    try:
        client = ipaddress.ip_address(address)
    except ValueError:  # what a proxy said of it
        return False
    if isinstance(client, ipaddress.IPv6Address) and client.ipv4_mapped is not None:
        client = client.ipv4_mapped
    return any(client in ipaddress.ip_network(network) for network in allowed)


def _refused() -> InvalidToken:
    return InvalidToken("The API key is not valid, or not from where you are.")
