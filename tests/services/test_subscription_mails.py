"""What owners and admins are told of their subscription: each thing once, at its time,
and not when it is no longer so."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from sqlalchemy import func, select, update
from stripe.params import SubscriptionUpdateParams

from app.core.db import Database, Login
from app.core.notice import NoticeEvent
from app.core.settings import Settings
from app.models.notice import RecordedNotice
from app.models.outbox import OutboxMessage, OutboxStatus
from app.models.subscription import SubscriptionStatus
from app.services import subscription_mails
from app.services.outbox import OutboxKind
from tests.api.authenticating import MoveClock
from tests.builders import make_account, make_task
from tests.fakestripe.server import Backstage
from tests.mailbox import Mailbox
from tests.personae import People
from tests.services.documented import assert_documented
from tests.subscriber import Subscriber, make_subscriber

FAILS = "pm_card_chargeCustomerFail"
PAYERS = {"alice@example.com", "adam@example.com"}


@pytest.fixture
async def acme(
    database: Database, configured: Settings, backstage: Backstage, people: People
) -> Subscriber:
    return await make_subscriber(
        database, configured, backstage, people.alice.organization_id
    )


def cancel(acme: Subscriber, id: str, *, is_so: bool = True) -> None:
    """At Stripe, to the end of what is paid for."""
    wanted: SubscriptionUpdateParams = {"cancel_at_period_end": is_so}
    acme.shop.stripe.v1.subscriptions.update(id, wanted)


async def deliver_due(acme: Subscriber) -> None:
    """Do the mails that are due, and be done with them."""
    due = select(OutboxMessage).where(
        OutboxMessage.status == OutboxStatus.PENDING,
        OutboxMessage.kind.startswith("mail."),
        OutboxMessage.available_at <= func.app_now(),
    )
    async with acme.database.unit_of_work(Login.OWNER) as session:
        messages = (await session.scalars(due.order_by(OutboxMessage.id))).all()
        for one in messages:
            one.status = OutboxStatus.DONE
    for one in messages:
        await subscription_mails.tell(
            acme.database,
            acme.settings,
            one.organization_id,
            kind=OutboxKind(one.kind),
            message_id=one.id,
        )


async def told(acme: Subscriber, mailbox: Mailbox) -> Mapping[str, str]:
    """Send what is due now: the text by its subject, which all who pay have got."""
    before = len(mailbox.mails())
    await deliver_due(acme)
    mails = mailbox.mails()[before:]
    subjects = {mail.subject: mail.text for mail in mails}
    for subject in subjects:
        got = [mail.recipients for mail in mails if mail.subject == subject]
        assert sorted(one for some in got for one in some) == sorted(PAYERS)
    return subjects


async def notices(acme: Subscriber) -> list[str]:
    """That it is read-only, as rules and endpoints may be told."""
    row = RecordedNotice
    late = select(row).where(row.event == NoticeEvent.SUBSCRIPTION_READ_ONLY)
    async with acme.database.unit_of_work(Login.OWNER) as session:
        rows = (await session.scalars(late)).all()
        await assert_documented(session, rows)
        return [one.event.value for one in rows]


async def test_without_mail_being_read_only_is_a_notice_all_the_same(
    acme: Subscriber, move_clock: MoveClock
) -> None:
    silent = replace(acme, settings=acme.settings.model_copy(update={"smtp_url": None}))
    await silent.change(
        status=SubscriptionStatus.PAST_DUE, past_due_since=func.app_now()
    )
    row = await silent.row()
    async with silent.database.unit_of_work(Login.OWNER) as session:
        await subscription_mails.ask(
            session,
            silent.settings,
            row,
            was_plan=row.plan_code,
            was_status=SubscriptionStatus.ACTIVE,
            was_ends_at=None,
            change="attempt 1",
        )
    await deliver_due(silent)
    assert await notices(acme) == []
    await move_clock("7 days 1 minute")
    await deliver_due(silent)
    assert await notices(acme) == ["subscription.read_only"]


async def test_a_repeat_tells_nobody_twice(acme: Subscriber, mailbox: Mailbox) -> None:
    """As after the refusal of one person's mail server, or a worker that died."""
    acme.buy()
    await acme.sync()
    await told(acme, mailbox)
    before = len(mailbox.mails())
    async with acme.database.unit_of_work(Login.OWNER) as session:
        sent = select(OutboxMessage).where(OutboxMessage.kind.startswith("mail."))
        for one in await session.scalars(sent):
            one.status = OutboxStatus.PENDING
    await deliver_due(acme)
    assert len(mailbox.mails()) == before > 0


async def test_a_smaller_plan_says_what_was_paused(
    acme: Subscriber, mailbox: Mailbox
) -> None:
    bought = acme.buy()
    await acme.sync()
    changed = await told(acme, mailbox)
    assert list(changed) == ["Your plan has changed"]
    assert "has changed: it is Team now." in " ".join(
        changed["Your plan has changed"].split()
    )
    assert "Nothing had to be paused" in changed["Your plan has changed"]
    async with acme.database.unit_of_work(Login.OWNER) as session:
        for number in range(3):
            await make_account(
                session,
                acme.organization_id,
                account_id=f"11111111111{number}",
                name=f"Account {number}",
            )
        for number in range(12):
            await make_task(session, acme.organization_id, name=f"Task {number}")
    acme.shop.stripe.v1.subscriptions.cancel(bought.id)
    await acme.sync()
    await acme.sync()
    ended = await told(acme, mailbox)
    assert list(ended) == ["Your subscription has ended"], "and no second mail"
    text = " ".join(ended["Your subscription has ended"].split())
    assert "The plan is Free now." in text
    assert "tasks 2, AWS accounts 1." in text
    assert "http://127.0.0.1:8000/subscription" in text
    assert await told(acme, mailbox) == {}


async def test_a_failed_payment_is_told_once_and_then_what_follows(
    acme: Subscriber, mailbox: Mailbox, backstage: Backstage, move_clock: MoveClock
) -> None:
    acme.buy()
    await acme.sync()
    await told(acme, mailbox)
    use = {"invoice_settings": {"default_payment_method": None}}
    methods = acme.shop.stripe.v1.payment_methods
    methods.attach(FAILS, {"customer": acme.customer_id})
    (card,) = [
        one.id
        for one in methods.list({"customer": acme.customer_id}).data
        if one.card and one.card.last4 == "0341"
    ]
    use["invoice_settings"]["default_payment_method"] = card  # type: ignore[assignment] # an id
    acme.shop.stripe.v1.customers.update(acme.customer_id, use)  # type: ignore[arg-type] # as its members say
    backstage.move_clock(days=32)
    row = await acme.sync()
    assert row.status is SubscriptionStatus.PAST_DUE
    assert row.past_due_since is not None
    await acme.sync()
    failed = await told(acme, mailbox)
    assert list(failed) == ["A payment has failed"]
    assert await told(acme, mailbox) == {}
    await move_clock("6 days")
    assert await told(acme, mailbox) == {}
    await move_clock("7 days 1 minute")
    assert list(await told(acme, mailbox)) == ["Your organization is read-only"]
    async with acme.database.unit_of_work(Login.OWNER) as session:
        late = update(OutboxMessage).where(
            OutboxMessage.kind == OutboxKind.MAIL_READ_ONLY
        )
        await session.execute(late.values(status=OutboxStatus.PENDING))
    await deliver_due(acme)
    assert await notices(acme) == ["subscription.read_only"], "once, if tried again"


async def test_who_has_paid_meanwhile_is_told_nothing(
    acme: Subscriber, mailbox: Mailbox, move_clock: MoveClock
) -> None:
    acme.buy()
    await acme.sync()
    late = (await acme.row()).created_at
    await acme.change(status="past_due", past_due_since=late)
    async with acme.database.unit_of_work(Login.OWNER) as session:
        await subscription_mails.ask(
            session,
            acme.settings,
            await acme.row(),
            was_plan="team",
            was_status=SubscriptionStatus.ACTIVE,
            was_ends_at=None,
            change="here",
        )
    await acme.change(status="active", past_due_since=None)
    await move_clock("8 days")
    assert "A payment has failed" not in (said := await told(acme, mailbox))
    assert "Your organization is read-only" not in said


async def test_three_days_before_a_trial_ends_it_is_told(
    acme: Subscriber, mailbox: Mailbox, move_clock: MoveClock
) -> None:
    acme.buy(trial_period_days=14)
    await acme.sync()
    assert list(await told(acme, mailbox)) == ["Your plan has changed"]
    await move_clock("10 days")
    assert await told(acme, mailbox) == {}
    await move_clock("11 days 1 minute")
    ending = await told(acme, mailbox)
    assert list(ending) == ["Your trial ends soon"]
    assert "The trial of the plan Team" in ending["Your trial ends soon"]


async def test_who_has_cancelled_the_trial_is_not_reminded(
    acme: Subscriber, mailbox: Mailbox, move_clock: MoveClock
) -> None:
    bought = acme.buy(trial_period_days=14)
    await acme.sync()
    await told(acme, mailbox)
    cancel(acme, bought.id)
    await acme.sync()
    assert list(await told(acme, mailbox)) == ["Your subscription will end"]
    await move_clock("11 days 1 minute")
    assert await told(acme, mailbox) == {}


async def test_a_cancellation_is_told_once_with_its_day_and_what_follows(
    acme: Subscriber, mailbox: Mailbox
) -> None:
    bought = acme.buy()
    await acme.sync()
    await told(acme, mailbox)
    cancel(acme, bought.id)
    end = (await acme.sync()).current_period_end
    assert end is not None
    ending = await told(acme, mailbox)
    assert list(ending) == ["Your subscription will end"]
    text = " ".join(ending["Your subscription will end"].split())
    assert f"has the plan Team until {end:%d %B %Y, %H:%M} UTC" in text
    assert "taken back" in text
    await acme.sync()
    assert await told(acme, mailbox) == {}, "and not with each sync"


async def test_a_cancellation_that_was_taken_back_is_told_nobody(
    acme: Subscriber, mailbox: Mailbox
) -> None:
    bought = acme.buy()
    await acme.sync()
    await told(acme, mailbox)
    cancel(acme, bought.id)
    await acme.sync()
    cancel(acme, bought.id, is_so=False)
    await acme.sync()
    assert await told(acme, mailbox) == {}


async def test_without_a_mail_server_nothing_is_posted(acme: Subscriber) -> None:
    silent = acme.settings.model_copy(update={"smtp_url": None})
    acme.buy()
    await acme.sync(silent)
    async with acme.database.unit_of_work(Login.OWNER) as session:
        posted = select(OutboxMessage.kind)
        assert list(await session.scalars(posted)) == []
