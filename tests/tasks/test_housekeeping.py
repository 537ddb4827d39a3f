"""What is done beside the ticks: each tenant's purge is asked for once a day, and what
nobody can use any more is deleted."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.db import Database, Login
from app.core.permissions import Role
from app.models.live_event import EventKind, LiveEvent
from app.models.organization import Invitation, Member
from app.models.outbox import OutboxMessage, OutboxStatus
from app.models.throttle import Throttle
from app.models.user import EmailToken, EmailTokenPurpose, UserSession
from app.services import retention
from app.services.outbox import OutboxKind
from app.tasks import housekeeping, outbox
from app.tasks.worker import Worker
from tests.personae import People

MoveClock = Callable[[str], Awaitable[None]]
OF_PURGES = OutboxMessage.kind == OutboxKind.HISTORY_PURGE


async def asked(owner: AsyncSession) -> list[OutboxMessage]:
    await owner.rollback()
    found = select(OutboxMessage).where(OF_PURGES).order_by(OutboxMessage.id)
    return list(await owner.scalars(found))


async def test_each_tenant_is_asked_for_once_a_day_by_any_number_of_beats(
    database: Database, people: People, owner: AsyncSession, move_clock: MoveClock
) -> None:
    done = await asyncio.gather(*(housekeeping.tidy(database) for _ in range(5)))
    tenants = {people.alice.organization_id, people.mallory.organization_id}
    messages = await asked(owner)
    assert {message.subject_id for message in messages} == tenants
    assert len(messages) == 2
    assert max(one["asked_for_purges"] for one in done) == 2
    later = [message.available_at - message.created_at for message in messages]
    assert all(timedelta(-1) < delay <= timedelta(hours=1) for delay in later)
    await move_clock("1 day")
    await housekeeping.tidy(database)
    assert len(await asked(owner)) == 4


async def test_a_worker_does_it_and_goes_on_while_more_is_left(
    database: Database,
    people: People,
    worker: Worker,
    owner: AsyncSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await housekeeping.tidy(database)
    purged: list[UUID] = []

    async def purge(_: Database, organization_id: UUID, *, within: timedelta) -> bool:
        purged.append(organization_id)
        return len(purged) < 3

    first = (await asked(owner))[0]
    with monkeypatch.context() as patch:
        patch.setattr(retention, "purge", purge)
        for _ in range(2):
            await outbox.deliver(worker, first.id)
        others = [one for one in await asked(owner) if "after" in one.dedupe_key]
        assert [one.subject_id for one in others] == [first.subject_id]
        await outbox.deliver(worker, others[0].id)
        [*_, last] = [one for one in await asked(owner) if "after" in one.dedupe_key]
        await outbox.deliver(worker, last.id)
    assert purged == [first.subject_id] * 3
    waiting = [m for m in await asked(owner) if m.status is OutboxStatus.PENDING]
    assert len(waiting) == 1, "Mallory's"
    await outbox.deliver(worker, waiting[0].id)
    assert {one.status for one in await asked(owner)} == {OutboxStatus.DONE}


async def test_what_expired_a_month_ago_goes_and_nothing_else(
    database: Database, people: People, owner: AsyncSession
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        alice = Member.user_id == people.alice.user_id
        inviter = await session.scalar(select(Member.id).where(alice))
        for number, days in enumerate((-1, 1, 29, 31)):
            session.add_all(
                [
                    EmailToken(
                        user_id=people.alice.user_id,
                        purpose=EmailTokenPurpose.VERIFY_EMAIL,
                        token_hash=bytes([number]),
                        expires_at=now() - timedelta(days=days),
                    ),
                    UserSession(
                        user_id=people.alice.user_id,
                        organization_id=people.alice.organization_id,
                        token_hash=bytes([number]),
                        expires_at=now() - timedelta(days=days),
                    ),
                    Invitation(
                        organization_id=people.alice.organization_id,
                        email=f"{number}@example.com",
                        role=Role.VIEWER,
                        invited_by=inviter,
                        token_hash=bytes([number]),
                        expires_at=now() - timedelta(days=days),
                    ),
                ]
            )
    sessions = await owner.scalar(select(func.count()).select_from(UserSession))
    assert (await housekeeping.tidy(database))["expired"] == 3
    await owner.rollback()
    assert await owner.scalar(select(func.count()).select_from(EmailToken)) == 3
    assert await owner.scalar(select(func.count()).select_from(Invitation)) == 3
    left = await owner.scalar(select(func.count()).select_from(UserSession))
    assert left == (sessions or 0) - 1
    async with database.system_session("test") as session:
        await session.execute(text("DELETE FROM user_sessions"))
        await session.execute(text("DELETE FROM email_tokens"))
        await session.execute(text("DELETE FROM invitations"))
    await owner.rollback()
    assert await owner.scalar(select(func.count()).select_from(EmailToken)) == 3
    assert await owner.scalar(select(func.count()).select_from(Invitation)) == 3


async def test_buckets_that_are_full_again_are_forgotten(
    database: Database, owner: AsyncSession, move_clock: MoveClock
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        for minutes in (1, 10):
            full_at = now() + timedelta(minutes=minutes)
            session.add(Throttle(key=bytes([minutes]), full_at=full_at))
    await move_clock("5 minutes")
    assert (await housekeeping.tidy(database))["throttles"] == 1
    assert await owner.scalar(select(Throttle.key)) == bytes([10])


async def test_live_events_are_purged_in_all_their_batches(
    database: Database,
    people: People,
    owner: AsyncSession,
    move_clock: MoveClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        for _ in range(3):
            session.add(
                LiveEvent(
                    organization_id=people.alice.organization_id,
                    kind=EventKind.EXECUTION,
                    facts={},
                )
            )
    await housekeeping.tidy(database)
    assert await owner.scalar(select(func.count()).select_from(LiveEvent)) == 3
    await move_clock("2 days")
    assert (await housekeeping.tidy(database))["live_events"] == 3
