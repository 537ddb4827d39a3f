"""Retention of deliveries: they go by the plan, too, but never before they arrived or
were given up."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.db import Database, Login
from app.core.ids import new_id
from app.models.notification import Delivery, DeliveryStatus, WebhookEndpoint
from app.models.purge import Purge, PurgeKind
from tests.personae import People, Persona
from tests.services.purging import MoveClock, ids_of, purge


async def test_deliveries_go_by_the_plan_but_those_that_are_on_their_way(
    database: Database,
    people: People,
    owner: AsyncSession,
    free: None,
    move_clock: MoveClock,
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        gone = await _delivery(session, people.alice, DeliveryStatus.DELIVERED)
        dead = await _delivery(session, people.alice, DeliveryStatus.DEAD)
        pending = await _delivery(session, people.alice, DeliveryStatus.PENDING)
        young = await _delivery(
            session, people.alice, DeliveryStatus.DELIVERED, age=timedelta(days=-2)
        )
        foreign = await _delivery(session, people.mallory, DeliveryStatus.DELIVERED)
    await move_clock("6 days")
    await purge(database, people.alice)
    assert await ids_of(owner, Delivery) == {gone, dead, pending, young, foreign}
    await move_clock("8 days")
    await purge(database, people.alice)
    assert await ids_of(owner, Delivery) == {pending, young, foreign}
    [told] = await owner.scalars(select(Purge))
    assert (told.kind, told.rows) == (PurgeKind.DELIVERIES, 2)
    assert told.organization_id == people.alice.organization_id


async def test_a_worker_deletes_no_delivery_that_is_young(
    database: Database, people: People, owner: AsyncSession, free: None
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        old = await _delivery(
            session, people.alice, DeliveryStatus.DEAD, age=timedelta(days=8)
        )
        young = await _delivery(
            session, people.alice, DeliveryStatus.DEAD, age=timedelta(days=6)
        )
    assert await ids_of(owner, Delivery) == {old, young}
    async with database.unit_of_work(
        Login.WORKER, organization_id=people.alice.organization_id
    ) as session:
        await session.execute(delete(Delivery))
    assert await ids_of(owner, Delivery) == {young}


async def _delivery(
    session: AsyncSession,
    persona: Persona,
    status: DeliveryStatus,
    *,
    age: timedelta = timedelta(),
) -> UUID:
    endpoint = WebhookEndpoint(
        id=new_id(),
        organization_id=persona.organization_id,
        url="https://customer.example/hooks",
        events=["execution.failed"],
        name=str(new_id()),
        secret_last4="aSw=",
        secret_fingerprint="none",
    )
    session.add(endpoint)
    await session.flush()
    delivery = Delivery(
        id=new_id(),
        organization_id=persona.organization_id,
        at=now() - age,
        endpoint_id=endpoint.id,
        dedupe_key=str(endpoint.id),
        event="execution.failed",
        payload={},
        status=status,
    )
    session.add(delivery)
    await session.flush()
    return delivery.id
