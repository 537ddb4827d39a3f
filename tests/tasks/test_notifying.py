"""The worker's loop finds what waits to be routed, without a hint and without Redis."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database
from app.models.notice import RecordedNotice
from app.models.notification import Delivery
from app.tasks import notifying
from app.tasks.worker import Worker
from tests.api.events_ground import Ground, make_ground
from tests.personae import People
from tests.services.test_routing import channel, fail, rule


@pytest.fixture
async def ground(database: Database, people: People) -> Ground:
    return await make_ground(database, people)


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notifying, "POLL_SECONDS", 0.01)


async def _until_routed(owner: AsyncSession, worker: Worker, looping: object) -> None:
    waiting = select(RecordedNotice.id).where(RecordedNotice.routed_at.is_(None))
    async with asyncio.timeout(30):
        while (await owner.scalars(waiting)).all():
            await owner.rollback()
            await asyncio.sleep(0.02)
    worker.stopping = True
    assert isinstance(looping, asyncio.Task)
    await looping


async def test_what_waits_is_routed_for_every_organization(
    ground: Ground, worker: Worker, people: People, owner: AsyncSession
) -> None:
    for persona in (people.alice, people.mallory):
        tenant = persona.organization_id
        await rule(ground, tenant, [await channel(ground, tenant)])
    looping = asyncio.create_task(notifying.poll(worker, notifying.route))
    await fail(ground)
    await fail(ground, "evil")
    await _until_routed(owner, worker, looping)
    told = await owner.scalars(select(Delivery.organization_id))
    tenants = {people.alice.organization_id, people.mallory.organization_id}
    assert set(told) == tenants


async def test_the_loop_waits_for_a_database_that_is_away(
    ground: Ground,
    worker: Worker,
    owner: AsyncSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked = 0
    waiting = notifying.waiting

    async def away_twice(asked: Worker) -> list[UUID]:
        nonlocal looked
        looked += 1
        if looked < 3:
            raise OperationalError("SELECT", {}, ConnectionRefusedError())
        return await waiting(asked)

    monkeypatch.setattr(notifying, "waiting", away_twice)
    await fail(ground)
    looping = asyncio.create_task(notifying.poll(worker, notifying.route))
    await _until_routed(owner, worker, looping)
    assert looked >= 3
