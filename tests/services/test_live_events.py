"""The order of live events, in which nothing is skipped, and how long they are kept."""

from contextlib import AsyncExitStack
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.models.live_event import LiveEvent
from app.models.run import Status, TaskExecution
from app.services import live_events
from tests.api.events_ground import Ground, make_ground
from tests.personae import People
from tests.services.ears import Ear, ear_of


@pytest.fixture
async def ground(database: Database, people: People) -> Ground:
    return await make_ground(database, people)


@pytest.fixture
async def ear(database: Database, people: People, ground: Ground) -> Ear:
    return await ear_of(database, people.alice)


def worker(ground: Ground) -> Any:
    return ground.database.unit_of_work(
        Login.WORKER, organization_id=ground.executions["north"].organization_id
    )


async def start(session: AsyncSession, execution: TaskExecution) -> None:
    await session.execute(
        update(TaskExecution)
        .where(TaskExecution.id == execution.id)
        .values(status=Status.RUNNING)
    )


# ── order ────────────────────────────────────────────────────────────────────────


async def test_skips_nothing_of_a_transaction_that_commits_later(
    ear: Ear, ground: Ground
) -> None:
    """Two transactions interleaved: the one that wrote first commits last."""
    async with AsyncExitStack() as first:
        earlier = await first.enter_async_context(worker(ground))
        await start(earlier, ground.executions["north"])
        async with worker(ground) as later:
            await start(later, ground.executions["south"])
        assert await ear.facts() == []
    told = [one["ids"] for one in await ear.facts()]
    assert told == [[ground.id_of("north")], [ground.id_of("south")]]
    assert await ear.facts() == []


async def test_skips_nothing_of_a_transaction_that_writes_again(
    ear: Ear, ground: Ground
) -> None:
    """What a transaction adds after another one's commit still comes."""
    async with AsyncExitStack() as first:
        slow = await first.enter_async_context(worker(ground))
        await start(slow, ground.executions["north"])
        async with worker(ground) as quick:
            await start(quick, ground.executions["south"])
        assert await ear.facts() == []
        await slow.execute(
            update(TaskExecution)
            .where(TaskExecution.id == ground.executions["north"].id)
            .values(status=Status.FAILED)
        )
    told = [(one["ids"][0], one["status"]) for one in await ear.facts()]
    north, south = ground.id_of("north"), ground.id_of("south")
    assert told == [(north, "running"), (north, "failed"), (south, "running")]


async def test_the_higher_id_is_the_later_change(ear: Ear, ground: Ground) -> None:
    """Also where the order of transactions is another."""
    execution = ground.executions["north"]
    async with AsyncExitStack() as first:
        earlier = await first.enter_async_context(worker(ground))
        await start(earlier, ground.executions["south"])
        async with worker(ground) as later:
            await start(later, execution)
        await earlier.execute(
            update(TaskExecution)
            .where(TaskExecution.id == execution.id)
            .values(status=Status.SUCCEEDED)
        )
    of_it = [one for one in await ear.facts() if one["ids"] == [str(execution.id)]]
    by_id = sorted(of_it, key=lambda one: one["id"])
    assert [one["status"] for one in by_id] == ["running", "succeeded"]


async def test_tells_nothing_of_what_was_rolled_back(ear: Ear, ground: Ground) -> None:
    async with worker(ground) as session:
        await start(session, ground.executions["north"])
        await session.rollback()
    assert await ear.facts() == []


# ── what is kept ─────────────────────────────────────────────────────────────────


async def test_deletes_what_is_too_old_in_batches_and_leaves_no_hole(
    database: Database, ground: Ground
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        kept = await session.scalar(select(text("count(*)")).select_from(LiveEvent))
        first = await session.scalar(select(text("min(xid)")).select_from(LiveEvent))
        await session.execute(
            text(
                "INSERT INTO live_events (organization_id, xid, at, kind, facts)"
                " SELECT organization_id, :first - 100 + n, app_now() - CASE n"
                " WHEN 6 THEN interval '24 hours 30 minutes' ELSE interval '26 hours'"
                " END, 'unit.changed', '{}' FROM generate_series(1, 8) n,"
                " (SELECT organization_id FROM live_events LIMIT 1) of"
            ),
            {"first": first},
        )
    deleted = []
    for _ in range(4):
        async with database.system_session("test") as session:
            deleted.append(await live_events.purge(session, limit=3))
    assert deleted == [3, 2, 0, 0]
    async with database.unit_of_work(Login.OWNER) as session:
        # The sixth is kept, and so is what comes behind it, however old that is.
        left = await session.scalar(select(text("count(*)")).select_from(LiveEvent))
    assert left == (kept or 0) + 3
