"""A task's own notifications: silence, and channels of its own."""

from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.core.ids import new_id
from app.models.notice import NoticeWant
from app.models.notification import Delivery, DeliveryStatus
from app.services import deliveries
from app.services.deliveries import Entry
from tests.api.events_ground import Ground, make_ground
from tests.builders_notices import a_notice
from tests.builders_notifications import make_channel
from tests.conftest import Client
from tests.personae import People

TASKS = "/api/v1/tasks"


@pytest.fixture
async def ground(database: Database, people: People) -> Ground:
    return await make_ground(database, people)


@pytest.fixture
async def channel_id(database: Database, people: People) -> UUID:
    async with database.unit_of_work(Login.OWNER) as session:
        return (await make_channel(session, people.alice.organization_id)).id


def path(ground: Ground) -> str:
    return f"{TASKS}/{ground.executions['north'].task_id}"


def settings(*channel_ids: UUID, mute: bool = False) -> dict[str, Any]:
    named = [str(id) for id in channel_ids]
    return {"notifications": {"mute": mute, "channel_ids": named}}


async def edit(client: AsyncClient, ground: Ground, body: dict[str, Any]) -> Any:
    return await client.patch(path(ground), json=body)


async def test_a_task_names_its_channels_and_what_they_are_told_is_written_down(
    client: Client,
    people: People,
    ground: Ground,
    channel_id: UUID,
    owner: AsyncSession,
) -> None:
    olga = client(people.olga)
    named = await edit(olga, ground, settings(channel_id, mute=True))
    assert named.status_code == 200, named.text
    assert named.json()["notifications"] == {
        "mute": True,
        "channel_ids": [str(channel_id)],
    }
    wanted = select(NoticeWant.event).where(
        NoticeWant.organization_id == people.alice.organization_id
    )
    told = {"health.degraded", "health.recovered", "execution.interrupted"}
    assert told <= {event.value for event in await owner.scalars(wanted)}
    await owner.rollback()
    await edit(olga, ground, settings())
    assert not told & {event.value for event in await owner.scalars(wanted)}


async def test_settings_that_stay_as_they_are_make_no_version(
    client: Client, people: People, ground: Ground
) -> None:
    alice = client(people.alice)
    before = (await alice.get(path(ground))).json()["version"]
    same = await edit(alice, ground, settings())
    assert same.json()["version"] == before
    assert (await edit(alice, ground, {"notifications": {}})).json()[
        "version"
    ] == before


async def test_a_channel_that_there_is_not_is_refused(
    client: Client, people: People, ground: Ground, channel_id: UUID
) -> None:
    answer = await edit(client(people.alice), ground, settings(channel_id, new_id()))
    assert answer.status_code == 422
    (wrong,) = answer.json()["errors"]
    assert wrong["pointer"] == "/notifications/channel_ids/1"


async def test_whoever_edits_a_task_may_name_a_channel_of_the_organization_alone(
    client: Client, people: People, ground: Ground, channel_id: UUID, database: Database
) -> None:
    """Even who does not see channels: it is told of this task, and shows nothing."""
    async with database.unit_of_work(Login.OWNER) as session:
        foreign = (await make_channel(session, people.mallory.organization_id)).id
    clara = client(people.clara)
    assert (await edit(clara, ground, settings(channel_id))).status_code == 200
    refused = await edit(clara, ground, settings(foreign))
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/notifications/channel_ids/0"


async def test_a_task_that_is_deleted_leaves_no_mute_and_wants_nothing(
    client: Client,
    people: People,
    ground: Ground,
    channel_id: UUID,
    database: Database,
    owner: AsyncSession,
) -> None:
    """What was entered for its channels before is kept, and told."""
    alice, tenant = client(people.alice), people.alice.organization_id
    await edit(alice, ground, settings(channel_id))
    for name in ("north", "south"):
        task_id = str(ground.executions[name].task_id)
        muted = {"task_id": task_id, "until": "2099-01-01T00:00:00Z"}
        made = await alice.post("/api/v1/notification-mutes", json=muted)
        assert made.status_code == 201, made.text
    notice = a_notice(tenant)
    async with database.unit_of_work(Login.WORKER, organization_id=tenant) as session:
        await deliveries.enter(session, tenant, [Entry(notice, channel_id=channel_id)])
    gone = await alice.delete(path(ground))
    assert gone.status_code == 204, gone.text
    listed = (await alice.get("/api/v1/notification-mutes")).json()["items"]
    assert [one["task_id"] for one in listed] == [
        str(ground.executions["south"].task_id)
    ]
    wanted = select(NoticeWant.event).where(NoticeWant.organization_id == tenant)
    assert "health.degraded" not in set(await owner.scalars(wanted))
    [entered] = await owner.scalars(select(Delivery))
    assert entered.status is DeliveryStatus.PENDING
