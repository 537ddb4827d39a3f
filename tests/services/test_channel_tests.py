"""Tests of channels and endpoints: what arrives at a real receiver, and what is written
down of it."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select, update

from app.core.clock import now
from app.core.crypto import LocalKeys
from app.core.db import Database, Login
from app.core.settings import Settings
from app.integrations.channels.registry import Senders
from app.integrations.outbound import Outbound
from app.models.notification import NotificationChannel, WebhookEndpoint
from app.services import channel_tests
from tests.attack.receivers import PUBLIC, Receiver, receiver
from tests.builders_notifications import make_channel, make_endpoint
from tests.personae import People

HOST = "hooks.example"


@pytest.fixture
async def hooks() -> AsyncIterator[Receiver]:
    async with receiver(hosts=(HOST,)) as listener:
        yield listener


@pytest.fixture
def senders(configured: Settings, hooks: Receiver) -> Senders:
    async def resolve(_: str) -> list[str]:
        return [PUBLIC]

    outbound = Outbound(
        resolve=resolve,
        permits=lambda address: address == PUBLIC,
        ports=frozenset({hooks.port}),
        trust=hooks.trust(),
    )
    return Senders(configured, outbound)


@pytest.fixture
def keys(configured: Settings) -> LocalKeys:
    return LocalKeys.from_settings(configured)


@pytest.fixture
async def endpoint(
    database: Database, people: People, keys: LocalKeys, hooks: Receiver
) -> WebhookEndpoint:
    async with database.unit_of_work(Login.OWNER) as session:
        return await make_endpoint(
            session,
            people.alice.organization_id,
            keys=keys,
            url=f"https://{HOST}:{hooks.port}/take",
            test_requested_at=now(),
        )


async def _state(database: Database, table: Any) -> Any:
    async with database.unit_of_work(Login.OWNER) as session:
        return (await session.scalars(select(table))).one()


async def test_a_test_arrives_once_and_that_is_written_down(
    database: Database,
    configured: Settings,
    keys: LocalKeys,
    senders: Senders,
    endpoint: WebhookEndpoint,
    hooks: Receiver,
) -> None:
    means = (database, configured, keys, senders, endpoint.organization_id)
    await channel_tests.check(*means, endpoint_id=endpoint.id)
    await channel_tests.check(*means, endpoint_id=endpoint.id)
    [request] = hooks.asked
    notice = json.loads(request.body)
    assert notice["event"] == "test"
    assert request.header("webhook-id") == notice["id"]
    assert (request.header("webhook-signature") or "").startswith("v1,")
    row = await _state(database, WebhookEndpoint)
    assert row.test_error is None
    assert row.tested_at >= row.test_requested_at


async def test_what_went_wrong_is_said_on_the_row(
    database: Database,
    configured: Settings,
    keys: LocalKeys,
    senders: Senders,
    endpoint: WebhookEndpoint,
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        private = "https://169.254.169.254/latest"
        await session.execute(update(WebhookEndpoint).values(url=private))
    await channel_tests.check(
        *(database, configured, keys, senders, endpoint.organization_id),
        endpoint_id=endpoint.id,
    )
    row = await _state(database, WebhookEndpoint)
    assert row.tested_at is not None
    assert "not one that is asked" in row.test_error


async def test_an_address_that_nobody_confirmed_is_told_nothing(
    database: Database,
    configured: Settings,
    keys: LocalKeys,
    senders: Senders,
    people: People,
) -> None:
    acme = people.alice.organization_id
    address = {"type": "email", "to": "address", "address": "x@example.com"}
    async with database.unit_of_work(Login.OWNER) as session:
        channel = await make_channel(
            session,
            acme,
            type="email",
            configuration=address,
            verified_at=None,
            test_requested_at=now(),
        )
    await channel_tests.check(
        *(database, configured, keys, senders, acme), channel_id=channel.id
    )
    row = await _state(database, NotificationChannel)
    assert "not confirmed" in row.test_error


async def test_what_is_gone_is_not_tested(
    database: Database,
    configured: Settings,
    keys: LocalKeys,
    senders: Senders,
    endpoint: WebhookEndpoint,
    hooks: Receiver,
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(update(WebhookEndpoint).values(deleted_at=now()))
    await channel_tests.check(
        *(database, configured, keys, senders, endpoint.organization_id),
        endpoint_id=endpoint.id,
    )
    assert not hooks.asked
