"""Signed-in sessions: started, refreshed, moved to another organization, ended."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Bundle

from app.core.actor import Actor
from app.core.db import Database, Login
from app.core.errors import Invalid, InvalidToken, NotFound
from app.core.ids import new_id
from app.core.settings import Settings
from app.core.tokens import AccessClaims, hash_token, issue_access_token
from app.models.user import User, UserSession
from app.services import actors, audit, organizations, outbox, refresh_tokens
from app.services.decisions import rotation
from app.services.decisions.rotation import Rotation
from app.services.outbox import OutboxKind
from app.services.paging import Page, Slice, paginate
from app.services.refresh_tokens import RefreshToken

log = structlog.get_logger(__name__)

SIGNED_OUT = "signed_out"
SIGNED_OUT_EVERYWHERE = "signed_out_everywhere"
PASSWORD_CHANGED = "password_changed"  # noqa: S105 — a reason, not a password
ACCOUNT_DELETED = "account_deleted"
TOKEN_REUSED = "refresh_token_reused"  # noqa: S105 — a reason, not a token


@dataclass(frozen=True, slots=True)
class Visitor:
    """Where a sign-in came from."""

    address: str | None
    user_agent: str | None


@dataclass(frozen=True, slots=True)
class Access:
    """An access token, the seconds it lives, and the organization it is for."""

    access_token: str
    expires_in: int
    organization_id: UUID


@dataclass(frozen=True, slots=True)
class SignedIn:
    """`refresh_seconds` is how long the refresh token could be used at most."""

    access: Access
    refresh_token: str
    refresh_seconds: int


async def start(
    session: AsyncSession,
    settings: Settings,
    visitor: Visitor,
    *,
    user_id: UUID,
    organization_id: UUID,
) -> SignedIn:
    """A new session of a user who has just proved who it is."""
    token = RefreshToken(new_id(), user_id, 0)
    text = token.text(settings)
    lifetime = timedelta(days=settings.session_days)
    session.add(
        UserSession(
            id=token.session_id,
            user_id=user_id,
            organization_id=organization_id,
            token_hash=hash_token(text),
            user_agent=visitor.user_agent,
            address=visitor.address,
            expires_at=func.app_now() + lifetime,
        )
    )
    claims = AccessClaims(user_id, organization_id, token.session_id)
    await _record(session, claims, "session.start")
    access = _access(settings, claims)
    return SignedIn(access, text, _seconds(lifetime, settings))


async def refresh(
    database: Database,
    settings: Settings,
    text: str,
    *,
    organization_id: UUID | None = None,
) -> SignedIn:
    """The refresh token's successor and an access token, for `organization_id` or
    else for the session's own organization.

    A token that was used up before ends the session for everybody who holds one of
    its tokens: thief and owner cannot be told apart.
    """
    token = refresh_tokens.read(settings, text)
    home = await _claims_of(database, token)
    async with actors.in_name_of(database, home) as session:
        signed_in = await _use(session, settings, text, home, organization_id)
    if signed_in is None:
        log.warning("session.revoked", reason=TOKEN_REUSED)
        raise InvalidToken("This refresh token was used before: the session is ended.")
    return signed_in


async def end(database: Database, settings: Settings, text: str) -> None:
    """Sign out: no token of the session is good for anything any more."""
    token = refresh_tokens.read(settings, text)
    home = await _claims_of(database, token)
    async with actors.in_name_of(database, home) as session:
        row, now = await _lock(session, home)
        if row.revoked_at is None:
            _revoke(row, now, SIGNED_OUT)
            await _record(session, home, "session.end")


async def list_own(
    session: AsyncSession, settings: Settings, actor: Actor, page: Page
) -> Slice[Any]:
    """Where its user is signed in, the newest first."""
    shown: Bundle[Any] = Bundle(
        "session",
        *(UserSession.id, UserSession.created_at, UserSession.rotated_at),
        *(UserSession.expires_at, UserSession.user_agent, UserSession.address),
        (UserSession.id == actor.session_id).label("is_this_one"),
    )
    open_ones = select(shown).where(*_is_open(settings, actor.person))
    return await paginate(session, open_ones, page, by=[UserSession.id])


async def end_own(
    session: AsyncSession, settings: Settings, actor: Actor, session_id: UUID
) -> None:
    """End one of one's own sessions; raises NotFound for any other, and for one that
    has ended."""
    found = select(UserSession).where(
        UserSession.id == session_id, *_is_open(settings, actor.person)
    )
    row = await session.scalar(found.with_for_update())
    if row is None:
        raise NotFound
    _revoke(row, await _now(session), SIGNED_OUT)
    ended = AccessClaims(actor.person, actor.organization_id, session_id)
    await _record(session, ended, "session.end")


async def end_everywhere(database: Database, claims: AccessClaims) -> None:
    """Sign out everywhere, here too."""
    async with actors.in_name_of(database, claims) as session:
        await actors.authenticate(session, claims)
        ended = await end_all(session, claims.user_id, reason=SIGNED_OUT_EVERYWHERE)
        await _record(session, claims, "session.end_everywhere", ended=ended)


async def end_all(
    session: AsyncSession, user_id: UUID, *, reason: str, but: UUID | None = None
) -> int:
    """End a user's sessions, or all `but` one; how many."""
    ended = (
        update(UserSession)
        .where(
            UserSession.user_id == user_id,
            UserSession.revoked_at.is_(None),
            UserSession.id.is_distinct_from(but),
        )
        .values(revoked_at=func.app_now(), revoked_reason=reason)
        .returning(UserSession.id)
        .execution_options(synchronize_session=False)
    )
    return len((await session.scalars(ended)).all())


def _is_open(settings: Settings, user_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return (
        UserSession.user_id == user_id,
        UserSession.revoked_at.is_(None),
        UserSession.expires_at > func.app_now(),
        UserSession.rotated_at > func.app_now() - _idle(settings),
    )


async def switch(
    database: Database, settings: Settings, claims: AccessClaims, organization_id: UUID
) -> Access:
    """An access token for another of one's organizations, which becomes the
    session's own. It is recorded there, not in the one that is left."""
    chosen = replace(claims, organization_id=organization_id)
    async with actors.in_name_of(database, claims) as session:
        await actors.authenticate(session, claims)
        if not await _belongs(session, chosen):
            raise _foreign()
    async with actors.in_name_of(database, chosen) as session:
        row, _ = await _lock(session, chosen)
        row.organization_id = organization_id
        await _record(session, chosen, "session.switch")
    return _access(settings, chosen)


async def _use(
    session: AsyncSession,
    settings: Settings,
    text: str,
    home: AccessClaims,
    wanted: UUID | None,
) -> SignedIn | None:
    """What the token gets. None if it was used up before: then the session is
    revoked, which must be committed."""
    row, now = await _lock(session, home)
    verdict = rotation.decide(row, hash_token(text), now, idle=_idle(settings))
    if verdict is Rotation.ENDED:
        raise InvalidToken("The session has ended.")
    if verdict is Rotation.REUSED:
        _revoke(row, now, TOKEN_REUSED)
        await _record(session, home, "session.revoke", reason=TOKEN_REUSED)
        if settings.smtp_url is not None:
            await outbox.post(
                session,
                organization_id=home.organization_id,
                kind=OutboxKind.MAIL_SESSION_REVOKED,
                subject_id=home.user_id,
            )
        return None
    chosen = replace(home, organization_id=wanted or row.organization_id)
    if not await _belongs(session, chosen):
        raise _foreign() if wanted else InvalidToken("The session has ended.")
    successor = _rotate(row, settings, now, verdict)
    seconds = _seconds(row.expires_at - now, settings)
    return SignedIn(_access(settings, chosen), successor, seconds)


def _idle(settings: Settings) -> timedelta:
    return timedelta(hours=settings.session_idle_hours)


def _seconds(lifetime: timedelta, settings: Settings) -> int:
    """For which a token could be used that waits from now on."""
    return int(min(lifetime, _idle(settings)).total_seconds())


def _rotate(
    row: UserSession, settings: Settings, now: datetime, verdict: Rotation
) -> str:
    """The successor's text: a new one, or the one that was answered just now."""
    if verdict is Rotation.REPEAT:
        return RefreshToken(row.id, row.user_id, row.generation).text(settings)
    text = RefreshToken(row.id, row.user_id, row.generation + 1).text(settings)
    row.generation += 1
    row.previous_token_hash, row.token_hash = row.token_hash, hash_token(text)
    row.rotated_at = now
    return text


async def _claims_of(database: Database, token: RefreshToken) -> AccessClaims:
    """The session of a token that we made, and its organization."""
    statement = select(UserSession.organization_id).where(
        UserSession.id == token.session_id, UserSession.user_id == token.user_id
    )
    async with database.unit_of_work(Login.APP, user_id=token.user_id) as session:
        organization_id = await session.scalar(statement)
    if organization_id is None:
        raise InvalidToken("There is no such session.")
    return AccessClaims(token.user_id, organization_id, token.session_id)


async def _lock(
    session: AsyncSession, claims: AccessClaims
) -> tuple[UserSession, datetime]:
    """The session's row, held until the commit, and the database's time then."""
    statement = (
        select(UserSession)
        .join(User, User.id == UserSession.user_id)
        .where(
            UserSession.id == claims.session_id,
            UserSession.user_id == claims.user_id,
            User.disabled_at.is_(None),
        )
        .with_for_update(of=UserSession)
    )
    row = (await session.scalars(statement)).one_or_none()
    if row is None:
        raise InvalidToken("The session has ended.")
    return row, await _now(session)


async def _now(session: AsyncSession) -> datetime:
    now: datetime = (await session.scalars(select(func.app_now()))).one()
    return now


async def _belongs(session: AsyncSession, claims: AccessClaims) -> bool:
    places = await organizations.memberships_of(session, claims.user_id)
    return claims.organization_id in {place.organization_id for place in places}


def _foreign() -> Invalid:
    return Invalid.field(
        "/organization_id", "unknown", "You belong to no such organization."
    )


def _revoke(row: UserSession, now: datetime, reason: str) -> None:
    row.revoked_at, row.revoked_reason = now, reason


def _access(settings: Settings, claims: AccessClaims) -> Access:
    token, seconds = issue_access_token(settings, claims)
    return Access(token, seconds, claims.organization_id)


async def _record(
    session: AsyncSession, claims: AccessClaims, action: str, **detail: str | int
) -> None:
    await audit.record(
        session,
        organization_id=claims.organization_id,
        actor=claims.signature,
        action=action,
        subject_type="session",
        subject_id=claims.session_id,
        detail=detail,
    )
