"""What a worker does of a restored database: nothing, until it is resumed."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import text

from app.core.db import Database, Login
from app.core.settings import Settings
from app.models.outbox import OutboxMessage, OutboxStatus
from app.services import restores
from app.services.claims import Claim
from app.tasks import notifying, outbox, pulse, restore
from app.tasks.stopping import Stop
from app.tasks.worker import Worker
from tests.api.events_ground import Ground, make_ground
from tests.personae import People
from tests.services.test_routing import fail
from tests.tasks.test_outbox import message_id

__all__ = ["message_id"]


@pytest.fixture
async def ground(database: Database, people: People) -> Ground:
    return await make_ground(database, people)


async def _status(database: Database, id: UUID) -> OutboxStatus:
    async with database.unit_of_work(Login.OWNER) as session:
        return (await session.get_one(OutboxMessage, id)).status


async def test_nothing_is_sent_or_routed_while_it_is_paused(
    database: Database,
    ground: Ground,
    worker: Worker,
    message_id: UUID,
) -> None:
    await fail(ground)
    await restore.pause(database, worker.settings)
    await outbox.deliver(worker, message_id)
    assert await _status(database, message_id) is OutboxStatus.PENDING
    assert await notifying.waiting(worker) == []
    await restores.resume(database, operator="operator:test")
    await outbox.deliver(worker, message_id)
    assert await _status(database, message_id) is OutboxStatus.DONE
    assert await notifying.waiting(worker) != []


async def test_a_worker_looks_for_a_restore_before_its_first_claim(
    database: Database, ground: Ground, worker: Worker, worker_settings: Settings
) -> None:
    for _ in range(2):
        await pulse.judge(database, worker_settings, as_beat=True)
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(text("UPDATE pulses SET count = 1"))
        await session.execute(text("UPDATE task_executions SET status = 'queued'"))

    async def never(_: Worker, claim: Claim, __: Stop) -> None:
        pytest.fail(f"{claim} was begun")

    polling = asyncio.create_task(worker.poll(never))
    for _ in range(600):
        if await _is_paused(database):
            break
        await asyncio.sleep(0.05)
    else:
        pytest.fail("it was not noticed")
    worker.release_all()
    await worker.wake()
    await polling


async def _is_paused(database: Database) -> bool:
    async with database.system_session("test") as session:
        return await restores.present(session) is not None
