"""Notices all the way: entered, found by the outbox, sent over HTTPS with a signature
that was sealed, and found again when the job or the worker is gone."""

import base64
import hashlib
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import crypto
from app.core.db import Database, Login
from app.core.ids import new_id
from app.core.notice import Notice
from app.integrations.channels.registry import Senders
from app.models.notification import ChannelSecret, Delivery, DeliveryStatus
from app.models.outbox import OutboxMessage
from app.services import channel_secrets, sending
from app.services.outbox import OutboxKind
from app.tasks import housekeeping, outbox
from app.tasks.worker import Worker
from tests.attack.receivers import Receiver, receiver, says
from tests.personae import People
from tests.services.sent import SIGNING, Sender, make_sender, to_loopback

MoveClock = Callable[[str], Awaitable[None]]


@pytest.fixture
async def hooks() -> AsyncIterator[Receiver]:
    async with receiver() as listener:
        yield listener


@pytest.fixture
async def sender(
    worker: Worker,
    database: Database,
    people: People,
    owner: AsyncSession,
    hooks: Receiver,
) -> Sender:
    """Its endpoint has a sealed secret, and the worker leads to loopback."""
    tenant = people.alice.organization_id
    made = await make_sender(database, worker.settings, tenant, owner, hooks)
    endpoint_id = made.endpoint.id
    place = channel_secrets.place_of(tenant, endpoint_id, 1)
    envelope = await crypto.seal(worker.keys, SIGNING, place)
    async with database.unit_of_work(Login.OWNER) as session:
        session.add(
            ChannelSecret(
                id=new_id(),
                organization_id=tenant,
                endpoint_id=endpoint_id,
                version=1,
                key_id=envelope.key_id,
                wrapped_key=envelope.wrapped_key,
                ciphertext=envelope.ciphertext,
            )
        )
    senders = Senders(worker.settings, to_loopback(hooks))
    worker.post = sending.post_of(database, worker.settings, worker.keys, senders)
    return made


async def _jobs(sender: Sender) -> list[OutboxMessage]:
    await sender.owner.rollback()
    sender.owner.expire_all()
    which = select(OutboxMessage).where(
        OutboxMessage.kind == OutboxKind.DELIVERIES_SEND
    )
    return list(await sender.owner.scalars(which.order_by(OutboxMessage.id)))


async def test_an_endpoint_hears_of_it_and_can_check_who_wrote(
    worker: Worker, sender: Sender, hooks: Receiver
) -> None:
    [notice] = await sender.tell(sender.endpoint)
    [job] = await _jobs(sender)
    await outbox.deliver(worker, job.id)
    [asked] = hooks.asked
    [delivery] = await sender.log()
    assert Notice.model_validate_json(asked.body) == notice
    id, at = asked.header("webhook-id"), asked.header("webhook-timestamp")
    assert id == str(delivery.id)
    key = base64.b64decode(SIGNING.reveal().removeprefix("whsec_"))
    message = f"{id}.{at}.".encode() + asked.body
    signed = base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()
    assert asked.header("webhook-signature") == f"v1,{signed}"
    assert (delivery.status, delivery.response_code) == (DeliveryStatus.DELIVERED, 200)


@pytest.mark.parametrize(
    ("status", "ends"),
    [
        ("500 Oh", DeliveryStatus.PENDING),
        ("429 Slow down", DeliveryStatus.PENDING),
        ("404 Gone", DeliveryStatus.FAILED),
        ("301 Moved", DeliveryStatus.FAILED),
    ],
)
async def test_what_a_receiver_answers_is_in_the_log(
    worker: Worker, sender: Sender, hooks: Receiver, status: str, ends: DeliveryStatus
) -> None:
    hooks.reply = says(status, b"no", "Location: https://hooks.example/other")
    await sender.tell(sender.endpoint)
    [job] = await _jobs(sender)
    await outbox.deliver(worker, job.id)
    assert len(hooks.asked) == 1
    [delivery] = await sender.log()
    assert delivery.status is ends
    assert delivery.response_code == int(status[:3])


async def test_what_has_no_job_any_more_is_found(
    worker: Worker, sender: Sender, hooks: Receiver, move_clock: MoveClock
) -> None:
    await sender.tell(sender.endpoint)
    async with sender.database.unit_of_work(Login.OWNER) as session:
        await session.execute(delete(OutboxMessage))
    assert (await housekeeping.tidy(worker.database))["asked_for_sending"] == 0
    await move_clock("31 seconds")
    for _ in range(2):
        assert (await housekeeping.tidy(worker.database))["asked_for_sending"] == 1
    [job, *others] = await _jobs(sender)
    assert not others
    await outbox.deliver(worker, job.id)
    assert len(hooks.asked) == 1
    assert (await housekeeping.tidy(worker.database))["asked_for_sending"] == 0


async def test_a_busy_recipient_has_one_job_for_when_its_pause_ends(
    worker: Worker, sender: Sender, hooks: Receiver, owner: AsyncSession
) -> None:
    hooks.reply = says("503 Away")
    await sender.tell(sender.endpoint, 3)
    [job] = await _jobs(sender)
    await outbox.deliver(worker, job.id)
    [_, later] = await _jobs(sender)
    due_at = later.available_at
    row = await sender.look(sender.endpoint)
    assert (row.due_at, row.paused_until) == (due_at, due_at)
    statuses = list(await owner.scalars(select(Delivery.status)))
    assert statuses == [DeliveryStatus.PENDING] * 3
