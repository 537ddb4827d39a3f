"""A server that stops answering is lost, not waited for."""

import pytest
from sqlalchemy import text

from app.core import db
from app.core.db import Database, Login


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    brief = dict.fromkeys(Login, db.Patience(pool=30, answer=0.2))
    monkeypatch.setattr(db, "PATIENCE", brief)


@pytest.mark.usefixtures("impatient")
async def test_who_hears_nothing_gives_up_and_has_new_connections_next(
    database: Database,
) -> None:
    with pytest.raises(TimeoutError):
        async with database.unit_of_work(Login.APP) as session:
            # What is silent for longer than anybody's patience.
            await session.execute(text("SELECT pg_sleep(60)"))
    async with database.unit_of_work(Login.APP) as session:
        assert await session.scalar(text("SELECT 1")) == 1


@pytest.mark.usefixtures("impatient")
async def test_the_connections_beside_a_silent_one_are_left_too(
    database: Database,
) -> None:
    async with database.unit_of_work(Login.APP) as session:
        await session.scalar(text("SELECT 1"))
    before = database.engine(Login.APP)
    with pytest.raises(TimeoutError):
        async with database.unit_of_work(Login.APP) as session:
            await session.execute(text("SELECT pg_sleep(60)"))
    assert database.engine(Login.APP) is not before
