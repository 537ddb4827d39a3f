"""Notification rules and mutes over the API: made, edited, refused, and previewed."""

from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.core.ids import new_id
from app.models.notice import NoticeWant
from app.models.notification import Delivery
from app.models.notification_rule import NotificationWatch
from tests.api.events_ground import Ground, make_ground
from tests.builders_notifications import make_channel
from tests.conftest import Client
from tests.personae import People
from tests.services.test_routing import fail, recover, route

RULES = "/api/v1/notification-rules"
MUTES = "/api/v1/notification-mutes"
TOMORROW = "2100-01-01T00:00:00Z"


@pytest.fixture
def alice(client: Client, people: People) -> AsyncClient:
    return client(people.alice)


@pytest.fixture
async def channel_id(database: Database, people: People) -> UUID:
    async with database.unit_of_work(Login.OWNER) as session:
        return (await make_channel(session, people.alice.organization_id)).id


@pytest.fixture
async def ground(database: Database, people: People) -> Ground:
    return await make_ground(database, people)


def entry(channel_id: UUID, **members: Any) -> dict[str, Any]:
    return {
        "name": "Mine",
        "events": ["problem.opened"],
        "channel_ids": [str(channel_id)],
    } | members


async def made(alice: AsyncClient, channel_id: UUID, **members: Any) -> dict[str, Any]:
    answer = await alice.post(RULES, json=entry(channel_id, **members))
    assert answer.status_code == 201, answer.text
    read: dict[str, Any] = answer.json()
    return read


def pointers(answer: Any) -> list[str]:
    assert answer.status_code == 422, answer.text
    return [one["pointer"] for one in answer.json()["errors"]]


async def test_a_rule_is_made_read_edited_and_deleted(
    alice: AsyncClient, channel_id: UUID
) -> None:
    rule = await made(alice, channel_id, after=3, delay_seconds=60)
    path = f"{RULES}/{rule['id']}"
    answer = await alice.get(path)
    assert answer.json() == rule
    edited = await alice.patch(
        path,
        json={"after": None, "repeat_seconds": 3600, "filters": {"severity": "error"}},
        headers={"If-Match": answer.headers["ETag"]},
    )
    assert edited.status_code == 200, edited.text
    assert edited.json()["delay_seconds"] == 60
    assert edited.json()["after"] is None
    assert edited.json()["filters"]["severity"] == "error"
    stale = await alice.patch(
        path, json={"name": "Late"}, headers={"If-Match": answer.headers["ETag"]}
    )
    assert stale.status_code == 412
    listed = (await alice.get(RULES)).json()["items"]
    assert edited.json() in listed
    assert (await alice.delete(path)).status_code == 204
    assert (await alice.get(path)).status_code == 404


async def test_a_name_is_taken_once(alice: AsyncClient, channel_id: UUID) -> None:
    rule = await made(alice, channel_id)
    answer = await alice.post(RULES, json=entry(channel_id))
    assert answer.status_code == 409
    assert answer.json()["code"] == "name-taken"
    await alice.delete(f"{RULES}/{rule['id']}")
    await made(alice, channel_id)


async def test_what_there_is_not_cannot_be_named(
    alice: AsyncClient, channel_id: UUID
) -> None:
    unknown = str(new_id())
    answer = await alice.post(
        RULES,
        json=entry(
            channel_id,
            channel_ids=[str(channel_id), unknown],
            filters={"account_ids": [unknown], "task_ids": [unknown]},
            digest={"every": "daily", "at": "09:00", "timezone": "Europe/Bärlin"},
        ),
    )
    assert sorted(pointers(answer)) == [
        "/channel_ids/1",
        "/digest/timezone",
        "/filters/account_ids/0",
        "/filters/task_ids/0",
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"events": []},
        {"events": ["test"]},
        {"events": ["problem.opened", "problem.opened"]},
        {"channel_ids": []},
        {"after": 0},
        {"repeat_seconds": 10},
        {"delay_seconds": 10**9},
        {"digest": {"every": "weekly", "at": "09:00"}},
        {"digest": {"every": "daily", "at": "09:00", "day": "mon"}},
        {"digest": {"every": "daily", "at": "9 o'clock"}},
        {"quiet_hours": {"begin": "07:00", "until": "07:00"}},
        {"filters": {"severity": "grave"}},
        {"filters": {"selector": {}}},
        {"events": ["execution.succeeded"], "delay_seconds": 60},
        {"events": ["subscription.changed"], "repeat_seconds": 600},
        {"name": "a\nb"},
    ],
    ids=str,
)
async def test_a_rule_that_means_nothing_is_refused(
    alice: AsyncClient, channel_id: UUID, wrong: dict[str, Any]
) -> None:
    answer = await alice.post(RULES, json=entry(channel_id, **wrong))
    assert answer.status_code == 422, answer.text


async def test_who_may_see_rules_and_who_may_edit_them(
    client: Client, people: People, channel_id: UUID
) -> None:
    answers = {
        name: (
            (await client(one).get(RULES)).status_code,
            (
                await client(one).post(RULES, json=entry(channel_id, name=name))
            ).status_code,
        )
        for name, one in (
            *(("adam", people.adam), ("olga", people.olga)),
            *(("victor", people.victor), ("clara", people.clara)),
            ("mallory", people.mallory),
        )
    }
    assert answers == {
        "adam": (200, 201),
        "olga": (200, 403),
        "victor": (403, 403),
        "clara": (403, 403),
        "mallory": (200, 422),
    }


async def test_the_events_of_rules_are_written_down_from_then_on(
    alice: AsyncClient, channel_id: UUID, people: People, owner: AsyncSession
) -> None:
    async def recorded() -> set[str]:
        await owner.rollback()
        statement = select(NoticeWant.event).where(
            NoticeWant.organization_id == people.alice.organization_id
        )
        return {event.value for event in await owner.scalars(statement)}

    before = await recorded()
    rule = await made(alice, channel_id, events=["execution.failed"])
    added = {"execution.failed", "execution.recovered"}
    assert await recorded() == before | added
    path = f"{RULES}/{rule['id']}"
    await alice.patch(path, json={"enabled": False})
    assert await recorded() == before
    await alice.patch(path, json={"enabled": True})
    assert await recorded() == before | added
    await alice.delete(path)
    assert await recorded() == before


# ── previews ─────────────────────────────────────────────────────────────────────


async def test_a_preview_says_what_would_have_been_told_and_sends_nothing(
    alice: AsyncClient, channel_id: UUID, ground: Ground, owner: AsyncSession
) -> None:
    await fail(ground)
    await fail(ground, "south", category="AWSServiceError")
    await recover(ground)
    rule = entry(channel_id, filters={"categories": ["AWSPermissionError"]})
    answer = await alice.post(f"{RULES}/preview", json={"rule": rule})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["looked_at"] == 3
    assert [one["event"] for one in told["tellings"]] == [
        "problem.opened",
        "problem.closed",
    ]
    assert told["tellings"][0]["channel_ids"] == [str(channel_id)]
    assert told["not_recorded"] == []
    assert (await owner.scalars(select(Delivery))).all() == []
    assert (await owner.scalars(select(NotificationWatch))).all() == []


async def test_a_preview_tells_of_what_was_never_written_down(
    alice: AsyncClient, channel_id: UUID
) -> None:
    rule = entry(channel_id, events=["execution.succeeded", "problem.opened"])
    told = (await alice.post(f"{RULES}/preview", json={"rule": rule})).json()
    assert told["not_recorded"] == ["execution.succeeded"]
    assert told["since"] is None


# ── mutes ────────────────────────────────────────────────────────────────────────


async def test_a_mute_is_made_listed_and_lifted(
    alice: AsyncClient, ground: Ground
) -> None:
    account_id = str(ground.accounts["north"].id)
    answer = await alice.post(
        MUTES,
        json={"account_id": account_id, "until": TOMORROW, "reason": "They move."},
    )
    assert answer.status_code == 201, answer.text
    mute = answer.json()
    assert (mute["account_id"], mute["reason"]) == (account_id, "They move.")
    assert mute["created_by"] is not None
    assert (await alice.get(MUTES)).json()["items"] == [mute]
    assert (await alice.delete(f"{MUTES}/{mute['id']}")).status_code == 204
    assert (await alice.get(MUTES)).json()["items"] == []
    assert (await alice.delete(f"{MUTES}/{mute['id']}")).status_code == 404


async def test_what_went_on_is_told_when_its_mute_is_lifted(
    alice: AsyncClient,
    channel_id: UUID,
    ground: Ground,
    owner: AsyncSession,
    people: People,
) -> None:
    tenant = people.alice.organization_id
    await made(alice, channel_id)
    problem_id = await fail(ground)
    muted = {"problem_id": str(problem_id), "until": TOMORROW}
    mute = (await alice.post(MUTES, json=muted)).json()
    await route(ground, tenant)
    mine = select(Delivery).where(Delivery.channel_id == channel_id)
    assert (await owner.scalars(mine)).all() == []
    await alice.delete(f"{MUTES}/{mute['id']}")
    await route(ground, tenant)
    await owner.rollback()
    assert len((await owner.scalars(mine)).all()) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"until": TOMORROW},
        {"task_id": str(UUID(int=1)), "until": TOMORROW},
        {"task_id": str(UUID(int=1)), "rule_id": str(UUID(int=1)), "until": TOMORROW},
    ],
    ids=str,
)
async def test_a_mute_of_nothing_is_refused(
    alice: AsyncClient, wrong: dict[str, Any]
) -> None:
    assert (await alice.post(MUTES, json=wrong)).status_code == 422


async def test_a_mute_that_is_over_already_is_refused(
    alice: AsyncClient, ground: Ground
) -> None:
    answer = await alice.post(
        MUTES,
        json={
            "account_id": str(ground.accounts["north"].id),
            "until": "2001-01-01T00:00:00Z",
        },
    )
    assert pointers(answer) == ["/until"]
