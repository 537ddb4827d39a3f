"""A channel or endpoint that takes nothing says so, and what was said last."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.models.notification import NotificationChannel, WebhookEndpoint
from tests.conftest import Client
from tests.personae import People

NOW = datetime(2026, 3, 2, 8, 15, 30, tzinfo=UTC)
CHANNEL = {"name": "Managers", "configuration": {"type": "email", "to": "managers"}}
ENDPOINT = {
    "name": "Tickets",
    "url": "https://hooks.example.com/cloudrota",
    "events": ["problem.opened"],
}


@pytest.mark.parametrize(
    ("path", "entry", "model"),
    [
        ("notification-channels", CHANNEL, NotificationChannel),
        ("webhook-endpoints", ENDPOINT, WebhookEndpoint),
    ],
)
async def test_an_outage_is_shown_with_what_was_said_last(
    client: Client,
    people: People,
    owner: AsyncSession,
    path: str,
    entry: dict[str, Any],
    model: Any,
) -> None:
    alice = client(people.alice)
    made = (await alice.post(f"/api/v1/{path}", json=entry)).json()
    assert (made["failing_since"], made["paused_until"]) == (None, None)
    fails = {"failing_since": NOW, "paused_until": NOW, "last_error": "It answered 500"}
    row = update(model).where(model.id == UUID(made["id"])).values(fails)
    await owner.execute(row)
    await owner.commit()
    shown = (await alice.get(f"/api/v1/{path}/{made['id']}")).json()
    assert shown["failing_since"] == shown["paused_until"] == "2026-03-02T08:15:30Z"
    assert shown["last_error"] == "It answered 500"
