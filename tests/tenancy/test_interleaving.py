"""Two tenants on two pooled connections, at once and with requests given up half-way:
nobody is ever shown a row of the other, and no connection is lost."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import tenant_connection
from app.core.db import Database, Login
from app.core.settings import Settings
from app.tasks.publisher import RedisPublisher
from tests.personae import Persona
from tests.tenancy.worlds import Worlds, asking

ROUNDS = 150
SOME_ENDED = range(ROUNDS // 3, ROUNDS - 10)
LISTS = (
    "/api/v1/tasks",
    "/api/v1/aws-accounts",
    "/api/v1/aws-credentials",
    "/api/v1/executions",
    "/api/v1/resources",
)
# Without a WHERE: only the policy says whose rows they are.
_OWNERS = text("SELECT DISTINCT organization_id FROM tasks")
_PAUSE = text("SELECT pg_sleep(:seconds)")


@pytest.fixture
def small(worlds: Worlds) -> Settings:
    return worlds.full.model_copy(update={"database_pool_size": 2})


@pytest.fixture
async def pool(small: Settings) -> AsyncIterator[Database]:
    publisher = RedisPublisher(small)
    database = Database(small, publisher)
    yield database
    await database.close()
    await publisher.close()


async def _interleave(
    dice: random.Random, asks: list[Callable[[], Awaitable[None]]]
) -> int:
    """Everything at once, about a third of it given up after up to 30 ms; how many
    came to their end."""
    tasks = [asyncio.ensure_future(ask()) for ask in asks]
    for task in tasks:
        if dice.random() < 0.34:
            asyncio.get_running_loop().call_later(dice.random() / 33, task.cancel)
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    failed = [
        outcome
        for outcome in outcomes
        if isinstance(outcome, BaseException)
        and not isinstance(outcome, asyncio.CancelledError)
    ]
    assert failed == []
    return sum(outcome is None for outcome in outcomes)


async def _wrong_owners(database: Database, worlds: Worlds, seed: int) -> list[object]:
    """What bare statements saw beyond their tenant's rows; some have no tenant."""
    dice = random.Random(seed)  # noqa: S311 — a repeatable order, no secret
    wrong: list[object] = []

    async def look(organization_id: UUID | None) -> None:
        async with database.unit_of_work(
            Login.APP, organization_id=organization_id, actor="interleaving"
        ) as session:
            await _look(session, organization_id)

    async def look_without_tenant() -> None:
        async with AsyncSession(database.engine(Login.APP)) as session:
            await _look(session, None)

    async def _look(session: AsyncSession, organization_id: UUID | None) -> None:
        await session.execute(_PAUSE, {"seconds": dice.random() / 200})
        owners = set((await session.scalars(_OWNERS)).all())
        if owners != ({organization_id} if organization_id else set()):
            wrong.append((organization_id, owners))

    asks: list[Callable[[], Awaitable[None]]] = []
    for _ in range(ROUNDS):
        mine, theirs = worlds.north.organization_id, worlds.foreign.organization_id
        organization_id = dice.choice([mine, theirs, None])
        asks.append(
            look_without_tenant
            if organization_id is None
            else partial(look, organization_id)
        )
    assert await _interleave(dice, asks) in SOME_ENDED
    return wrong


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_interleaved_transactions_see_their_own_tenant(
    pool: Database, worlds: Worlds, seed: int
) -> None:
    assert await _wrong_owners(pool, worlds, seed) == []


async def test_a_tenant_that_stays_on_the_connection_would_be_noticed(
    pool: Database, worlds: Worlds, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same with the tenant set for the session instead of the transaction."""
    for_session = tenant_connection._SET_TENANT.replace("true", "false")  # noqa: SLF001 — broken on purpose
    monkeypatch.setattr(tenant_connection, "_SET_TENANT", for_session)
    assert await _wrong_owners(pool, worlds, 1) != []


@pytest.mark.parametrize("seed", [1, 2])
async def test_interleaved_requests_are_answered_from_their_own_tenant(
    small: Settings, worlds: Worlds, seed: int
) -> None:
    dice = random.Random(seed)  # noqa: S311 — a repeatable order, no secret
    sides = (
        (worlds.people.alice, worlds.north.mark, worlds.foreign.mark),
        (worlds.people.mallory, worlds.foreign.mark, worlds.north.mark),
    )
    async with asking(small) as ask:

        async def read(persona: Persona, path: str, own: str, foreign: str) -> None:
            answer = await ask(persona.token, "GET", path)
            assert answer.status_code == 200, answer.text
            assert own in answer.text
            assert foreign not in answer.text

        asks: list[Callable[[], Awaitable[None]]] = []
        for _ in range(ROUNDS):
            persona, own, foreign = dice.choice(sides)
            arguments = (persona, dice.choice(LISTS), own, foreign)
            asks.append(partial(read, *arguments))
        assert await _interleave(dice, asks) in SOME_ENDED
