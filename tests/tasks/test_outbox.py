"""Jobs of the outbox: done at least once, tried again when an outsider is away, and
never forgotten in silence."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.core.ids import new_id
from app.models.outbox import OutboxMessage, OutboxStatus
from app.services import outbox as rules
from app.services.outbox import OutboxKind
from app.tasks import outbox
from app.tasks.message import MOST_ATTEMPTS, Message
from app.tasks.outbox_jobs import HANDLERS
from app.tasks.worker import Worker
from tests.personae import People

MoveClock = Callable[[str], Awaitable[None]]


@pytest.fixture
async def message_id(database: Database, people: People) -> UUID:
    """A job that finds nothing to do: there is no such ciphertext."""
    organization_id = people.alice.organization_id
    async with database.unit_of_work(
        Login.APP, organization_id=organization_id
    ) as session:
        return await rules.post(
            session,
            organization_id=organization_id,
            kind=OutboxKind.CREDENTIALS_DESTROY,
            subject_id=new_id(),
        )


async def _look(owner: AsyncSession) -> OutboxMessage:
    await owner.rollback()
    return (await owner.scalars(select(OutboxMessage))).one()


async def test_a_message_is_done_once_however_often_it_is_hinted(
    worker: Worker, message_id: UUID, owner: AsyncSession
) -> None:
    await outbox.deliver(worker, message_id)
    await outbox.deliver(worker, message_id)
    message = await _look(owner)
    assert (message.status, message.attempts) == (OutboxStatus.DONE, 1)


async def test_an_outsider_that_is_away_is_waited_for_ten_times_then_told(
    worker: Worker,
    people: People,
    database: Database,
    owner: AsyncSession,
    move_clock: MoveClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def away(_worker: Worker, _message: Message) -> None:
        raise ConnectionRefusedError("nobody listens")

    monkeypatch.setitem(HANDLERS, OutboxKind.CREDENTIALS_DESTROY, away)
    organization_id = people.alice.organization_id
    async with database.unit_of_work(
        Login.APP, organization_id=organization_id
    ) as session:
        id = await rules.post(
            session,
            organization_id=organization_id,
            kind=OutboxKind.CREDENTIALS_DESTROY,
            subject_id=new_id(),
        )
    for attempt in range(1, MOST_ATTEMPTS + 1):
        message = await _look(owner)
        assert message.status == OutboxStatus.PENDING
        await outbox.deliver(worker, id)
        await move_clock(f"{attempt} days")
    message = await _look(owner)
    assert (message.status, message.attempts) == (OutboxStatus.DEAD, 10)
    assert message.error == "ConnectionRefusedError: nobody listens"


async def test_a_message_whose_workers_died_is_given_up_with_a_word(
    worker: Worker,
    message_id: UUID,
    database: Database,
    owner: AsyncSession,
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        message = await session.get_one(OutboxMessage, message_id)
        message.attempts = MOST_ATTEMPTS
    await outbox.deliver(worker, message_id)
    message = await _look(owner)
    assert message.status == OutboxStatus.DEAD
    assert message.error


async def test_a_job_that_takes_long_stays_with_its_worker(
    worker: Worker,
    message_id: UUID,
    owner: AsyncSession,
    move_clock: MoveClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun: list[int] = []

    async def take_long(_worker: Worker, message: Message) -> None:
        begun.append(message.fence)
        lease = (await _look(owner)).lease_until
        await move_clock("50 seconds")
        async with asyncio.timeout(20):
            while (await _look(owner)).lease_until == lease:  # noqa: ASYNC110 — only it tells
                await asyncio.sleep(0.01)
        await move_clock("100 seconds")  # fifty more
        await outbox.deliver(worker, message_id)

    monkeypatch.setattr(outbox, "EXTEND_SECONDS", 0.01)
    monkeypatch.setitem(HANDLERS, OutboxKind.CREDENTIALS_DESTROY, take_long)
    await outbox.deliver(worker, message_id)
    message = await _look(owner)
    assert begun == [1]
    assert (message.status, message.lease_until) == (OutboxStatus.DONE, None)


async def test_a_lost_workers_message_is_another_ones_within_a_minute(
    worker: Worker,
    message_id: UUID,
    owner: AsyncSession,
    move_clock: MoveClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Killed(BaseException): ...

    async def die(_worker: Worker, _message: Message) -> None:
        raise Killed

    with monkeypatch.context() as dying:
        dying.setitem(HANDLERS, OutboxKind.CREDENTIALS_DESTROY, die)
        with pytest.raises(Killed):
            await outbox.deliver(worker, message_id)
    await outbox.deliver(worker, message_id)
    assert (await _look(owner)).status == OutboxStatus.PENDING
    await move_clock("61 seconds")
    await outbox.deliver(worker, message_id)
    assert (await _look(owner)).status == OutboxStatus.DONE


async def test_a_message_is_found_without_a_hint(
    worker: Worker, message_id: UUID, owner: AsyncSession, move_clock: MoveClock
) -> None:
    async def deliver_and_stop(worker: Worker, found: UUID) -> None:
        assert found == message_id
        await outbox.deliver(worker, found)
        worker.release_all()

    await move_clock("6 seconds")
    await outbox.poll(worker, deliver_and_stop)
    assert (await _look(owner)).status == OutboxStatus.DONE
