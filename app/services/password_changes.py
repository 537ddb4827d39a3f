"""New passwords: for who knows the old one, and for who reads the mailbox."""

import asyncio
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import monotonic
from app.core.db import Database, Login
from app.core.errors import Invalid, MailNotConfigured
from app.core.passwords import hash_password, verify_password
from app.core.settings import Settings
from app.core.tokens import AccessClaims
from app.models.user import EmailTokenPurpose, User
from app.services import (
    actors,
    audit,
    email_tokens,
    email_verification,
    mfa,
    organizations,
    outbox,
    sessions,
    users,
)
from app.services.decisions.password_rules import needs_mfa, weakness
from app.services.outbox import OutboxKind

_PURPOSE = EmailTokenPurpose.RESET_PASSWORD
# After so long a forgotten password is answered, whether anybody has the address.
ANSWER_SECONDS = 0.25


class _User(NamedTuple):
    email: str
    password_hash: str | None
    mfa_enabled_at: datetime | None
    email_verified_at: datetime | None


async def change(
    database: Database,
    settings: Settings,
    claims: AccessClaims,
    *,
    current: str,
    new: str,
) -> None:
    """A new password for who knows the present one. Its other sessions end: they may
    be somebody's who knew it, too."""
    home = claims.organization_id
    async with actors.as_user(database, claims.user_id, home) as session:
        await actors.authenticate(session, claims)
        before = await _user(session, claims.user_id)
    if not await verify_password(current, before.password_hash):
        raise _wrong()
    with_mfa = before.mfa_enabled_at is not None
    hashed = await _hash(new, "/new_password", email=before.email, with_mfa=with_mfa)
    async with actors.as_user(database, claims.user_id, home) as session:
        await actors.authenticate(session, claims)
        changed = (
            update(User)
            .where(
                User.id == claims.user_id,
                User.password_hash == before.password_hash,
            )
            .values(password_hash=hashed, password_needs_mfa=needs_mfa(new))
            .returning(User.id)
        )
        if await session.scalar(changed) is None:
            raise _wrong()  # somebody else's change came first
        others = await sessions.end_all(
            session,
            claims.user_id,
            reason=sessions.PASSWORD_CHANGED,
            but=claims.session_id,
        )
        act = "user.change_password"
        await _record(session, claims.user_id, home, act, sessions_ended=others)
        await _tell(session, settings, claims.user_id, home)


async def forget(database: Database, settings: Settings, *, email: str) -> None:
    """Have a link mailed with which a new password can be set. Nothing tells, not the
    time it takes either, whether somebody has the address."""
    if settings.smtp_url is None:
        raise MailNotConfigured
    asked_at = monotonic()
    async with database.unit_of_work(Login.APP) as session:
        found = await users.find_by_email(session, email)
        places = await organizations.memberships_of(session, found[0]) if found else []
    if found is not None and places:
        await _mail(database, settings, found[0], places[0].organization_id)
    await asyncio.sleep(max(0.0, asked_at + ANSWER_SECONDS - monotonic()))


async def _mail(
    database: Database, settings: Settings, user_id: UUID, home: UUID
) -> None:
    async with actors.as_user(database, user_id, home) as session:
        # Held, so that of requests together one has a link mailed. The others do not
        # wait for it: their time would tell.
        held = select(User.id).where(User.id == user_id)
        held = held.with_for_update(key_share=True, skip_locked=True)
        if await session.scalar(held) is None:
            return
        whose = {"user_id": user_id, "organization_id": home}
        if await email_tokens.ask(session, settings, _PURPOSE, **whose):
            await _record(session, user_id, home, "user.forget_password")


async def reset(
    database: Database, settings: Settings, *, token: str, password: str
) -> None:
    """Use a mailed token: the password is new, the address proven, and every session
    ended. A password that is refused leaves the link as it was. A second factor from
    before the address was proven may be another's, and goes."""
    user_id, home = await email_tokens.owner_of(database, token)
    async with actors.as_user(database, user_id, home) as session:
        await email_tokens.must_work(session, _PURPOSE, token, user_id=user_id)
        before = await _user(session, user_id)
    with_mfa = None not in (before.mfa_enabled_at, before.email_verified_at)
    hashed = await _hash(password, "/password", email=before.email, with_mfa=with_mfa)
    async with actors.as_user(database, user_id, home) as session:
        await email_tokens.use(session, _PURPOSE, token, user_id=user_id)
        new = {"password_hash": hashed, "password_needs_mfa": needs_mfa(password)}
        await session.execute(update(User).where(User.id == user_id).values(new))
        if before.email_verified_at is None:
            await mfa.forget(session, user_id)
        await email_verification.confirm(session, user_id)
        ended = await sessions.end_all(
            session, user_id, reason=sessions.PASSWORD_CHANGED
        )
        act = "user.reset_password"
        await _record(session, user_id, home, act, sessions_ended=ended)
        await _tell(session, settings, user_id, home)


async def _hash(password: str, pointer: str, *, email: str, with_mfa: bool) -> str:
    if weak := weakness(password, email=email, with_mfa=with_mfa):
        raise Invalid.field(pointer, "weak", weak)
    return await hash_password(password)


async def _user(session: AsyncSession, user_id: UUID) -> _User:
    shown = (getattr(User, name) for name in _User._fields)
    found = await session.execute(select(*shown).where(User.id == user_id))
    return _User._make(found.one())


async def _tell(
    session: AsyncSession, settings: Settings, user_id: UUID, home: UUID
) -> None:
    """By mail, where there is mail: who did not do it learns of it."""
    if settings.smtp_url is None:
        return
    await outbox.post(
        session,
        organization_id=home,
        kind=OutboxKind.MAIL_PASSWORD_CHANGED,
        subject_id=user_id,
    )


async def _record(
    session: AsyncSession, user_id: UUID, home: UUID, action: str, **detail: int
) -> None:
    await audit.record(
        session,
        organization_id=home,
        actor=f"user:{user_id}",
        action=action,
        subject_type="user",
        subject_id=user_id,
        detail=detail,
    )


def _wrong() -> Invalid:
    return Invalid.field("/current_password", "wrong", "This is not your password.")
