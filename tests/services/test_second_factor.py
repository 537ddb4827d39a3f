"""The second factor by itself, whatever its callers hold."""

import asyncio
import base64
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.crypto import LocalKeys, Place
from app.core.db import Database, Login
from app.core.errors import TooManyCodes
from app.core.ids import new_id
from app.core.settings import Settings
from app.core.tokens import hash_token
from app.models.second_factor import Authenticator, RecoveryCode
from app.models.user import User, UserSession
from app.services import second_factor
from tests.api.authenticating import MoveClock, enrol
from tests.conftest import Client


async def test_tries_at_once_are_counted_one_by_one(
    client: Client,
    move_clock: MoveClock,
    owner: AsyncSession,
    database: Database,
    configured: Settings,
) -> None:
    rita = await enrol(client(None), move_clock)
    guess = rita.app.wrong_code()
    user_id = (await owner.scalars(select(User.id))).one()
    home = (await owner.scalars(select(UserSession.organization_id).distinct())).one()
    async with database.unit_of_work(Login.APP, user_id=user_id) as session:
        stored = await second_factor.find(session, user_id)
    assert stored is not None
    factor = await second_factor.unseal(LocalKeys.from_settings(configured), stored)

    async def accepts() -> bool:
        async with database.unit_of_work(
            Login.APP, organization_id=home, user_id=user_id
        ) as session:
            return await second_factor.accepts(
                session, configured, factor, guess, home=home
            )

    answers = await asyncio.gather(
        *(accepts() for _ in range(9)), return_exceptions=True
    )
    assert answers.count(False) == 5
    assert sum(isinstance(one, TooManyCodes) for one in answers) == 4


async def test_one_persons_codes_change_nothing_of_anothers(
    client: Client,
    move_clock: MoveClock,
    database: Database,
    configured: Settings,
) -> None:
    """By the conditions alone: the owner's login sees everybody's."""
    rita = await enrol(client(None), move_clock)
    async with database.unit_of_work(Login.OWNER) as session:
        row = (await session.scalars(select(Authenticator))).one()
        user_id = row.user_id
        home = (await session.scalars(select(UserSession.organization_id))).first()
        assert home is not None
        other = User(id=new_id(), email="otto@example.com", name="Otto")
        session.add(other)
        await session.flush()
        same = {"key_id": row.key_id, "wrapped_key": b"", "ciphertext": b""}
        session.add(Authenticator(user_id=other.id, wrong_codes=3, last_step=1, **same))
        spent = hash_token(rita.recovery_codes[0].replace("-", ""))
        session.add(RecoveryCode(user_id=other.id, code_hash=spent))
        stored = await second_factor.find(session, user_id)
        begun = await second_factor.find(session, other.id, pending=True)
        assert begun is not None
        assert begun.user_id == other.id
    assert stored is not None
    factor = await second_factor.unseal(LocalKeys.from_settings(configured), stored)
    before = await _of(database, other.id)

    for code in (rita.app.wrong_code(), rita.recovery_codes[0], await rita.app.next()):
        async with database.unit_of_work(Login.OWNER) as session:
            await second_factor.accepts(session, configured, factor, code, home=home)
    async with database.unit_of_work(Login.OWNER) as session:
        await second_factor.renew_recovery_codes(session, user_id)

    assert await _of(database, other.id) == before


async def test_of_a_factor_that_was_turned_off_meanwhile_no_code_is_right(
    client: Client,
    move_clock: MoveClock,
    database: Database,
    configured: Settings,
) -> None:
    rita = await enrol(client(None), move_clock)
    async with database.unit_of_work(Login.OWNER) as session:
        row = (await session.scalars(select(Authenticator))).one()
        home = (await session.scalars(select(UserSession.organization_id))).first()
        stored = await second_factor.find(session, row.user_id)
        await session.delete(row)
        await session.execute(delete(RecoveryCode))
    assert stored is not None
    assert home is not None
    factor = await second_factor.unseal(LocalKeys.from_settings(configured), stored)
    for code in (await rita.app.next(), rita.recovery_codes[0]):
        async with database.unit_of_work(
            Login.APP, organization_id=home, user_id=row.user_id
        ) as session:
            is_right = await second_factor.accepts(
                session, configured, factor, code, home=home
            )
            assert is_right is False


def test_a_secret_stands_where_it_always_stood() -> None:
    """What was sealed for a place opens in no other: this one never changes."""
    id, user_id = UUID(int=1), UUID(int=2)
    stands = Place(f"user:{user_id}", str(id), version=1, column="totp")
    assert second_factor.place_of(id, user_id) == stands


async def _of(database: Database, user_id: UUID) -> list[tuple[object, ...]]:
    factor, code = Authenticator, RecoveryCode
    async with database.unit_of_work(Login.OWNER) as session:
        factors = select(factor.wrong_codes, factor.wait_until, factor.last_step)
        codes = select(code.code_hash, code.used_at)
        return [
            tuple(row)
            for statement in (
                factors.where(factor.user_id == user_id),
                codes.where(code.user_id == user_id),
            )
            for row in await session.execute(statement)
        ]


async def test_recovery_codes_have_so_many_bits_that_a_plain_hash_does(
    client: Client, move_clock: MoveClock
) -> None:
    """112 are asked for by ASVS 6.5.2; fewer would need a slow hash."""
    rita = await enrol(client(None), move_clock)
    for code in rita.recovery_codes:
        assert len(base64.b32decode(code.replace("-", "").upper())) * 8 >= 112
