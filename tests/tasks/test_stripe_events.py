"""The operator sees what Stripe told us, and has what was lost looked at again."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database
from app.core.settings import Settings
from app.models.audit import AuditEvent
from app.models.outbox import OutboxMessage
from app.models.subscription import StripeEvent, StripeEventOutcome, Subscription
from app.services.outbox import OutboxKind
from app.services.stripe_replay import Chosen
from app.tasks import stripe_events
from tests.personae import People

THIRD = datetime(2030, 1, 3, tzinfo=UTC)


@pytest.fixture
def selling(configured: Settings) -> Settings:
    key = {"stripe_api_key": SecretStr("sk_test_1")}
    return configured.model_copy(update=key)


@pytest.fixture
async def events(owner: AsyncSession, people: People) -> list[str]:
    """Three in quarantine, two of them of Acme's customer, and one that was noted."""
    acme = Subscription.organization_id == people.alice.organization_id
    mine = update(Subscription).where(acme).values(stripe_customer_id="cus_acme")
    await owner.execute(mine)
    kept: list[tuple[str, str | None, str | None]] = [
        ("evt_1", "cus_acme", "unknown_customer"),
        ("evt_2", "cus_acme", "not_configured"),
        ("evt_3", "cus_nobody", "unknown_customer"),
        ("evt_4", None, None),
    ]
    for number, (id, customer, reason) in enumerate(kept):
        outcome = StripeEventOutcome.QUARANTINED if reason else StripeEventOutcome.NOTED
        event = StripeEvent(
            id=id,
            type="customer.subscription.updated",
            livemode=False,
            customer_id=customer,
            outcome=outcome,
            reason=reason,
            happened_at=func.app_now(),
            received_at=datetime(2030, 1, 1 + number, tzinfo=UTC),
        )
        owner.add(event)
    await owner.commit()
    return [id for id, *_ in kept]


async def printed(lines: AsyncIterator[str]) -> list[dict[str, Any]]:
    return [json.loads(line) async for line in lines]


async def outcomes(owner: AsyncSession) -> dict[str, tuple[str, str | None]]:
    await owner.rollback()
    rows = await owner.scalars(select(StripeEvent))
    return {row.id: (row.outcome.value, row.reason) for row in rows}


async def test_lists_the_newest_first_and_why_one_was_not_followed(
    database: Database, events: list[str]
) -> None:
    *lines, last = await printed(stripe_events.show(database, Chosen(), limit=3))
    assert [line["id"] for line in lines] == events[:0:-1]
    assert (lines[1]["outcome"], lines[1]["reason"]) == (
        "quarantined",
        "unknown_customer",
    )
    assert last == {"events": 3, "at_most": 3}


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (Chosen(quarantined=True), ["evt_3", "evt_2", "evt_1"]),
        (Chosen(since=THIRD), ["evt_4", "evt_3"]),
        (Chosen(since=THIRD, quarantined=True), ["evt_3"]),
        (Chosen(["evt_2", "evt_4"]), ["evt_4", "evt_2"]),
    ],
    ids=["quarantined", "since", "both", "by id"],
)
async def test_shows_what_was_chosen(
    database: Database, events: list[str], chosen: Chosen, expected: list[str]
) -> None:
    *lines, _ = await printed(stripe_events.show(database, chosen, limit=9))
    assert [line["id"] for line in lines] == expected


async def test_a_replay_follows_what_is_known_by_now_and_fetches_once(
    database: Database,
    selling: Settings,
    people: People,
    events: list[str],
    owner: AsyncSession,
) -> None:
    chosen = Chosen(quarantined=True)
    *_, last = await printed(stripe_events.replay(database, selling, chosen))
    assert last == {"events": 3, "followed": 2, "organizations": 1}
    assert await outcomes(owner) == {
        "evt_1": ("followed", None),
        "evt_2": ("followed", None),
        "evt_3": ("quarantined", "unknown_customer"),
        "evt_4": ("noted", None),
    }
    wanted = select(OutboxMessage.organization_id).where(
        OutboxMessage.kind == OutboxKind.SUBSCRIPTION_SYNC
    )
    assert (await owner.scalars(wanted)).all() == [people.alice.organization_id]


async def test_the_organization_sees_on_its_audit_log_who_replayed(
    database: Database,
    selling: Settings,
    people: People,
    events: list[str],
    owner: AsyncSession,
) -> None:
    chosen = Chosen(["evt_1"])
    await printed(stripe_events.replay(database, selling, chosen))
    told = select(AuditEvent).where(
        AuditEvent.action == "operator.replay_stripe_events"
    )
    [event] = await owner.scalars(told)
    assert event.organization_id == people.alice.organization_id
    assert event.actor.startswith("operator:")
