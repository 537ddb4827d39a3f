"""A channel that takes nothing is reported elsewhere, once for each outage."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.channel_errors import ChannelBusy
from app.core.db import Database, Login
from app.core.notice import Notice, NoticeEvent
from app.core.settings import Settings
from app.integrations.channels.contract import Sent
from app.integrations.channels.incidents import incidents_of
from app.models.notification import Delivery
from app.models.outbox import OutboxMessage
from app.services import channel_outages
from app.services.decisions.sending import BREAKS_AFTER
from app.services.outbox import OutboxKind
from tests.builders_notices import make_channel, make_endpoint
from tests.mailbox import Mailbox
from tests.personae import People
from tests.services.sent import Sender, make_sender

MoveClock = Callable[[str], Awaitable[None]]
MANAGERS = {"type": "email", "to": "managers"}


@pytest.fixture
async def sender(
    database: Database, configured: Settings, people: People, owner: AsyncSession
) -> Sender:
    return await make_sender(database, configured, people.alice.organization_id, owner)


async def _break(sender: Sender, move_clock: MoveClock) -> None:
    """Let its channel fail so often that it is said to."""
    sender.channels.outcomes = [ChannelBusy("It answered 500", status=500)]
    await sender.tell(sender.channel)
    for step in range(BREAKS_AFTER + 1):
        await move_clock(f"{10 * step} minutes")
        await sender.send(sender.channel)


async def _jobs(sender: Sender, *kinds: OutboxKind) -> list[OutboxMessage]:
    await sender.owner.rollback()
    which = select(OutboxMessage).where(OutboxMessage.kind.in_(kinds))
    return list(await sender.owner.scalars(which.order_by(OutboxMessage.id)))


async def _tell(sender: Sender, settings: Settings, job: OutboxMessage) -> None:
    await channel_outages.tell(
        sender.database,
        settings,
        sender.tenant,
        job.subject_id,
        event=NoticeEvent(job.kind),
        message_id=job.id,
    )


async def test_an_outage_is_told_to_the_others_once_and_so_is_its_end(
    sender: Sender, configured: Settings, move_clock: MoveClock
) -> None:
    events = (NoticeEvent.CHANNEL_FAILING.value,)
    async with sender.database.unit_of_work(Login.OWNER) as session:
        other = await make_channel(
            session, sender.tenant, name="Mail", type="email", configuration=MANAGERS
        )
        hook = await make_endpoint(session, sender.tenant, events=events)
    await _break(sender, move_clock)
    [job] = await _jobs(sender, OutboxKind.CHANNEL_FAILING)
    for _ in range(2):  # jobs may run twice
        await _tell(sender, configured, job)
    told = (await sender.log())[1:]
    assert {one.channel_id or one.endpoint_id for one in told} == {other.id, hook.id}
    notice = Notice.model_validate(told[0].payload)
    assert notice.title == "The channel Operators does not take what it is told"
    assert notice.lines == ("It last said: It answered 500",)
    assert not await _jobs(sender, OutboxKind.MAIL_CHANNEL_FAILING)
    await _mended(sender, configured, move_clock)
    told = (await sender.log())[1:]
    events_told = [one.event for one in told]
    assert sorted(events_told) == ["channel.failing"] * 2 + ["channel.recovered"]
    # To a service that wakes people it is one incident, which ends.
    said = [
        incidents_of([Notice.model_validate(one.payload)], "", delivery_id=one.id)
        for one in told
        if one.channel_id == other.id
    ]
    [[begun], [over]] = said
    assert (begun.is_over, over.is_over) == (False, True)
    assert begun.key == over.key == f"channel:{sender.channel.id}"


async def _mended(sender: Sender, settings: Settings, move_clock: MoveClock) -> None:
    sender.channels.outcomes = [Sent(200, "")]
    await move_clock("3 hours")
    await sender.send(sender.channel)
    row = await sender.look(sender.channel)
    assert (row.failures, row.failing_since, row.last_error) == (0, None, None)
    [job] = await _jobs(sender, OutboxKind.CHANNEL_RECOVERED)
    await _tell(sender, settings, job)


async def test_managers_are_mailed_where_no_channel_reaches_them(
    sender: Sender, configured: Settings, move_clock: MoveClock, mailbox: Mailbox
) -> None:
    await _break(sender, move_clock)
    [job] = await _jobs(sender, OutboxKind.CHANNEL_FAILING)
    for _ in range(2):
        await _tell(sender, configured, job)
    before = len(mailbox.mails())
    [mail] = await _jobs(sender, OutboxKind.MAIL_CHANNEL_FAILING)
    await channel_outages.mail(
        sender.database,
        configured,
        sender.tenant,
        mail.subject_id,
        message_id=mail.id,
    )
    mails = mailbox.mails()[before:]
    assert {one.subject for one in mails} == {"A notification channel is failing"}
    assert {one.message["To"] for one in mails} == {
        "alice@example.com",
        "adam@example.com",
    }


async def test_an_outage_that_is_over_already_is_not_told(
    sender: Sender, configured: Settings, move_clock: MoveClock, owner: AsyncSession
) -> None:
    await _break(sender, move_clock)
    [job] = await _jobs(sender, OutboxKind.CHANNEL_FAILING)
    await sender.change(sender.channel, failing_since=None)
    await _tell(sender, configured, job)
    assert len(list(await owner.scalars(select(Delivery.id)))) == 1
