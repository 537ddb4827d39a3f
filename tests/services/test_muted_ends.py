"""The end of what was told is told, whatever was muted meanwhile: it is an end of what
was told since the last one, in the order in which it was entered."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database
from app.core.notice import NoticeEvent
from app.models.notification import Delivery, DeliveryStatus
from tests.api.events_ground import Ground, make_ground
from tests.personae import People
from tests.services.sent import Channels
from tests.services.test_muted_deliveries import (
    DELIVERED,
    DROPPED,
    became,
    mute,
    send,
)
from tests.services.test_notice_facts import write
from tests.services.test_routing import channel, delivered, route, rule

FAILED, RECOVERED = NoticeEvent.EXECUTION_FAILED, NoticeEvent.EXECUTION_RECOVERED
REFUSED = (DeliveryStatus.FAILED, None)


@pytest.fixture
async def ground(database: Database, people: People) -> Ground:
    return await make_ground(database, people)


@pytest.fixture
def tenant(people: People) -> UUID:
    return people.alice.organization_id


@pytest.fixture
async def mail(ground: Ground, tenant: UUID) -> UUID:
    """Told of each failure of a task, and of their end."""
    told = await channel(ground, tenant)
    await rule(ground, tenant, [told], events=[FAILED.value])
    return told


async def happen(ground: Ground, tenant: UUID, event: NoticeEvent) -> None:
    await write(ground, event=event)
    await route(ground, tenant)


async def rewrite(owner: AsyncSession, place: int, **values: object) -> None:
    """Change the delivery that was entered at this place."""
    one = (await delivered(owner))[place]
    await owner.execute(update(Delivery).where(Delivery.id == one.id).values(**values))
    await owner.commit()


async def a_mute_takes_away(
    ground: Ground, tenant: UUID, mail: UUID, *events: NoticeEvent
) -> Channels:
    """It was told that it fails; what came since was muted before it was sent."""
    channels = Channels()
    await happen(ground, tenant, FAILED)
    await send(ground, tenant, channels, mail)
    for event in events:
        await happen(ground, tenant, event)
    await mute(ground, tenant, task_id=ground.executions["north"].task_id)
    await send(ground, tenant, channels, mail)
    return channels


async def test_what_begins_anew_does_not_take_the_end_away(
    ground: Ground, tenant: UUID, owner: AsyncSession, mail: UUID
) -> None:
    """The end still waits when it begins again, and then it is muted."""
    await a_mute_takes_away(ground, tenant, mail, RECOVERED, FAILED)
    assert await became(owner) == [DELIVERED, DELIVERED, DROPPED]


async def test_what_was_told_is_ended_though_it_was_muted_when_it_struck_again(
    ground: Ground, tenant: UUID, owner: AsyncSession, mail: UUID
) -> None:
    channels = Channels()
    await happen(ground, tenant, FAILED)
    await send(ground, tenant, channels, mail)
    await happen(ground, tenant, FAILED)
    await mute(ground, tenant, channel_id=mail)
    await send(ground, tenant, channels, mail)
    await happen(ground, tenant, RECOVERED)
    await send(ground, tenant, channels, mail)
    assert await became(owner) == [DELIVERED, DROPPED, DELIVERED]


@pytest.mark.parametrize("is_told", [True, False])
async def test_only_what_was_told_since_the_last_end_counts_whatever_the_clocks_said(
    ground: Ground,
    tenant: UUID,
    owner: AsyncSession,
    mail: UUID,
    *,
    is_told: bool,
) -> None:
    """`at` is what a clock showed, which may have been set back: `number` is not."""
    channels = Channels()
    for event in (FAILED, RECOVERED, FAILED):
        await happen(ground, tenant, event)
        await send(ground, tenant, channels, mail)
    await happen(ground, tenant, RECOVERED)
    first, last = (REFUSED, DELIVERED) if is_told else (DELIVERED, REFUSED)
    await rewrite(owner, 0, status=first[0])
    await rewrite(owner, 2, status=last[0], at=Delivery.at - timedelta(seconds=30))
    await mute(ground, tenant, task_id=ground.executions["north"].task_id)
    await send(ground, tenant, channels, mail)
    end = DELIVERED if is_told else DROPPED
    assert await became(owner) == [first, DELIVERED, last, end]


async def test_what_begins_anew_is_not_what_ends(
    ground: Ground, tenant: UUID, owner: AsyncSession, mail: UUID
) -> None:
    """What is critical passes quiet hours, and an end that waits for theirs."""
    for event in (FAILED, RECOVERED, FAILED):
        await happen(ground, tenant, event)
    await rewrite(owner, 0, status=REFUSED[0])
    await rewrite(owner, 2, status=DELIVERED[0])
    await mute(ground, tenant, task_id=ground.executions["north"].task_id)
    await send(ground, tenant, Channels(), mail)
    assert await became(owner) == [REFUSED, DROPPED, DELIVERED]


async def test_the_end_is_told_of_what_was_told_before_a_mute_took_it_away(
    ground: Ground, tenant: UUID, owner: AsyncSession, mail: UUID
) -> None:
    channels = await a_mute_takes_away(ground, tenant, mail, FAILED)
    await happen(ground, tenant, RECOVERED)
    await send(ground, tenant, channels, mail)
    assert await became(owner) == [DELIVERED, DROPPED, DELIVERED]


async def test_what_a_mute_took_away_is_told_after_it_though_it_was_told_before(
    ground: Ground, tenant: UUID, owner: AsyncSession, mail: UUID, move_clock: Any
) -> None:
    """Once: its rule tells nothing again by itself."""
    channels = await a_mute_takes_away(ground, tenant, mail, FAILED)
    for _ in range(2):
        await move_clock("61 minutes")
        await route(ground, tenant)
        await send(ground, tenant, channels, mail)
    assert await became(owner) == [DELIVERED, DROPPED, DELIVERED]


async def test_what_was_told_before_its_end_is_not_what_a_mute_took_away(
    ground: Ground, tenant: UUID, owner: AsyncSession, mail: UUID
) -> None:
    """Nothing of what began anew was told, so its end is not told either."""
    channels = Channels()
    for event in (FAILED, RECOVERED, FAILED):
        await happen(ground, tenant, event)
    await rewrite(owner, 0, status=DELIVERED[0])
    await rewrite(owner, 1, status=DELIVERED[0])
    await mute(ground, tenant, task_id=ground.executions["north"].task_id)
    await send(ground, tenant, channels, mail)
    await happen(ground, tenant, RECOVERED)
    await send(ground, tenant, channels, mail)
    assert await became(owner) == [DELIVERED, DELIVERED, DROPPED]


async def test_of_what_a_mute_took_away_the_last_counts(
    ground: Ground, tenant: UUID, owner: AsyncSession, mail: UUID, move_clock: Any
) -> None:
    """What was told before ended in between; of what began then nothing was told."""
    channels = await a_mute_takes_away(ground, tenant, mail, FAILED, RECOVERED, FAILED)
    await happen(ground, tenant, RECOVERED)
    await move_clock("61 minutes")
    await route(ground, tenant)
    await send(ground, tenant, channels, mail)
    assert await became(owner) == [DELIVERED, DROPPED, DELIVERED, DROPPED]
