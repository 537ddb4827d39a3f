"""The log of deliveries over the API, and telling again what was not taken."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.db import Database, Login
from app.core.ids import new_id
from app.core.notice import NoticeEvent
from app.models.audit import AuditEvent
from app.models.notification import (
    Delivery,
    DeliveryStatus,
    NotificationChannel,
    WebhookEndpoint,
)
from app.models.outbox import OutboxMessage
from app.services import delivery_log
from tests.builders_notices import a_notice, make_channel, make_endpoint
from tests.conftest import Client
from tests.personae import People

API = "/api/v1"
DEAD = DeliveryStatus.DEAD


@pytest.fixture
async def channel(database: Database, people: People) -> NotificationChannel:
    async with database.unit_of_work(Login.OWNER) as session:
        return await make_channel(session, people.alice.organization_id)


async def _enter(
    database: Database,
    row: NotificationChannel | WebhookEndpoint,
    *statuses: DeliveryStatus,
    event: NoticeEvent = NoticeEvent.PROBLEM_OPENED,
    age: timedelta = timedelta(minutes=1),
) -> list[UUID]:
    """A delivery of each status, a second apart; their ids."""
    tenant = row.organization_id
    name = "channel_id" if isinstance(row, NotificationChannel) else "endpoint_id"
    made: list[Delivery] = []
    for number, status in enumerate(statuses):
        notice = a_notice(tenant, event=event)
        at = now() - age + timedelta(seconds=number)
        tried: dict[str, Any] = {
            "at": at.isoformat(),
            "code": 500,
            "error": "It answered 500",
            "ms": 12,
        }
        facts: dict[str, Any] = {name: row.id}
        made.append(
            Delivery(
                id=new_id(),
                organization_id=tenant,
                at=at,
                dedupe_key=str(number),
                event=event.value,
                payload=notice.model_dump(mode="json"),
                notice_id=notice.id,
                status=status,
                attempts=1,
                tries=[tried],
                **facts,
            )
        )
    async with database.unit_of_work(Login.OWNER) as session:
        session.add_all(made)
    return [one.id for one in made]


async def test_the_log_says_what_was_told_and_how_it_went(
    database: Database, people: People, client: Client, channel: NotificationChannel
) -> None:
    ids = await _enter(database, channel, DEAD, DeliveryStatus.DELIVERED)
    [other] = await _enter(database, channel, DEAD, event=NoticeEvent.PROBLEM_CLOSED)
    api = client(people.olga)
    path = f"{API}/notification-channels/{channel.id}/deliveries"
    answer = (await api.get(path)).json()
    assert {one["id"] for one in answer["items"]} == {str(id) for id in (*ids, other)}
    assert answer["purged_until"] is None
    one = next(one for one in answer["items"] if one["id"] == str(ids[0]))
    assert one["tries"][0]["code"] == 500
    assert one["notice"]["title"] == "Nightly list failed on Production"
    for filter, found in (
        ({"status": "dead"}, {ids[0], other}),
        ({"event": "problem.closed"}, {other}),
        ({"status": "delivered", "event": "problem.opened"}, {ids[1]}),
    ):
        page = (await api.get(path, params=filter)).json()
        assert {one["id"] for one in page["items"]} == {str(id) for id in found}
    first = (await api.get(path, params={"limit": 2})).json()
    rest = (await api.get(path, params={"cursor": first["next_cursor"]})).json()
    assert (len(first["items"]), len(rest["items"])) == (2, 1)


async def test_one_list_has_what_nobody_took_of_all_channels_and_endpoints(
    client: Client, people: People, database: Database, channel: NotificationChannel
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        endpoint = await make_endpoint(session, people.alice.organization_id)
        others = await make_channel(session, people.mallory.organization_id)
    await _enter(database, others, DEAD)
    mine = [
        *await _enter(database, channel, DEAD, DeliveryStatus.DELIVERED),
        *await _enter(database, endpoint, DEAD, age=timedelta(seconds=30)),
    ]

    async def ids(**which: str) -> list[UUID]:
        answer = await client(people.alice).get(f"{API}/deliveries", params=which)
        assert answer.status_code == 200, answer.text
        return [UUID(one["id"]) for one in answer.json()["items"]]

    assert await ids() == [mine[2], mine[1], mine[0]]
    assert await ids(status="dead") == [mine[2], mine[0]]
    assert await ids(status="dead", event="test") == []


async def test_what_came_to_its_end_is_told_again_as_another_delivery(
    database: Database,
    people: People,
    client: Client,
    channel: NotificationChannel,
    owner: AsyncSession,
) -> None:
    [dead] = await _enter(database, channel, DEAD)
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(
            update(NotificationChannel).values(paused_until=now() + timedelta(hours=1))
        )
    api = client(people.adam)
    answer = await api.post(f"{API}/deliveries/{dead}/replay")
    assert answer.status_code == 202, answer.text
    again = answer.json()
    assert (again["replay_of"], again["status"]) == (str(dead), "pending")
    assert (again["attempts"], again["tries"]) == (0, [])
    repeat = (await api.post(f"{API}/deliveries/{dead}/replay")).json()
    assert repeat["id"] == again["id"]
    row = await owner.get_one(NotificationChannel, channel.id)
    assert row.due_at is not None
    assert row.paused_until is None
    job = (await owner.scalars(select(OutboxMessage))).one()
    assert (job.kind, job.subject_id) == ("deliveries.send", channel.id)
    actions = list(await owner.scalars(select(AuditEvent.action)))
    assert actions.count("delivery.replay") == 1


async def test_what_waits_or_has_nobody_to_go_to_is_not_told_again(
    database: Database, people: People, client: Client, channel: NotificationChannel
) -> None:
    waits, dead = await _enter(database, channel, DeliveryStatus.PENDING, DEAD)
    api = client(people.alice)
    waiting = await api.post(f"{API}/deliveries/{waits}/replay")
    assert (waiting.status_code, waiting.json()["code"]) == (409, "illegal-transition")
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(update(NotificationChannel).values(disabled_at=now()))
    assert (await api.post(f"{API}/deliveries/{dead}/replay")).status_code == 409
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(update(NotificationChannel).values(deleted_at=now()))
    assert (await api.post(f"{API}/deliveries/{dead}/replay")).status_code == 404
    # Its history can be read all the same.
    log = await api.get(f"{API}/notification-channels/{channel.id}/deliveries")
    assert len(log.json()["items"]) == 2


async def test_all_that_was_given_up_is_told_again_once_in_batches(
    database: Database,
    people: People,
    client: Client,
    owner: AsyncSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(delivery_log, "MOST_REPLAYED", 2)
    async with database.unit_of_work(Login.OWNER) as session:
        endpoint = await make_endpoint(session, people.alice.organization_id)
    await _enter(database, endpoint, DEAD, age=timedelta(days=9))
    ids = await _enter(
        database,
        endpoint,
        *(DEAD, DeliveryStatus.FAILED, DEAD),
        *(DeliveryStatus.DELIVERED, DeliveryStatus.PENDING),
    )
    path = f"{API}/webhook-endpoints/{endpoint.id}/deliveries/replay"
    since = {"since": (now() - timedelta(days=1)).isoformat()}
    api = client(people.adam)
    answers = [(await api.post(path, json=since)).json() for _ in range(3)]
    assert answers == [
        {"replayed": 2, "left": 1},
        {"replayed": 1, "left": 0},
        {"replayed": 0, "left": 0},
    ]
    again = select(Delivery.replay_of).where(Delivery.replay_of.is_not(None))
    replayed = list(await owner.scalars(again.order_by(Delivery.id)))
    assert replayed == ids[:3]
