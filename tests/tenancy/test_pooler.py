"""The same through a PgBouncer that hands few connections to many clients, one
transaction at a time: no answer is anybody else's, whatever is given up or fails."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from itertools import count
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.core import tenant_connection
from app.core.db import Database, Login
from app.core.embedded import PostgresServer
from app.core.settings import Settings
from app.tasks.publisher import RedisPublisher
from tests.tenancy import pooler
from tests.tenancy.test_interleaving import LISTS
from tests.tenancy.worlds import Worlds, asking

pytestmark = pytest.mark.skipif(not pooler.is_here(), reason=pooler.NOT_HERE)

ROUNDS = 300
PROCESSES = 3
# Without a WHERE: only the policy says whose rows they are. The number tells whose
# answer it is where the login sees everybody's.
_LOOK = text(
    "SELECT (:number)::int AS number, array(SELECT DISTINCT organization_id FROM tasks"
    " ORDER BY 1) AS owners, pg_sleep(:seconds) IS NULL AS slept"
)
_FAIL = text("SELECT 1 / ((:number)::int - (:number)::int)")
_KNOWN = text("SELECT count(*) FROM pg_prepared_statements")


@pytest.fixture(scope="module")
def port(server_directory: Path, postgres_server: PostgresServer) -> Iterator[int]:
    with pooler.pooling(server_directory / "pgbouncer", postgres_server) as port:
        yield port


@pytest.fixture
def keeping(server_directory: Path, postgres_server: PostgresServer) -> Iterator[int]:
    """The port of one that keeps what was prepared, as RDS Proxy may."""
    directory = server_directory / "pgbouncer-keeping"
    with pooler.pooling(directory, postgres_server, lets_go=False) as port:
        yield port


@pytest.fixture(autouse=True)
def _count_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """The driver numbers its statements per process: here each connection does, as
    connections of different processes would."""
    numbers: dict[int, Iterator[int]] = {}

    def number(self: asyncpg.Connection, prefix: str) -> str:
        counted = numbers.setdefault(id(self), count())
        return f"__asyncpg_{prefix}_{next(counted):x}__"

    monkeypatch.setattr(asyncpg.Connection, "_get_unique_id", number)


@pytest.fixture
def pooled(worlds: Worlds, port: int) -> Settings:
    return pooler.behind(worlds.full, port)


@asynccontextmanager
async def processes(settings: Settings) -> AsyncIterator[list[Database]]:
    """As many as would stand beside each other, each with pools of its own."""
    publisher = RedisPublisher(settings)
    several = [Database(settings, publisher) for _ in range(PROCESSES)]
    yield several
    for one in several:
        await one.close()
    await publisher.close()


class Asked:
    """What came of asking everything at once."""

    def __init__(self) -> None:
        self.ended = 0
        self.wrong: list[object] = []
        self.failed: list[BaseException] = []


async def _ask(settings: Settings, worlds: Worlds, seed: int) -> Asked:
    """Under all logins and in the name of both tenants; about a fifth is given up after
    up to 30 ms, and another fifth fails in the database."""
    dice = random.Random(seed)  # noqa: S311 — a repeatable order, no secret
    tenants = [worlds.north.organization_id, worlds.foreign.organization_id]
    asked = Asked()

    async def look(
        database: Database, login: Login, tenant: UUID | None, number: int
    ) -> None:
        async with database.unit_of_work(
            login, organization_id=tenant, actor="interleaving"
        ) as session:
            values = {"number": number, "seconds": dice.random() / 200}
            seen = (await session.execute(_LOOK, values)).one()
            sees_all = login in {Login.SYSTEM, Login.OWNER}
            expected = sorted(tenants) if sees_all else [tenant] if tenant else []
            if (seen.number, seen.owners) != (number, expected):
                asked.wrong.append((login, tenant, number, seen))
            if number % 5 == 0:
                with pytest.raises(DBAPIError, match="division by zero"):
                    await session.execute(_FAIL, {"number": number})
                await session.rollback()

    async with processes(settings) as several:
        asks = [
            asyncio.ensure_future(
                look(
                    dice.choice(several),
                    dice.choice(list(Login)),
                    dice.choice([*tenants, None]),
                    number,
                )
            )
            for number in range(ROUNDS)
        ]
        for one in asks:
            if dice.random() < 0.2:
                asyncio.get_running_loop().call_later(dice.random() / 33, one.cancel)
        for outcome in await asyncio.gather(*asks, return_exceptions=True):
            asked.ended += outcome is None
            if isinstance(outcome, Exception):
                asked.failed.append(outcome)
    return asked


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_every_login_is_answered_with_its_own_tenants_rows(
    pooled: Settings, worlds: Worlds, seed: int
) -> None:
    asked = await _ask(pooled, worlds, seed)
    assert (asked.wrong, asked.failed) == ([], [])
    assert ROUNDS // 2 < asked.ended < ROUNDS


async def test_names_of_statements_are_nobody_elses(
    keeping: int, worlds: Worlds
) -> None:
    """Even where the pooler lets go of none."""
    asked = await _ask(pooler.behind(worlds.full, keeping), worlds, 1)
    assert (asked.wrong, asked.failed) == ([], [])


async def test_without_the_setting_statements_of_others_are_in_the_way(
    pooled: Settings, worlds: Worlds
) -> None:
    """Each client calls its statements by the same names, and believes that they are
    still there."""
    unsaid = pooled.model_copy(update={"database_behind_pooler": False})
    asked = await _ask(unsaid, worlds, 1)
    assert any("prepared statement" in str(one) for one in asked.failed)
    assert asked.wrong == [], "an error, never another's rows"


async def test_no_statement_is_left_behind_on_a_connection(
    pooled: Settings, worlds: Worlds
) -> None:
    """Unique names would add up for as long as the pooler keeps a connection, if it did
    not let go of them between two clients."""
    known: list[int] = []
    async with processes(pooled) as several:

        async def look(number: int) -> None:
            async with several[number % PROCESSES].system_session("test") as session:
                known.append(await session.scalar(_KNOWN) or 0)

        await asyncio.gather(*map(look, range(ROUNDS)))
    assert max(known) <= 2, "that which sets the tenant, and the question itself"


async def test_a_tenant_that_stays_on_the_connection_would_be_noticed(
    pooled: Settings, worlds: Worlds, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same with the tenant set for the session instead of the transaction, and some
    that set none."""
    for_session = tenant_connection._SET_TENANT.replace("true", "false")  # noqa: SLF001 — broken on purpose
    monkeypatch.setattr(tenant_connection, "_SET_TENANT", for_session)
    tenants = [worlds.north.organization_id, worlds.foreign.organization_id]
    async with processes(pooled) as several:

        async def look() -> frozenset[UUID]:
            async with several[1].engine(Login.APP).connect() as connection:
                values = {"number": 1, "seconds": 0.5}
                return frozenset((await connection.execute(_LOOK, values)).one().owners)

        for tenant in tenants:
            async with several[0].unit_of_work(
                Login.APP, organization_id=tenant, actor="interleaving"
            ) as session:
                await session.execute(_LOOK, {"number": 1, "seconds": 0})
        # On all of its connections at the same time, whichever one it stayed on.
        seen = await asyncio.gather(*(look() for _ in range(pooler.SERVERS)))
    assert set(seen) != {frozenset()}


@pytest.mark.parametrize("seed", [1, 2])
async def test_requests_are_answered_from_their_own_tenant(
    pooled: Settings, worlds: Worlds, seed: int
) -> None:
    dice = random.Random(seed)  # noqa: S311 — a repeatable order, no secret
    sides = (
        (worlds.people.alice, worlds.north.mark, worlds.foreign.mark),
        (worlds.people.mallory, worlds.foreign.mark, worlds.north.mark),
    )
    async with asking(pooled) as ask:

        async def read(token: str, path: str, own: str, foreign: str) -> None:
            answer = await ask(token, "GET", path)
            assert answer.status_code == 200, answer.text
            assert own in answer.text
            assert foreign not in answer.text

        asks: list[Callable[[], Awaitable[None]]] = []
        for _ in range(ROUNDS // 2):
            persona, own, foreign = dice.choice(sides)
            asks.append(partial(read, persona.token, dice.choice(LISTS), own, foreign))
        tasks = [asyncio.ensure_future(one()) for one in asks]
        for task in tasks:
            if dice.random() < 0.2:
                asyncio.get_running_loop().call_later(dice.random() / 33, task.cancel)
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [one for one in outcomes if isinstance(one, Exception)] == []
    assert outcomes.count(None) > len(tasks) // 2
