"""The operator's commands about plans and subscriptions."""

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.core.errors import CloudrotaError, Conflict, Invalid, NotFound
from app.core.ids import new_id
from app.core.settings import Settings
from app.integrations.stripe_client import StripeNotConfigured, StripeRefused
from app.models.audit import AuditEvent
from app.models.outbox import OutboxMessage
from app.models.task import Task
from app.services.outbox import OutboxKind
from app.tasks import operator, plans
from tests.builders import make_task
from tests.fakestripe.server import Backstage
from tests.personae import People
from tests.subscriber import Subscriber, make_subscriber


@pytest.fixture
async def acme(
    database: Database, configured: Settings, backstage: Backstage, people: People
) -> Subscriber:
    return await make_subscriber(
        database, configured, backstage, people.alice.organization_id
    )


async def run(acme: Subscriber, act: str, *given: Any) -> dict[str, Any]:
    """As `cloudrota plans` does it."""
    match act:
        case "show":
            return await plans.show(acme.database)
        case "overview":
            return await plans.overview(acme.database)
        case "set":
            code, *values = given
            return await plans.change(acme.database, acme.settings, code, values)
        case "give":
            return await plans.give(acme.database, acme.settings, *given)
        case _:
            return await plans.charge(acme.database, acme.settings, *given)


async def test_the_plans_are_shown(acme: Subscriber) -> None:
    shown = await run(acme, "show")
    assert set(shown) == {"free", "team", "business", "self_hosted"}
    assert shown["team"]["price"] == acme.shop.team
    assert shown["self_hosted"]["limits"]["aws_accounts"] is None


async def test_a_changed_limit_holds_at_once_and_is_in_the_log(
    acme: Subscriber, people: People, owner: AsyncSession
) -> None:
    for number in range(4):
        await make_task(owner, acme.organization_id, name=f"Task {number}")
    await owner.commit()
    told = await run(acme, "set", "free", "enabled_tasks=3", "members=none")
    tenant = str(acme.organization_id)
    assert told["fitted"][tenant]["paused_tasks"] == 1
    shown = (await run(acme, "show"))["free"]["limits"]
    assert (shown["enabled_tasks"], shown["members"]) == (3, None)
    assert shown["aws_accounts"] == 2
    enabled = select(func.count()).where(Task.enabled)
    assert await owner.scalar(enabled) == 3
    again = await run(acme, "set", "free", "enabled_tasks=3")
    assert again["fitted"] == {}
    told = await run(acme, "set", "free", "enabled_tasks=4")
    assert told["fitted"][tenant]["resumed_tasks"] == 1
    # What was paused, and what goes on, is mailed; that nothing was, is not.
    assert await plan_mails(acme) == 2
    events = select(AuditEvent).where(AuditEvent.action == "plan.change")
    recorded = [*await owner.scalars(events.order_by(AuditEvent.id))]
    assert [one.organization_id for one in recorded] == [acme.organization_id] * 2
    assert {one.actor for one in recorded} == {operator.name()}
    assert recorded[0].detail["after"]["limits"]["enabled_tasks"] == 3
    assert people.mallory.organization_id != acme.organization_id


async def plan_mails(acme: Subscriber) -> int:
    """How many were posted to Acme."""
    mails = select(func.count()).where(
        OutboxMessage.kind == OutboxKind.MAIL_PLAN_CHANGED,
        OutboxMessage.organization_id == acme.organization_id,
    )
    async with acme.database.unit_of_work(Login.OWNER) as session:
        return (await session.execute(mails)).scalar_one()


async def test_a_plan_that_is_withdrawn_is_sold_no_more_and_kept_by_who_has_it(
    acme: Subscriber,
) -> None:
    acme.buy()
    await run(acme, "set", "team", "price=none")
    assert (await run(acme, "show"))["team"]["price"] is None
    row = await acme.sync()
    assert (row.plan_code, row.sync_doubt) == ("team", None)
    await run(acme, "set", "team", f"price={acme.shop.team}")
    assert (await run(acme, "show"))["team"]["price"] == acme.shop.team


async def test_a_new_price_is_sold_and_the_old_one_still_buys(
    acme: Subscriber,
) -> None:
    acme.buy(acme.shop.team)
    prices = acme.shop.stripe.v1.prices
    new = prices.create(
        {
            "currency": "eur",
            "unit_amount": 5_900,
            "recurring": {"interval": "month"},
            "product_data": {"name": "Team"},
        }
    )
    await run(acme, "set", "team", f"price={new.id}")
    assert (await run(acme, "show"))["team"]["price"] == new.id
    assert (await acme.sync()).plan_code == "team"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("set", "free", "price=price_none"), StripeRefused),
        (("set", "free", "cats=3"), Invalid),
        (("set", "free", "members=many"), Invalid),
        (("set", "free", "members=-1"), Invalid),
        (("set", "free", "shortest_interval_seconds=5"), Invalid),
        (("set", "free", "history_days=none"), Invalid),
        (("set", "gold", "members=3"), NotFound),
        (("give", "{acme}", "gold"), Invalid),
        (("charge", "{acme}"), Conflict),
    ],
    ids=lambda value: "-".join(value[:3]) if isinstance(value, tuple) else "",
)
async def test_nonsense_changes_nothing(
    acme: Subscriber, arguments: tuple[str, ...], error: type[CloudrotaError]
) -> None:
    before = await run(acme, "show")
    with pytest.raises(error):
        await run(acme, *(one.format(acme=acme.organization_id) for one in arguments))
    assert await run(acme, "show") == before
    assert (await acme.row()).plan_code == "free"


async def test_an_unknown_organization_is_given_nothing(acme: Subscriber) -> None:
    with pytest.raises(NotFound):
        await run(acme, "give", new_id(), "team")


async def test_an_archived_price_is_not_sold(acme: Subscriber) -> None:
    acme.shop.stripe.v1.prices.update(acme.shop.business, {"active": False})
    with pytest.raises(Invalid, match="archived"):
        await run(acme, "set", "team", f"price={acme.shop.business}")


async def test_a_price_needs_stripe(acme: Subscriber) -> None:
    unsold = acme.settings.model_copy(update={"stripe_api_key": None})
    with pytest.raises(StripeNotConfigured):
        await plans.change(acme.database, unsold, "team", ["price=price_1"])


async def test_a_gift_stands_whatever_stripe_says_until_it_is_ended(
    acme: Subscriber,
) -> None:
    tenant = acme.organization_id
    await run(acme, "give", tenant, "business")
    acme.buy(acme.shop.team)
    row = await acme.sync()
    assert (row.plan_code, row.status) == ("business", "complimentary")
    await run(acme, "charge", tenant)
    row = await acme.row()
    assert (row.plan_code, row.status) == ("team", "active"), "what it has bought"
    actions = [one.action for one in await acme.recorded()]
    assert actions[0] == "subscription.give"
    assert "subscription.charge" in actions
    assert await plan_mails(acme) == 3


async def test_the_overview_says_who_owes_and_names_nobody(
    acme: Subscriber, people: People
) -> None:
    late = (await acme.row()).created_at
    await acme.change(plan_code="team", status="past_due", past_due_since=late)
    said = await run(acme, "overview")
    assert said["counts"]["team past_due"] == 1
    assert said["counts"]["self_hosted complimentary"] == 1
    [mine] = [
        one
        for one in said["organizations"]
        if one["organization_id"] == acme.organization_id
    ]
    assert (mine["status"], mine["is_read_only"]) == ("past_due", False)
    assert mine["stripe_customer_id"] == acme.customer_id
    assert "Acme" not in str(said)
    assert people.mallory.organization_id in {
        one["organization_id"] for one in said["organizations"]
    }
