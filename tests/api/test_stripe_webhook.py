"""Stripe's events: kept once, and only with a fresh signature; what they hint at is
fetched, if they can be believed."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.models.outbox import OutboxMessage
from app.models.subscription import StripeEvent, Subscription
from app.services.outbox import OutboxKind
from tests.conftest import Client
from tests.personae import People

NEW = "whsec_new"
PATH = "/api/v1/webhooks/stripe"
EVENT: dict[str, Any] = {
    "id": "evt_1",
    "object": "event",
    "type": "customer.subscription.updated",
    "livemode": False,
    "created": 1_790_000_000,
    "data": {"object": {"id": "sub_1", "object": "subscription", "customer": "cus_1"}},
}


def signed(
    event: object = EVENT, *, secret: str = NEW, age: int = 0
) -> tuple[bytes, dict[str, str]]:
    body = json.dumps(event).encode()
    at = int(time.time()) - age
    digest = hmac.new(secret.encode(), b"%d." % at + body, hashlib.sha256).hexdigest()
    return body, {"Stripe-Signature": f"t={at},v1={digest}"}


@pytest.fixture
def stripe_app(app: FastAPI) -> FastAPI:
    secrets = [SecretStr("whsec_new"), SecretStr("whsec_old")]
    app.state.settings = app.state.settings.model_copy(
        update={
            "stripe_webhook_secrets": secrets,
            "stripe_api_key": SecretStr("sk_test_1"),
        }
    )
    return app


@pytest.fixture
async def customer(owner: AsyncSession, people: People) -> UUID:
    """The organization behind EVENT's customer."""
    acme = people.alice.organization_id
    mine = update(Subscription).where(Subscription.organization_id == acme)
    await owner.execute(mine.values(stripe_customer_id="cus_1"))
    await owner.commit()
    return acme


async def send(client: Client, event: object) -> None:
    body, headers = signed(event)
    answer = await client(None).post(PATH, content=body, headers=headers)
    assert answer.status_code == 204


async def asked(owner: AsyncSession) -> list[tuple[UUID, UUID]]:
    """Whose subscriptions are to be fetched."""
    rows = await owner.execute(
        select(OutboxMessage.organization_id, OutboxMessage.subject_id).where(
            OutboxMessage.kind == OutboxKind.SUBSCRIPTION_SYNC
        )
    )
    return [(row.organization_id, row.subject_id) for row in rows]


def altered(
    *, about: Mapping[str, Any] | None = None, **members: Any
) -> dict[str, Any]:
    """EVENT with other members, of itself or of what it is about."""
    return {
        **EVENT,
        **members,
        "data": {"object": {**EVENT["data"]["object"], **(about or {})}},
    }


async def test_keeps_an_event_once_however_often_it_comes(
    stripe_app: FastAPI, client: Client, owner: AsyncSession
) -> None:
    body, headers = signed()
    for _ in range(3):
        answer = await client(None).post(PATH, content=body, headers=headers)
        assert answer.status_code == 204
    [kept] = await owner.scalars(select(StripeEvent))
    assert (kept.id, kept.object_id, kept.customer_id) == ("evt_1", "sub_1", "cus_1")


async def test_takes_both_secrets_during_a_rotation(
    stripe_app: FastAPI, client: Client
) -> None:
    body, headers = signed(secret="whsec_old")
    assert (await client(None).post(PATH, content=body, headers=headers)).is_success


@pytest.mark.parametrize(
    "forged",
    [
        signed(secret="whsec_other"),
        signed(age=301),
        (signed()[0] + b" ", signed()[1]),
        (signed()[0], {}),
        (b"no json", signed("no json")[1]),
    ],
    ids=["other secret", "too old", "altered", "unsigned", "no event"],
)
async def test_refuses_what_stripe_did_not_sign(
    stripe_app: FastAPI,
    client: Client,
    owner: AsyncSession,
    forged: tuple[bytes, dict[str, str]],
) -> None:
    body, headers = forged
    answer = await client(None).post(PATH, content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "not-from-stripe")
    assert (await owner.scalars(select(StripeEvent))).all() == []


async def test_without_a_secret_there_is_no_such_route(client: Client) -> None:
    body, headers = signed()
    answer = await client(None).post(PATH, content=body, headers=headers)
    assert answer.status_code == 404


async def test_what_an_event_hints_at_is_fetched_once(
    stripe_app: FastAPI, client: Client, owner: AsyncSession, customer: UUID
) -> None:
    for _ in range(3):
        await send(client, EVENT)
    assert await asked(owner) == [(customer, customer)]
    [kept] = await owner.scalars(select(StripeEvent))
    assert (kept.outcome, kept.reason) == ("followed", None)
    await send(client, altered(id="evt_2"))
    assert await asked(owner) == [(customer, customer)] * 2


async def test_of_the_same_event_sent_many_times_at_once_one_is_followed(
    stripe_app: FastAPI, client: Client, owner: AsyncSession, customer: UUID
) -> None:
    await asyncio.gather(*(send(client, EVENT) for _ in range(10)))
    assert await asked(owner) == [(customer, customer)]


async def test_an_event_that_could_not_be_followed_is_not_kept(
    stripe_app: FastAPI, client: Client, owner: AsyncSession, customer: UUID
) -> None:
    await owner.execute(text("REVOKE INSERT ON outbox FROM cloudrota_app"))
    await owner.commit()
    body, headers = signed()
    answer = await client(None).post(PATH, content=body, headers=headers)
    assert answer.is_server_error
    assert (await owner.scalars(select(StripeEvent))).all() == []


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (altered(livemode=True), "wrong_livemode"),
        (altered(account="acct_1"), "foreign_account"),
        (altered(about={"customer": "cus_2"}), "unknown_customer"),
        (
            altered(about={"client_reference_id": str(UUID(int=1))}),
            "foreign_reference",
        ),
    ],
    ids=["livemode", "account", "customer", "reference"],
)
async def test_what_cannot_be_believed_is_quarantined_and_not_followed(
    stripe_app: FastAPI,
    client: Client,
    owner: AsyncSession,
    customer: UUID,
    event: dict[str, Any],
    reason: str,
) -> None:
    await send(client, event)
    [kept] = await owner.scalars(select(StripeEvent))
    assert (kept.outcome, kept.reason) == ("quarantined", reason)
    assert await asked(owner) == []


async def test_without_a_key_to_fetch_with_events_wait_in_quarantine(
    stripe_app: FastAPI, client: Client, owner: AsyncSession, customer: UUID
) -> None:
    keyless = {"stripe_api_key": None}
    stripe_app.state.settings = stripe_app.state.settings.model_copy(update=keyless)
    await send(client, EVENT)
    [kept] = await owner.scalars(select(StripeEvent))
    assert (kept.outcome, kept.reason) == ("quarantined", "not_configured")
    assert await asked(owner) == []


@pytest.mark.parametrize(
    "event",
    [
        altered(about={"customer": None}),
        altered(type="customer.created", about={"id": "cus_new", "object": "customer"}),
    ],
    ids=["of no customer", "a customer was made"],
)
async def test_what_hints_at_nothing_is_noted(
    stripe_app: FastAPI,
    client: Client,
    owner: AsyncSession,
    customer: UUID,
    event: dict[str, Any],
) -> None:
    await send(client, event)
    [kept] = await owner.scalars(select(StripeEvent))
    assert (kept.outcome, kept.reason) == ("noted", None)
    assert await asked(owner) == []


async def test_a_checkout_in_the_organizations_own_name_is_followed(
    stripe_app: FastAPI, client: Client, owner: AsyncSession, customer: UUID
) -> None:
    await send(client, altered(about={"client_reference_id": str(customer)}))
    assert await asked(owner) == [(customer, customer)]
