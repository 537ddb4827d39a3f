"""What is muted between its entering and its sending is not sent, is said to be muted,
and is told when the mute ends if it still goes on."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.db import Database, Login
from app.core.ids import new_id
from app.models.notification import (
    Delivery,
    DeliveryStatus,
    DropReason,
    NotificationChannel,
)
from app.models.notification_rule import NotificationMute
from app.services import sending
from app.services.sending import Post
from tests.api.events_ground import Ground, make_ground
from tests.builders_notifications import make_endpoint
from tests.personae import People
from tests.services.sealed import BEFORE
from tests.services.sent import Channels, address
from tests.services.test_routing import channel, delivered, fail, recover, route, rule

HOUR = timedelta(hours=1)
DROPPED = (DeliveryStatus.DROPPED, DropReason.MUTED)
DELIVERED = (DeliveryStatus.DELIVERED, None)


@pytest.fixture
async def ground(database: Database, people: People) -> Ground:
    return await make_ground(database, people)


@pytest.fixture
def tenant(people: People) -> UUID:
    return people.alice.organization_id


@pytest.fixture
def channels() -> Channels:
    return Channels()


async def mute(ground: Ground, tenant: UUID, **what: Any) -> None:
    async with ground.database.unit_of_work(Login.OWNER) as session:
        about = {"until": now() + HOUR} | what
        session.add(NotificationMute(organization_id=tenant, **about))


async def send(ground: Ground, tenant: UUID, channels: Channels, to: UUID) -> None:
    post = Post(ground.database, address, channels)
    await sending.send_waiting(post, tenant, to, within=timedelta(seconds=20))


async def became(owner: AsyncSession) -> list[tuple[DeliveryStatus, DropReason | None]]:
    owner.expire_all()
    return [(one.status, one.drop_reason) for one in await delivered(owner)]


def _named(ground: Ground, mail: UUID, rule_id: UUID, problem: UUID) -> dict[str, UUID]:
    return {
        "task_id": ground.executions["north"].task_id,
        "aws_account_id": ground.accounts["north"].id,
        "problem_id": problem,
        "channel_id": mail,
        "rule_id": rule_id,
    }


@pytest.mark.parametrize(
    ("what", "rest"),
    [
        ("task_id", DELIVERED),
        ("aws_account_id", DELIVERED),
        ("problem_id", DELIVERED),
        ("channel_id", DROPPED),
        ("rule_id", DROPPED),
    ],
)
async def test_what_is_muted_since_is_dropped_and_the_rest_is_sent(
    ground: Ground,
    tenant: UUID,
    owner: AsyncSession,
    channels: Channels,
    what: str,
    rest: tuple[DeliveryStatus, DropReason | None],
) -> None:
    mail = await channel(ground, tenant)
    rule_id = await rule(ground, tenant, [mail])
    problem = await fail(ground)
    await fail(ground, "south")
    await route(ground, tenant)
    await mute(ground, tenant, **{what: _named(ground, mail, rule_id, problem)[what]})
    await send(ground, tenant, channels, mail)
    assert await became(owner) == [DROPPED, rest]
    assert len(channels.sent) == (rest == DELIVERED)
    row = await owner.get_one(NotificationChannel, mail)
    assert (row.due_at, row.lease_until) == (None, None)


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("task_id", 1),
        ("aws_account_id", 1),
        ("problem_id", 1),
        ("channel_id", 0),
        ("rule_id", 1),
    ],
)
async def test_what_still_goes_on_is_told_when_the_mute_ends(
    ground: Ground,
    tenant: UUID,
    owner: AsyncSession,
    channels: Channels,
    move_clock: Any,
    what: str,
    told: int,
) -> None:
    """As what is muted before it is routed. What a muted channel misses is not told."""
    mail = await channel(ground, tenant)
    rule_id = await rule(ground, tenant, [mail])
    problem = await fail(ground)
    await route(ground, tenant)
    await mute(ground, tenant, **{what: _named(ground, mail, rule_id, problem)[what]})
    await send(ground, tenant, channels, mail)
    await move_clock("61 minutes")
    await route(ground, tenant)
    await send(ground, tenant, channels, mail)
    assert await became(owner) == [DROPPED, *[DELIVERED] * told]
    assert len(channels.sent) == told


async def test_what_ended_while_it_was_muted_is_not_told(
    ground: Ground,
    tenant: UUID,
    owner: AsyncSession,
    channels: Channels,
    move_clock: Any,
) -> None:
    mail = await channel(ground, tenant)
    await rule(ground, tenant, [mail])
    problem = await fail(ground)
    await route(ground, tenant)
    await mute(ground, tenant, problem_id=problem)
    await send(ground, tenant, channels, mail)
    await recover(ground)
    await move_clock("61 minutes")
    await route(ground, tenant)
    await send(ground, tenant, channels, mail)
    assert await became(owner) == [DROPPED]
    assert not channels.sent


async def test_a_mute_that_is_over_holds_nothing_back(
    ground: Ground, tenant: UUID, owner: AsyncSession, channels: Channels
) -> None:
    mail = await channel(ground, tenant)
    await rule(ground, tenant, [mail])
    problem = await fail(ground)
    await route(ground, tenant)
    await mute(ground, tenant, problem_id=problem, until=now() - HOUR)
    await send(ground, tenant, channels, mail)
    assert await became(owner) == [DELIVERED]


async def test_an_endpoint_is_told_whatever_is_muted(
    ground: Ground, tenant: UUID, owner: AsyncSession, channels: Channels
) -> None:
    async with ground.database.unit_of_work(Login.OWNER) as session:
        hook = await make_endpoint(session, tenant, keys=BEFORE)
    problem = await fail(ground)
    await route(ground, tenant)
    await mute(ground, tenant, problem_id=problem)
    await send(ground, tenant, channels, hook.id)
    assert await became(owner) == [DELIVERED]


async def test_what_somebody_asks_for_again_is_sent(
    ground: Ground, tenant: UUID, owner: AsyncSession, channels: Channels
) -> None:
    mail = await channel(ground, tenant)
    await rule(ground, tenant, [mail])
    problem = await fail(ground)
    await route(ground, tenant)
    [first] = await delivered(owner)
    async with ground.database.unit_of_work(Login.OWNER) as session:
        entered = await session.get_one(Delivery, _key(first))
        entered.replay_of = new_id()
    await mute(ground, tenant, problem_id=problem)
    await send(ground, tenant, channels, mail)
    assert await became(owner) == [DELIVERED]


async def test_a_mute_that_is_made_while_a_sender_is_at_it_holds_for_what_is_left(
    ground: Ground, tenant: UUID, owner: AsyncSession
) -> None:
    """Messages go one by one: between two of them the world may change."""
    mail = await channel(ground, tenant)
    await rule(ground, tenant, [mail])
    await fail(ground)
    south = await fail(ground, "south")
    await route(ground, tenant)

    class Muting(Channels):
        async def __call__(self, *sent: Any, **more: Any) -> Any:
            await mute(ground, tenant, problem_id=south)
            return await super().__call__(*sent, **more)

    await send(ground, tenant, Muting(), mail)
    assert await became(owner) == [DELIVERED, DROPPED]
    muted = await owner.scalars(select(NotificationMute.problem_id))
    assert muted.all() == [south]


def _key(one: Delivery) -> Mapping[str, Any]:
    return {"organization_id": one.organization_id, "at": one.at, "id": one.id}
