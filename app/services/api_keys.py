"""API keys, personal and of the organization: made, shown without their secret, and
revoked. What they are good for is decided in services/actors.py at each request."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Bundle

from app.core.actor import Actor
from app.core.api_keys import NewKey
from app.core.api_keys import make as make_text
from app.core.errors import EmailNotVerified, FieldError, Invalid, NotFound
from app.core.ids import new_id
from app.core.permissions import Permission, permissions_of
from app.core.tokens import hash_token
from app.models.organization import APIKey, Member
from app.models.user import User
from app.schemas.api_keys import APIKeyInput
from app.services import audit, idempotency
from app.services.decisions import label_limits
from app.services.paging import Page, Slice, paginate


@dataclass(frozen=True, slots=True)
class Made:
    """A key as it is shown, and its text, which is known this once."""

    shown: Any
    text: str | None = field(repr=False)


async def make(
    session: AsyncSession,
    actor: Actor,
    entry: APIKeyInput,
    *,
    idempotency_key: str | None,
) -> Made:
    """A repeat is answered the same key without its text: only the hash is kept."""
    new = make_text()
    made: list[UUID] = []

    async def act() -> idempotency.Response:
        made.append(await _add(session, actor, entry, new))
        return {"id": str(made[0])}

    answer = await idempotency.once(
        session,
        actor,
        act,
        route="api_keys.make",
        key=idempotency_key,
        request=entry.model_dump(mode="json"),
    )
    shown = await get(session, actor, UUID(answer["id"]))
    return Made(shown, new.text if made else None)


async def _add(
    session: AsyncSession, actor: Actor, entry: APIKeyInput, new: NewKey
) -> UUID:
    if not actor.email_verified:
        # It would stay with whoever made it when the address's owner takes over.
        raise EmailNotVerified("Then make API keys.")
    is_service = entry.kind == "service"
    if is_service:
        actor.must(Permission.EDIT_SERVICE_KEYS)
    limit = _limit(actor, entry)
    _refuse_scopes_beyond(actor, entry.scopes)
    await _refuse_past(session, entry.expires_at)
    row = APIKey(
        id=new_id(),
        organization_id=actor.organization_id,
        name=entry.name,
        prefix=new.prefix,
        secret_hash=hash_token(new.text),
        member_id=None if is_service else await _membership(session, actor),
        role=actor.role if is_service else None,
        scopes=sorted(set(entry.scopes)),
        # A personal key is also held by its member's limit, whatever that becomes.
        label_scope=limit if is_service else entry.label_scope,
        allowed_addresses=entry.allowed_addresses,
        expires_at=entry.expires_at,
    )
    session.add(row)
    await session.flush()
    await _record(
        session,
        actor,
        row,
        "api_key.create",
        kind=entry.kind,
        scopes=row.scopes,
        label_scope=row.label_scope,
        allowed_addresses=row.allowed_addresses,
        expires_at=row.expires_at and row.expires_at.isoformat(),
    )
    return row.id


def _limit(actor: Actor, entry: APIKeyInput) -> dict[str, list[str]] | None:
    """What both the actor's limit and the wanted one let through; never more than the
    actor sees."""
    if beyond := label_limits.beyond(actor.label_scope, entry.label_scope):
        raise Invalid.field(
            "/label_scope",
            "outside_scope",
            f"Your own access is limited in {', '.join(beyond)}.",
        )
    return label_limits.both(actor.label_scope, entry.label_scope)


def _refuse_scopes_beyond(actor: Actor, scopes: Sequence[Permission]) -> None:
    granted = permissions_of(actor.role, scopes)
    wrong = tuple(
        FieldError(f"/scopes/{place}", "beyond_role", f"Your role lacks {scope}.")
        for place, scope in enumerate(scopes)
        if scope not in granted
    )
    if wrong:
        raise Invalid(f"Your role, {actor.role}, may less.", fields=wrong)


async def _refuse_past(session: AsyncSession, expires_at: datetime | None) -> None:
    if expires_at is None:
        return
    now: datetime = (await session.scalars(select(func.app_now()))).one()
    if expires_at <= now:
        raise Invalid.field("/expires_at", "past", "This is over already.")


async def _membership(session: AsyncSession, actor: Actor) -> UUID:
    mine = select(Member.id).where(
        Member.organization_id == actor.organization_id,
        Member.user_id == actor.person,
        Member.removed_at.is_(None),
    )
    return (await session.scalars(mine)).one()


# ── shown and revoked ────────────────────────────────────────────────────────────────


async def page_of(session: AsyncSession, actor: Actor, page: Page) -> Slice[Any]:
    """The newest first."""
    return await paginate(session, _shown(actor), page, by=[APIKey.id])


async def get(session: AsyncSession, actor: Actor, key_id: UUID) -> Any:
    found = await session.scalar(_shown(actor).where(APIKey.id == key_id))
    if found is None:
        raise NotFound
    return found


async def revoke(session: AsyncSession, actor: Actor, key_id: UUID) -> None:
    """End a key: its next request is refused. Once is enough, and twice no error."""
    mine = select(APIKey).where(_visible(actor), APIKey.id == key_id)
    row = await session.scalar(mine.with_for_update())
    if row is None:
        raise NotFound
    if row.revoked_at is not None:
        return
    row.revoked_at = (await session.scalars(select(func.app_now()))).one()
    await session.flush()
    await _record(session, actor, row, "api_key.revoke")


def _visible(actor: Actor) -> ColumnElement[bool]:
    """One's own; for who manages all keys, all. A manager limited to labels manages
    those of others that see no more than it does itself."""
    ours = APIKey.organization_id == actor.organization_id
    own = APIKey.member_id.in_(
        select(Member.id).where(
            Member.organization_id == actor.organization_id,
            Member.user_id == actor.person,
        )
    )
    if not actor.may(Permission.EDIT_SERVICE_KEYS):
        return and_(ours, own)
    if actor.label_scope is None:
        return ours
    within = [
        APIKey.label_scope[label].contained_by(values)
        for label, values in actor.label_scope.items()
    ]
    return and_(ours, or_(own, and_(*within)) if within else own)


def _shown(actor: Actor) -> Select[Any]:
    """Keys as they are shown, with their owners' names."""
    now = func.app_now()
    stands = and_(
        Member.removed_at.is_(None),
        or_(Member.expires_at.is_(None), Member.expires_at > now),
        User.disabled_at.is_(None),
    )
    state = case(
        (APIKey.revoked_at.is_not(None), "revoked"),
        (APIKey.expires_at <= now, "expired"),
        (and_(APIKey.member_id.is_not(None), ~stands), "member_gone"),
        else_="active",
    )
    shown: Bundle[Any] = Bundle(
        "api_key",
        *(APIKey.id, APIKey.name, APIKey.prefix, APIKey.scopes, APIKey.label_scope),
        *(APIKey.allowed_addresses, APIKey.created_at, APIKey.expires_at),
        *(APIKey.last_used_at, APIKey.revoked_at),
        case((APIKey.member_id.is_(None), "service"), else_="personal").label("kind"),
        state.label("state"),
        Bundle("owner", User.id, User.name),
    )
    return (
        select(shown)
        .outerjoin(
            Member,
            and_(
                Member.organization_id == APIKey.organization_id,
                Member.id == APIKey.member_id,
            ),
        )
        .outerjoin(User, User.id == Member.user_id)
        .where(_visible(actor))
    )


async def _record(
    session: AsyncSession, actor: Actor, row: APIKey, action: str, **detail: object
) -> None:
    await audit.record(
        session,
        organization_id=actor.organization_id,
        actor=actor.signature,
        action=action,
        subject_type="api_key",
        subject_id=row.id,
        detail={"name": row.name, "prefix": row.prefix, **detail},
    )
