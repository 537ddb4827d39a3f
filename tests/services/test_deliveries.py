"""Deliveries: entered with what decides them, in their order, for when they are due."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.db import Database, Login
from app.core.ids import new_id
from app.core.notice import Notice
from app.models.notification import (
    Delivery,
    DeliveryStatus,
    NotificationChannel,
    WebhookEndpoint,
)
from app.models.outbox import OutboxMessage
from app.services import deliveries
from app.services.deliveries import Entry
from tests.builders_notices import a_notice, make_channel, make_endpoint
from tests.personae import People


async def test_entries_wait_in_their_order_and_are_asked_to_be_sent(
    database: Database, people: People, owner: AsyncSession
) -> None:
    tenant = people.alice.organization_id
    async with database.unit_of_work(Login.OWNER) as session:
        channel = await make_channel(session, tenant)
        endpoint = await make_endpoint(session, tenant)
    notices = [a_notice(tenant, problem_id=new_id()) for _ in range(3)]
    entries = [Entry(one, channel_id=channel.id) for one in notices]
    later = now() + timedelta(hours=1)
    rule_id = new_id()
    entries.append(
        Entry(
            notices[0],
            endpoint_id=endpoint.id,
            rule_id=rule_id,
            not_before=later,
            why="The rule Nights tells of problem.opened.",
        )
    )
    async with database.unit_of_work(Login.WORKER, organization_id=tenant) as session:
        assert await deliveries.enter(session, tenant, entries) == 4
    rows = list(await owner.scalars(select(Delivery).order_by(Delivery.id)))
    assert [row.notice_id for row in rows[:3]] == [one.id for one in notices]
    assert Notice.model_validate(rows[0].payload) == notices[0]
    assert {row.status for row in rows} == {DeliveryStatus.PENDING}
    assert (rows[3].rule_id, rows[3].available_at) == (rule_id, later)
    assert rows[3].why == "The rule Nights tells of problem.opened."
    told = await owner.get_one(NotificationChannel, channel.id)
    hook = await owner.get_one(WebhookEndpoint, endpoint.id)
    assert told.due_at is not None
    assert told.due_at < later == hook.due_at
    jobs = await owner.scalars(select(OutboxMessage).order_by(OutboxMessage.id))
    assert [(one.kind, one.subject_id) for one in jobs] == [
        ("deliveries.send", channel.id),
        ("deliveries.send", endpoint.id),
    ]


async def test_what_is_due_first_stays_due(
    database: Database, people: People, owner: AsyncSession
) -> None:
    tenant = people.alice.organization_id
    async with database.unit_of_work(Login.OWNER) as session:
        channel = await make_channel(session, tenant)
    soon, late = (now() + timedelta(minutes=after) for after in (5, 50))
    for at in (soon, late):
        entry = Entry(a_notice(tenant), channel_id=channel.id, not_before=at)
        async with database.unit_of_work(
            Login.WORKER, organization_id=tenant
        ) as session:
            await deliveries.enter(session, tenant, [entry])
    assert (await owner.get_one(NotificationChannel, channel.id)).due_at == soon


async def test_nothing_is_entered_of_nothing(
    database: Database, people: People, owner: AsyncSession
) -> None:
    tenant = people.alice.organization_id
    async with database.unit_of_work(Login.WORKER, organization_id=tenant) as session:
        assert await deliveries.enter(session, tenant, []) == 0
    assert await owner.scalar(select(Delivery.id)) is None
