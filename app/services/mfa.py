"""Multi-factor sign-in, as its user sets it up: turned on with an authenticator app,
turned off, with recovery codes for a lost one."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import totp
from app.core.actor import Actor
from app.core.crypto import KeyProvider
from app.core.db import Database
from app.core.errors import Invalid, MfaIsOff, MfaIsOn
from app.core.ids import new_id
from app.core.settings import Settings
from app.core.tokens import AccessClaims
from app.models.second_factor import Authenticator, RecoveryCode
from app.models.user import User
from app.services import actors, second_factor
from app.services.outbox import OutboxKind
from app.services.second_factor import OpenFactor, record, tell


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an app needs to make codes; told once, and of no use before the first."""

    secret: str
    uri: str


@dataclass(frozen=True, slots=True)
class State:
    """Null is off."""

    enabled_at: datetime | None
    recovery_codes_left: int


async def describe(session: AsyncSession, actor: Actor) -> State:
    left = select(func.count()).where(
        RecoveryCode.user_id == actor.user_id, RecoveryCode.used_at.is_(None)
    )
    since = select(User.mfa_enabled_at).where(User.id == actor.user_id)
    return State(await session.scalar(since), await session.scalar(left) or 0)


async def enrol(
    database: Database, keys: KeyProvider, claims: AccessClaims
) -> Enrolment:
    """A new secret for the user's app. It takes the place of one that waits for its
    first code; raises MfaIsOn once there was that."""
    made = OpenFactor(new_id(), claims.user_id, totp.new_secret())
    sealed = await second_factor.seal(keys, made)
    async with actors.in_name_of(database, claims) as session:
        await actors.authenticate(session, claims)
        user = await _hold(session, claims.user_id)
        if user.mfa_enabled_at is not None:
            raise MfaIsOn("Turn it off first.")
        await _forget_authenticator(session, user.id)
        row = {
            "id": sealed.id,
            "user_id": sealed.user_id,
            "key_id": sealed.envelope.key_id,
            "wrapped_key": sealed.envelope.wrapped_key,
            "ciphertext": sealed.envelope.ciphertext,
        }
        await session.execute(insert(Authenticator).values(row))
        await record(session, user.id, claims.organization_id, "mfa.enrol")
    return Enrolment(made.secret.reveal(), totp.uri_of(made.secret, user.email))


async def confirm(
    database: Database,
    settings: Settings,
    keys: KeyProvider,
    claims: AccessClaims,
    code: str,
) -> list[str]:
    """Turn it on with the app's first code; the recovery codes."""
    async with actors.in_name_of(database, claims) as session:
        await actors.authenticate(session, claims)
        stored = await second_factor.find(session, claims.user_id, pending=True)
    if stored is None:
        raise MfaIsOff("No authenticator waits for its first code.")
    factor = await second_factor.unseal(keys, stored)
    home = claims.organization_id
    async with actors.in_name_of(database, claims) as session:
        await actors.authenticate(session, claims)
        user = await _hold(session, claims.user_id)
        if user.mfa_enabled_at is not None:
            raise MfaIsOn("Another request has just done it.")
        if await second_factor.accepts(session, settings, factor, code, home=home):
            await _switch(session, user.id, is_on=True)
            await record(session, user.id, home, "mfa.turn_on")
            kind = OutboxKind.MAIL_MFA_TURNED_ON
            await tell(session, settings, user.id, home, kind)
            return await second_factor.renew_recovery_codes(session, user.id)
    raise Invalid.field("/code", "wrong", "This is not the present code of your app.")


async def renew_recovery_codes(session: AsyncSession, actor: Actor) -> list[str]:
    """New ones; raises MfaIsOff where they would be for nothing."""
    user = await _hold(session, actor.person)
    if user.mfa_enabled_at is None:
        raise MfaIsOff
    home = actor.organization_id
    await record(session, user.id, home, "mfa.renew_recovery_codes")
    return await second_factor.renew_recovery_codes(session, user.id)


async def turn_off(session: AsyncSession, settings: Settings, actor: Actor) -> None:
    """The secret and the recovery codes are deleted. A short password is not left
    alone: that is the database's to refuse (ck_users_short_password_needs_mfa)."""
    user = await _hold(session, actor.person)
    if user.mfa_enabled_at is None:
        raise MfaIsOff
    await forget(session, user.id)
    home = actor.organization_id
    await record(session, user.id, home, "mfa.turn_off")
    await tell(session, settings, user.id, home, OutboxKind.MAIL_MFA_TURNED_OFF)


async def forget(session: AsyncSession, user_id: UUID) -> None:
    """No second factor, and nothing of one, is left of the user."""
    await _switch(session, user_id, is_on=False)
    await _forget_authenticator(session, user_id)
    await session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))


async def _hold(session: AsyncSession, user_id: UUID) -> User:
    """Until the commit, so that of two requests together one comes after the other."""
    held = select(User).where(User.id == user_id).with_for_update(key_share=True)
    return (await session.scalars(held)).one()


async def _switch(session: AsyncSession, user_id: UUID, *, is_on: bool) -> None:
    switched = update(User).where(User.id == user_id)
    since = func.app_now() if is_on else None
    await session.execute(switched.values(mfa_enabled_at=since))


async def _forget_authenticator(session: AsyncSession, user_id: UUID) -> None:
    own = Authenticator.user_id == user_id
    await session.execute(delete(Authenticator).where(own))
