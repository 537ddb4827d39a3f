"""Who waits for a connection gets it in the order of coming."""

import asyncio

import pytest
from sqlalchemy import TextClause, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoneFree

from app.core import db
from app.core.db import Database, Login, pause
from app.core.settings import Settings
from app.tasks.publisher import RedisPublisher

ANYTHING = text("SELECT 1")


async def test_nobody_is_served_again_and_again_while_another_waits(
    configured: Settings, publisher: RedisPublisher
) -> None:
    """Each client comes back at once. By itself the pool lets some be eleven ahead."""
    size, clients = 5, range(16)
    some = configured.model_copy(update={"database_pool_size": size})
    database = Database(some, publisher)
    served = dict.fromkeys(clients, 0)
    ahead: list[int] = []

    async def client(number: int) -> None:
        for _ in range(20):
            await _asks(database)
            served[number] += 1
            ahead.append(max(served.values()) - min(served.values()))

    await asyncio.gather(*(client(number) for number in clients))
    assert max(ahead) <= size
    await database.close()


async def test_whoever_fails_or_gives_up_leaves_the_turn_to_the_next(
    narrow: Database,
) -> None:
    with pytest.raises(DBAPIError):
        await _asks(narrow, what=text("SELECT 1/0"))
    async with narrow.unit_of_work(Login.APP):
        waiting = asyncio.create_task(_asks(narrow))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    await _asks(narrow)


async def test_the_logins_do_not_wait_for_each_other(narrow: Database) -> None:
    async with narrow.unit_of_work(Login.APP), asyncio.timeout(10):
        await _asks(narrow, Login.SYSTEM)


async def test_who_pauses_lets_others_go_on(narrow: Database) -> None:
    async with narrow.unit_of_work(Login.APP) as session:
        await session.execute(ANYTHING)
        await pause(session)
        async with asyncio.timeout(10):
            await _asks(narrow)
        await session.execute(ANYTHING)
    await _asks(narrow)


async def test_hints_are_sent_when_the_turn_is_over(
    narrow: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Redis may be slow, and the database is not needed for it."""
    told: list[str] = []

    async def send(*_: object) -> None:
        if not told:
            told.append("sending")
            async with asyncio.timeout(10):
                await _asks(narrow)
            told.append("sent")

    monkeypatch.setattr(db, "publish_hints", send)
    await _asks(narrow)
    assert told == ["sending", "sent"]


async def test_nobody_waits_for_ever(
    narrow: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    brief = dict.fromkeys(Login, db.Patience(pool=0.1, answer=15))
    monkeypatch.setattr(db, "PATIENCE", brief)
    async with narrow.unit_of_work(Login.APP):
        with pytest.raises(NoneFree, match="no connection became free"):
            await _asks(narrow)
    await _asks(narrow)


async def _asks(
    database: Database, login: Login = Login.APP, what: TextClause = ANYTHING
) -> None:
    async with database.unit_of_work(login) as session:
        await session.execute(what)
