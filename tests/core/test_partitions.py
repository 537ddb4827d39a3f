"""Partitions by month: made ahead, dropped once they are empty, never with a row."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.core.clock import now
from app.core.db import Database, Login, make_engine
from app.core.partitions import drop_empty_partitions, ensure_partitions
from app.core.settings import Settings
from app.models.run import ExecutionEvent
from tests.builders import make_account, make_task
from tests.builders_runs import make_execution
from tests.personae import People

JANUARY = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture
async def engine(configured: Settings) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(configured, Login.OWNER)
    yield engine
    await engine.dispose()


async def made(engine: AsyncEngine, today: datetime) -> list[str]:
    async with engine.begin() as connection:
        return await ensure_partitions(connection, today)


async def test_this_month_and_the_next_three_are_made_once(engine: AsyncEngine) -> None:
    names = await made(engine, JANUARY)
    assert names[:4] == [f"execution_events_p_2026_0{month}" for month in (1, 2, 3, 4)]
    assert len(names) == 8
    assert await made(engine, JANUARY) == []
    assert len(await made(engine, JANUARY + timedelta(days=1))) == 2


async def test_past_months_that_are_empty_are_dropped(engine: AsyncEngine) -> None:
    await made(engine, JANUARY)
    may = datetime(2026, 5, 2, tzinfo=UTC)
    dropped = await drop_empty_partitions(engine, may)
    assert dropped.gone == [
        f"{table}_p_2026_0{month}"
        for table in ("deliveries", "execution_events")
        for month in (1, 2)
    ]
    assert dropped.held == dropped.busy == []
    assert (await drop_empty_partitions(engine, may)).gone == []


async def test_a_month_that_holds_a_row_is_kept_and_told(
    engine: AsyncEngine, owner: AsyncSession, people: People
) -> None:
    organization_id = people.alice.organization_id
    await made(engine, JANUARY)
    account = await make_account(owner, organization_id)
    task = await make_task(owner, organization_id, accounts=(account,))
    execution = await make_execution(owner, task, account)
    owner.add(
        ExecutionEvent(
            organization_id=organization_id,
            execution_id=execution.id,
            kind="status",
            at=JANUARY,
            fence=1,
            actor="",
        )
    )
    await owner.commit()
    dropped = await drop_empty_partitions(engine, now())
    assert dropped.held == ["execution_events_p_2026_01"]
    assert "execution_events_p_2026_01" not in dropped.gone


async def test_a_month_that_has_rows_already_keeps_them_where_they_are(
    engine: AsyncEngine, owner: AsyncSession, people: People
) -> None:
    organization_id = people.alice.organization_id
    account = await make_account(owner, organization_id)
    task = await make_task(owner, organization_id, accounts=(account,))
    execution = await make_execution(owner, task, account)
    for at in (datetime(2031, 2, 1, tzinfo=UTC), datetime(2031, 4, 1, tzinfo=UTC)):
        owner.add(
            ExecutionEvent(
                organization_id=organization_id,
                execution_id=execution.id,
                kind="status",
                at=at - timedelta(seconds=1),
                fence=1,
                actor="",
            )
        )
    await owner.commit()
    names = await made(engine, datetime(2031, 1, 2, tzinfo=UTC))
    assert names == [
        *(f"execution_events_p_2031_0{month}" for month in (2, 4)),
        *(f"deliveries_p_2031_0{month}" for month in (1, 2, 3, 4)),
    ]
    kept = await owner.scalar(
        text("SELECT count(*) FROM execution_events_p_default WHERE at > '2031-01-01'")
    )
    assert kept == 2


async def test_one_that_is_in_use_is_left_for_the_next_time(
    engine: AsyncEngine, database: Database
) -> None:
    await made(engine, JANUARY)
    may = datetime(2026, 5, 2, tzinfo=UTC)
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(text("SELECT FROM execution_events_p_2026_01"))
        dropped = await drop_empty_partitions(engine, may)
    assert dropped.busy == ["execution_events_p_2026_01"]
    assert "execution_events_p_2026_02" in dropped.gone
