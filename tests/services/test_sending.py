"""Sending: in order, once, as one digest where it is too much; and what becomes of a
recipient that does not take it."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from unittest.mock import AsyncMock

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.channel_errors import ChannelBusy, ChannelRefused
from app.core.crypto import Undecryptable
from app.core.db import Database, Login
from app.core.ids import new_id
from app.core.settings import Settings
from app.integrations.channels.contract import Sent
from app.integrations.email import MailNotSent
from app.models.notification import Delivery, DeliveryStatus, DropReason
from app.models.outbox import OutboxMessage, OutboxStatus
from app.services import deliveries, sending_rows
from app.services.decisions.sending import BREAKS_AFTER, MOST_TRIES, Message
from app.services.outbox import OutboxKind
from tests.personae import People
from tests.services.sent import Sender, ago, make_sender

MoveClock = Callable[[str], Awaitable[None]]


@pytest.fixture
async def sender(
    database: Database, configured: Settings, people: People, owner: AsyncSession
) -> Sender:
    return await make_sender(database, configured, people.alice.organization_id, owner)


async def test_an_endpoint_gets_each_notice_singly_and_in_order(
    sender: Sender,
) -> None:
    notices = await sender.tell(sender.endpoint, 12)
    await sender.send(sender.endpoint)
    assert [list(sent) for _, sent in sender.channels.sent] == [[n] for n in notices]
    log = await sender.log()
    assert [one for one, _ in sender.channels.sent] == [one.id for one in log]
    assert {one.status for one in log} == {DeliveryStatus.DELIVERED}
    assert {(one.attempts, one.response_code) for one in log} == {(1, 200)}
    assert all(one.tries[0]["code"] == 200 for one in log)
    left = await sender.look(sender.endpoint)
    assert (left.due_at, left.lease_until, left.failures) == (None, None, 0)
    assert left.last_delivered_at is not None


async def test_the_order_is_the_databases_whatever_the_clocks_of_workers_say(
    sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = sorted((new_id() for _ in range(6)), reverse=True)
    monkeypatch.setattr(deliveries, "new_id", lambda: ids.pop(0))
    notices = [*await sender.tell(sender.endpoint, 3)]
    notices += await sender.tell(sender.endpoint, 3)
    await sender.send(sender.endpoint)
    assert [list(sent) for _, sent in sender.channels.sent] == [[n] for n in notices]


async def test_a_message_that_arrives_in_parts_goes_on_from_where_it_was(
    sender: Sender,
) -> None:
    """Neither tries nor failures of the channel are counted: each part is progress."""
    parts = [ChannelBusy("Some", retry_after=0, told={f"{n}"}) for n in range(15)]
    sender.channels.outcomes = [*parts, Sent(202, "")]
    [notice] = await sender.tell(sender.channel)
    await sender.send(sender.channel)
    assert [list(told) for _, told in sender.channels.sent] == [[notice]] * 16
    assert sender.channels.outgoing[-1].told == {f"{n}" for n in range(15)}
    [log] = await sender.log()
    assert (log.status, log.attempts) == (DeliveryStatus.DELIVERED, 1)
    assert (await sender.look(sender.channel)).failures == 0


async def test_a_part_that_the_recipient_put_off_is_not_asked_for_at_once(
    sender: Sender,
) -> None:
    busy = ChannelBusy("429", status=429, retry_after=90, told={"a"})
    sender.channels.outcomes = [busy]
    await sender.tell(sender.channel)
    await sender.send(sender.channel)
    assert len(sender.channels.sent) == 1
    assert timedelta(seconds=80) < await sender.until_due(sender.channel)
    [log] = await sender.log()
    assert (log.status, log.attempts, log.told) == (DeliveryStatus.PENDING, 0, ["a"])


async def test_the_first_of_a_storm_goes_at_once_and_the_rest_is_one_digest(
    sender: Sender, move_clock: MoveClock
) -> None:
    notices = await sender.tell(sender.channel, 3000)
    await sender.send(sender.channel)
    assert [list(sent) for _, sent in sender.channels.sent] == [[notices[0]]]
    assert timedelta(seconds=50) < await sender.until_due(sender.channel)
    await sender.send(sender.channel)
    assert len(sender.channels.sent) == 1
    await move_clock("61 seconds")
    await sender.send(sender.channel)
    [_, (digest, told)] = sender.channels.sent
    assert list(told) == notices[1:]
    log = await sender.log()
    assert {one.status for one in log} == {DeliveryStatus.DELIVERED}
    assert {one.bundle_id for one in log[1:]} == {digest}
    assert (await sender.look(sender.channel)).due_at is None


async def test_what_is_due_later_waits_and_is_asked_for_then(
    sender: Sender, move_clock: MoveClock
) -> None:
    there = ago(hours=-1)
    [later] = await sender.tell(sender.channel, not_before=there)
    [at_once] = await sender.tell(sender.channel)
    await sender.send(sender.channel)
    assert [sent[0] for _, sent in sender.channels.sent] == [at_once]
    assert (await sender.look(sender.channel)).due_at == there
    await move_clock("61 minutes")
    await sender.send(sender.channel)
    assert [sent[0] for _, sent in sender.channels.sent] == [at_once, later]


async def test_a_busy_recipient_is_tried_again_later_in_the_same_order(
    sender: Sender, move_clock: MoveClock
) -> None:
    sender.channels.outcomes = [
        ChannelBusy("It answered 429", status=429, retry_after=120),
        Sent(204, ""),
    ]
    notices = await sender.tell(sender.endpoint, 3)
    await sender.send(sender.endpoint)
    assert len(sender.channels.sent) == 1
    pause = await sender.until_due(sender.endpoint)
    assert timedelta(seconds=115) < pause < timedelta(seconds=150)
    # Neither another job nor another notice ends the pause.
    more = await sender.tell(sender.endpoint, 1)
    await sender.send(sender.endpoint)
    assert len(sender.channels.sent) == 1
    await move_clock("200 seconds")
    await sender.send(sender.endpoint)
    sent = [one[0] for _, one in sender.channels.sent]
    assert sent == [notices[0], *notices, *more]
    first, second = (id for id, _ in sender.channels.sent[:2])
    assert first == second
    [log, *_] = await sender.log()
    assert [(one["code"], one["error"]) for one in log.tries] == [
        (429, "It answered 429"),
        (204, None),
    ]
    assert (log.status, log.error) == (DeliveryStatus.DELIVERED, None)


async def test_what_is_refused_is_over_and_does_not_keep_the_next_one(
    sender: Sender,
) -> None:
    refused = ChannelRefused("It answered 400", status=400)
    sender.channels.outcomes = [refused, Sent(200, "")]
    await sender.tell(sender.endpoint, 2)
    await sender.send(sender.endpoint)
    log = await sender.log()
    assert [one.status for one in log] == [
        DeliveryStatus.FAILED,
        DeliveryStatus.DELIVERED,
    ]
    assert (log[0].response_code, log[0].error) == (400, "It answered 400")


async def test_after_ten_tries_a_delivery_is_dead_and_the_next_has_its_turn(
    sender: Sender, move_clock: MoveClock
) -> None:
    sender.channels.outcomes = [ChannelBusy("It answered 500", status=500)]
    first, second = await sender.tell(sender.endpoint, 2)
    pauses = []
    for hours in range(MOST_TRIES):
        await move_clock(f"{2 * hours} hours")
        await sender.send(sender.endpoint)
        pauses.append(await sender.until_due(sender.endpoint))
    assert [sent[0] for _, sent in sender.channels.sent] == [first] * MOST_TRIES
    log = await sender.log()
    assert (log[0].status, log[0].attempts) == (DeliveryStatus.DEAD, MOST_TRIES)
    assert len(log[0].tries) == MOST_TRIES
    assert pauses[BREAKS_AFTER - 1] > timedelta(seconds=55)
    assert all(a < b for a, b in pairwise(pauses[BREAKS_AFTER - 1 :]))
    await move_clock("22 hours")
    await sender.send(sender.endpoint)
    assert sender.channels.sent[-1][1] == [second]


async def test_what_waited_for_three_days_is_dead(
    sender: Sender, move_clock: MoveClock
) -> None:
    await sender.tell(sender.channel)
    await move_clock("73 hours")
    await sender.send(sender.channel)
    assert not sender.channels.sent
    [log] = await sender.log()
    assert (log.status, log.error) == (
        DeliveryStatus.DEAD,
        "It could not be sent for three days.",
    )


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        ("deleted_at", DropReason.CHANNEL_DELETED),
        ("disabled_at", DropReason.CHANNEL_DISABLED),
    ],
)
async def test_nothing_is_sent_to_who_is_gone(
    sender: Sender, column: str, reason: DropReason
) -> None:
    await sender.tell(sender.channel, 2)
    await sender.change(sender.channel, **{column: ago(minutes=1)})
    await sender.send(sender.channel)
    assert not sender.channels.sent
    assert {(one.status, one.drop_reason) for one in await sender.log()} == {
        (DeliveryStatus.DROPPED, reason)
    }
    assert (await sender.look(sender.channel)).due_at is None


async def test_what_died_before_it_was_recorded_is_sent_again_under_its_id(
    sender: Sender, move_clock: MoveClock
) -> None:
    """As by SIGKILL between sending and recording: nothing is written after it."""
    notices = await sender.tell(sender.channel, 4)
    async with sender.worker() as session:
        claimed = await sending_rows.claim(session, sender.tenant, sender.channel.id)
    assert claimed is not None
    held, _ = claimed
    async with sender.worker() as session:
        row, now = await sending_rows.hold(session, held)
        chosen = await sending_rows.choose(session, held, row, now)
        assert isinstance(chosen, Message)
        id = await sending_rows.begin(session, held, chosen)
    await sender.send(sender.channel)
    assert not sender.channels.sent  # its lease stands
    await move_clock("61 seconds")
    await sender.send(sender.channel)
    assert sender.channels.sent[0] == (id, notices[:1])
    assert [sent[0] for _, sent in sender.channels.sent] == notices
    # The dead one comes back.
    with pytest.raises(sending_rows.SenderLost):
        async with sender.worker() as session:
            await sending_rows.hold(session, held)


async def test_a_mail_is_not_sent_again_to_those_who_have_it(
    sender: Sender, move_clock: MoveClock
) -> None:
    sender.channels.outcomes = [
        ChannelBusy("One of two", told=["a@example.com"]),
        MailNotSent("away"),
        Sent(250, ""),
    ]
    await sender.tell(sender.channel)
    for step in range(3):
        await move_clock(f"{step * 5} minutes")
        await sender.send(sender.channel)
    [log] = await sender.log()
    assert log.status is DeliveryStatus.DELIVERED
    assert [one["error"] for one in log.tries[:2]] == ["One of two", "away"]
    asked = [list(one.recipients) for one in sender.channels.outgoing]
    assert asked == [["a@example.com", "b@example.com"], *[["b@example.com"]] * 2]


async def test_a_digest_of_a_rule_is_one_message(
    sender: Sender, move_clock: MoveClock
) -> None:
    rule_id, morning = new_id(), ago(hours=-7)
    notices = await sender.tell(
        sender.channel, 3, rule_id=rule_id, not_before=morning, in_digest=True
    )
    await move_clock("7 hours 1 second")
    await sender.send(sender.channel)
    assert [list(sent) for _, sent in sender.channels.sent] == [notices]


async def test_a_slice_that_is_over_asks_for_the_next_one(sender: Sender) -> None:
    await sender.tell(sender.endpoint, 2)
    await sender.send(sender.endpoint, seconds=0)
    assert not sender.channels.sent
    assert (await sender.look(sender.endpoint)).lease_until is None
    jobs = await sender.owner.scalars(
        select(OutboxMessage).where(OutboxMessage.subject_id == sender.endpoint.id)
    )
    assert [one.status for one in jobs] == [OutboxStatus.PENDING] * 2


async def test_faults_of_ours_count_as_tries(
    sender: Sender, database: Database, move_clock: MoveClock
) -> None:
    await sender.tell(sender.endpoint, 2)
    [first, _] = await sender.log()
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(
            update(Delivery).where(Delivery.id == first.id).values(attempts=MOST_TRIES)
        )
    await sender.send(sender.endpoint)
    log = await sender.log()
    assert [one.status for one in log] == [
        DeliveryStatus.DEAD,
        DeliveryStatus.DELIVERED,
    ]
    assert log[0].error == "It never came to an end."


async def test_a_secret_that_cannot_be_opened_fails_its_channel_and_no_message(
    sender: Sender, move_clock: MoveClock
) -> None:
    opened = sender.post
    sender.post = replace(opened, address=AsyncMock(side_effect=Undecryptable("Gone.")))
    notices = await sender.tell(sender.endpoint, 2)
    for n in range(BREAKS_AFTER):
        await sender.send(sender.endpoint)
        assert (await sender.look(sender.endpoint)).lease_until is None
        assert await sender.until_due(sender.endpoint) > timedelta()
        await move_clock(f"{2 * n + 2} hours")
    row = await sender.look(sender.endpoint)
    assert (row.failures, row.last_error) == (
        BREAKS_AFTER,
        "Its secret could not be opened. Gone.",
    )
    told = select(OutboxMessage.kind).where(
        OutboxMessage.subject_id == row.id,
        OutboxMessage.kind == OutboxKind.CHANNEL_FAILING,
    )
    assert len((await sender.owner.scalars(told)).all()) == 1
    log = await sender.log()
    assert {(one.attempts, one.status, len(one.tries)) for one in log} == {
        (0, DeliveryStatus.PENDING, 0)
    }
    sender.post = opened
    await sender.send(sender.endpoint)
    assert [one for _, sent in sender.channels.sent for one in sent] == notices
    assert (await sender.look(sender.endpoint)).failing_since is None
