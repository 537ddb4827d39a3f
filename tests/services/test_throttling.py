"""How often somebody may try: counted in Redis and, while that is away, in PostgreSQL
by the same rules. Every test holds for both."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace

import pytest
from pydantic import SecretStr
from redis.asyncio import Redis
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.core.errors import InvalidCredentials, TooMany
from app.core.limits import Limiter
from app.core.settings import Settings
from app.models.throttle import Throttle
from app.models.user import UserSession
from app.services import throttling
from app.services.throttling import Act, Gate, attempt
from tests.personae import People

RITA, HOME, AWAY = "rita@example.com", "203.0.113.7", "198.51.100.1"
MoveClock = Callable[[str], Awaitable[None]]
AT_ONCE = 5  # of one account at one address
MANY = 400


@dataclass(frozen=True)
class Ground:
    gate: Gate
    wait: Callable[[int], Awaitable[None]]

    def at(self, address: str | None) -> Gate:
        return replace(self.gate, address=address)

    async def fail(self, account: str = RITA, address: str | None = HOME) -> int | None:
        """Try a wrong password; the seconds to wait if that is not even looked at."""
        try:
            with suppress(InvalidCredentials):
                async with attempt(self.at(address), Act.LOGIN, account):
                    raise InvalidCredentials
        except TooMany as refused:
            return refused.retry_after
        return None

    async def succeed_often(self, most: int, address: str = HOME) -> int:
        """How often, until it is refused."""
        for times in range(most):
            try:
                async with attempt(self.at(address), Act.LOGIN, RITA):
                    pass
            except TooMany:
                return times
        return most

    async def fail_often(self, times: int, **whose: str) -> list[int | None]:
        return [await self.fail(**whose) for _ in range(times)]


@pytest.fixture(params=["redis", "postgres"])
async def ground(
    request: pytest.FixtureRequest,
    configured: Settings,
    database: Database,
    limiter: Limiter,
    move_clock: MoveClock,
) -> AsyncIterator[Ground]:
    if request.param == "redis":
        url = configured.redis_url.get_secret_value()
        yield Ground(Gate(database, configured, limiter, HOME), lambda s: _age(url, s))
        return
    passed = 0

    async def wait(seconds: int) -> None:
        nonlocal passed
        passed += seconds
        await move_clock(f"{passed} seconds")

    nowhere = SecretStr("redis://127.0.0.1:9/0")
    away = Limiter(configured.model_copy(update={"redis_url": nowhere}))
    yield Ground(Gate(database, configured, away, HOME), wait)
    await away.close()


async def _age(url: str, seconds: int) -> None:
    """Everything was counted that much longer ago."""
    async with Redis.from_url(url) as redis:
        for key in await redis.keys("limit:*"):
            await redis.decrby(key, seconds * 1000)


async def test_a_few_tries_are_free_and_then_they_wait(ground: Ground) -> None:
    assert await ground.fail_often(AT_ONCE) == [None] * AT_ONCE
    assert (await ground.fail() or 0) in range(1, 31)
    await ground.wait(30)
    assert await ground.fail() is None
    assert await ground.fail() is not None, "one each half a minute"


async def test_the_delay_grows(ground: Ground) -> None:
    for _ in range(20):
        assert await ground.fail() is None
        await ground.wait(25)
    assert (await ground.fail() or 0) > 30, "no longer half a minute"


async def test_what_is_refused_counts_for_nothing(ground: Ground) -> None:
    await ground.fail_often(AT_ONCE)
    waits = await ground.fail_often(20)
    assert None not in waits
    await ground.wait(31)
    assert await ground.fail() is None


async def test_other_accounts_and_addresses_do_not_wait(ground: Ground) -> None:
    await ground.fail_often(AT_ONCE + 1)
    assert await ground.fail(account="adam@example.com") is None
    assert await ground.fail(address=AWAY) is None


async def test_one_address_cannot_try_every_account(ground: Ground) -> None:
    tried = [await ground.fail(account=f"{n}@example.com") for n in range(MANY)]
    assert 100 <= tried.count(None) < 200
    assert tried[-1] is not None
    assert await ground.fail(account="1@example.com", address=AWAY) is None


async def test_many_addresses_cannot_try_one_account(ground: Ground) -> None:
    tried = [
        await ground.fail(address=f"10.0.{n // 250}.{n % 250}") for n in range(150)
    ]
    assert 100 <= tried.count(None) < 120
    assert await ground.fail(account="adam@example.com", address="10.0.0.1") is None


async def test_an_address_of_ipv6_is_its_network(ground: Ground) -> None:
    tried = [await ground.fail(address=f"2001:db8::{n:x}") for n in range(6)]
    assert tried.count(None) == AT_ONCE


async def test_tries_at_the_same_time_are_counted_each(ground: Ground) -> None:
    waits = await asyncio.gather(*(ground.fail() for _ in range(15)))
    assert waits.count(None) == AT_ONCE


async def test_success_gives_back_what_it_took_but_not_to_the_address(
    ground: Ground,
) -> None:
    assert 100 <= await ground.succeed_often(MANY) < MANY
    assert await ground.fail(address=AWAY) is None, "of the account everything is"
    await ground.wait(3600)
    assert await ground.fail_often(AT_ONCE) == [None] * AT_ONCE
    await ground.succeed_often(1, address=AWAY)
    assert await ground.fail() is not None, "success gives back its own try only"


async def test_who_signed_in_there_before_does_not_wait_for_strangers(
    ground: Ground, people: People, database: Database
) -> None:
    alice = "alice@example.com"
    async with database.unit_of_work(Login.OWNER) as session:
        for number, address in enumerate((HOME, "2001:db8::1", "no address")):
            session.add(
                UserSession(
                    user_id=people.alice.user_id,
                    organization_id=people.alice.organization_id,
                    token_hash=bytes([number]),
                    address=address,
                    expires_at=func.app_now(),
                )
            )
    for n in range(101):
        await ground.fail(account=alice, address=f"10.0.0.{n}")
    assert await ground.fail(account=alice, address=AWAY) is not None
    assert await ground.fail(account=alice, address=None) is not None
    assert await ground.fail(account=alice, address="2001:db8::2") is None
    tried = await ground.fail_often(AT_ONCE + 1, account=alice)
    assert tried[:-1] == [None] * AT_ONCE
    assert tried[-1] is not None, "but it waits for itself"


async def test_nothing_that_is_counted_names_anybody(
    ground: Ground, configured: Settings, owner: AsyncSession
) -> None:
    await ground.fail()
    kept: list[object] = list(await owner.scalars(select(Throttle.key)))
    async with Redis.from_url(configured.redis_url.get_secret_value()) as redis:
        kept += await redis.keys("limit:*")
    assert kept
    assert RITA not in str(kept)
    assert HOME not in str(kept)


async def test_postgres_forgets_buckets_that_are_full(
    ground: Ground, database: Database, owner: AsyncSession
) -> None:
    await ground.fail()
    await ground.wait(20)
    async with database.system_session("test") as session:
        await throttling.purge(session, limit=10)
    left = await owner.scalar(select(func.count()).select_from(Throttle))
    assert left in {0, 3}, "all but the address's, which is full after 5 seconds"
