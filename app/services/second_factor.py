"""The second factor: asked for a code, which is accepted once, and cannot be guessed.

Its secret is decrypted with no transaction open. A code that is wrong must be counted:
who asks commits first and complains then.
"""

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, literal, or_, select, update
from sqlalchemy.dialects.postgresql import INTERVAL
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import crypto, totp
from app.core.crypto import Envelope, KeyProvider, Place
from app.core.errors import TooManyCodes
from app.core.secret import Secret
from app.core.settings import Settings
from app.core.tokens import hash_token
from app.models.second_factor import Authenticator, RecoveryCode
from app.models.user import User
from app.services import audit, outbox
from app.services.decisions.code_tries import pause_after
from app.services.outbox import OutboxKind

RECOVERY_CODES = 10
_RECOVERY_BYTES = 15  # 120 random bits: a plain hash of them is enough
_GROUP = 4


@dataclass(frozen=True, slots=True)
class Factor:
    """One authenticator of a user, as it is stored."""

    id: UUID
    user_id: UUID
    envelope: Envelope


@dataclass(frozen=True, slots=True)
class OpenFactor:
    """The same with its secret, to compare one code with."""

    id: UUID
    user_id: UUID
    secret: Secret


async def find(
    session: AsyncSession, user_id: UUID, *, pending: bool = False
) -> Factor | None:
    """The factor that a user must show, or the one that waits for its first code."""
    is_on = User.mfa_enabled_at.is_not(None)
    statement = (
        select(Authenticator)
        .join(User, User.id == Authenticator.user_id)
        .where(Authenticator.user_id == user_id, ~is_on if pending else is_on)
    )
    row = await session.scalar(statement)
    if row is None:
        return None
    envelope = Envelope(row.key_id, row.wrapped_key, row.ciphertext)
    return Factor(row.id, row.user_id, envelope)


async def seal(keys: KeyProvider, factor: OpenFactor) -> Factor:
    place = place_of(factor.id, factor.user_id)
    sealed = await crypto.seal(keys, factor.secret, place)
    return Factor(factor.id, factor.user_id, sealed)


async def unseal(keys: KeyProvider, factor: Factor) -> OpenFactor:
    """Raises Undecryptable if it is not as we stored it, or its key is away."""
    place = place_of(factor.id, factor.user_id)
    opened = await crypto.unseal(keys, factor.envelope, place)
    return OpenFactor(factor.id, factor.user_id, opened)


def place_of(id: UUID, user_id: UUID) -> Place:
    """A person's, of no organization."""
    return Place(f"user:{user_id}", str(id), version=1, column="totp")


async def accepts(
    session: AsyncSession,
    settings: Settings,
    factor: OpenFactor,
    code: str,
    *,
    home: UUID,
) -> bool:
    """Whether the code of the app, or a recovery code, is right; it is used up by this.

    A wrong one is counted and told to the log of `home` when the transaction is
    committed. Raises TooManyCodes, before anything is compared, after too many.
    """
    now = await _begin_try(session, factor)
    plain = _plain(code)
    if totp.is_code(plain):
        is_right = await _advance(session, factor, plain, now)
    else:
        is_right = await _use_up(session, settings, factor.user_id, plain, home=home)
    if not is_right:
        await record(session, factor.user_id, home, "mfa.refuse_code")
        return False
    calm = update(Authenticator).where(Authenticator.id == factor.id)
    await session.execute(calm.values(wrong_codes=0, wait_until=None))
    return True


async def _begin_try(session: AsyncSession, factor: OpenFactor) -> datetime:
    """Count it as wrong already, so that of many at once each is counted, and hold the
    row until the commit; the database's time."""
    statement = select(Authenticator.wrong_codes, Authenticator.wait_until)
    held = statement.where(Authenticator.id == factor.id).with_for_update()
    row = (await session.execute(held)).one_or_none()
    now: datetime | None = await session.scalar(select(func.app_now()))
    assert now is not None
    if row is None:
        return now  # it was turned off meanwhile, and no code of it is right
    if row.wait_until is not None and now < row.wait_until:
        raise TooManyCodes("Wait a while; then the next code of your app will do.")
    wrong = row.wrong_codes + 1
    counted = update(Authenticator).where(Authenticator.id == factor.id)
    pause = literal(pause_after(wrong), INTERVAL)
    await session.execute(
        counted.values(wrong_codes=wrong, wait_until=func.app_now() + pause)
    )
    return now


async def _advance(
    session: AsyncSession, factor: OpenFactor, code: str, now: datetime
) -> bool:
    """One statement, so that a code is accepted once, and no older one after it."""
    step = totp.step_of(factor.secret, code, now)
    if step is None:
        return False
    last = Authenticator.last_step
    advanced = (
        update(Authenticator)
        .where(Authenticator.id == factor.id, or_(last.is_(None), last < step))
        .values(last_step=step)
        .returning(Authenticator.id)
    )
    return await session.scalar(advanced) is not None


async def _use_up(
    session: AsyncSession, settings: Settings, user_id: UUID, code: str, *, home: UUID
) -> bool:
    used = (
        update(RecoveryCode)
        .where(
            RecoveryCode.user_id == user_id,
            RecoveryCode.code_hash == hash_token(code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=func.app_now())
        .returning(RecoveryCode.id)
    )
    if await session.scalar(used) is None:
        return False
    await record(session, user_id, home, "mfa.use_recovery_code")
    await tell(session, settings, user_id, home, OutboxKind.MAIL_RECOVERY_CODE_USED)
    return True


async def renew_recovery_codes(session: AsyncSession, user_id: UUID) -> list[str]:
    """Ten new ones, told here and never again; those before are dead."""
    await session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    made = [_new_recovery_code() for _ in range(RECOVERY_CODES)]
    rows: list[dict[str, Any]] = [
        {"user_id": user_id, "code_hash": hash_token(_plain(code))} for code in made
    ]
    await session.execute(insert(RecoveryCode), rows)
    return made


def _new_recovery_code() -> str:
    text = base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode().lower()
    return "-".join(text[at : at + _GROUP] for at in range(0, len(text), _GROUP))


def _plain(code: str) -> str:
    """However it is written: groups and case are for the eye."""
    return code.replace("-", "").replace(" ", "").lower()


async def tell(
    session: AsyncSession,
    settings: Settings,
    user_id: UUID,
    home: UUID,
    kind: OutboxKind,
) -> None:
    """By mail, where there is mail: who did not do it learns of it."""
    if settings.smtp_url is not None:
        await outbox.post(session, organization_id=home, kind=kind, subject_id=user_id)


async def record(session: AsyncSession, user_id: UUID, home: UUID, action: str) -> None:
    await audit.record(
        session,
        organization_id=home,
        actor=f"user:{user_id}",
        action=action,
        subject_type="user",
        subject_id=user_id,
    )
