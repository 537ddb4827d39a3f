"""The second factor by itself, whatever its callers hold."""

import asyncio
import base64

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.crypto import LocalKeys
from app.core.db import Database, Login
from app.core.errors import TooManyCodes
from app.core.settings import Settings
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


async def test_recovery_codes_have_so_many_bits_that_a_plain_hash_does(
    client: Client, move_clock: MoveClock
) -> None:
    """112 are asked for by ASVS 6.5.2; fewer would need a slow hash."""
    rita = await enrol(client(None), move_clock)
    for code in rita.recovery_codes:
        assert len(base64.b32decode(code.replace("-", "").upper())) * 8 >= 112
