"""The walls between tenants around the stream: policies and queries each hold alone,
and the test notices where neither does."""

from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import true
from sqlalchemy.orm import InstrumentedAttribute

from app.core.db import Database
from app.core.settings import Settings
from app.models.live_event import LiveEvent
from tests.api.events_ground import Ground, make_ground
from tests.api.listening import listening, serving
from tests.personae import People
from tests.tenancy.worlds import without_policies

BEGINNING = "1-0-9999999999"


@pytest.fixture
async def ground(database: Database, people: People) -> Ground:
    return await make_ground(database, people)


def _forget_tenant(monkeypatch: pytest.MonkeyPatch) -> None:
    """`LiveEvent.organization_id == <a tenant>` is true of every row from now on."""
    compare = InstrumentedAttribute.__eq__

    def forgetful(self: InstrumentedAttribute[Any], other: object) -> Any:
        is_forgotten = self.class_ is LiveEvent and self.key == "organization_id"
        if is_forgotten and isinstance(other, UUID):
            return true()
        return compare(self, other)

    monkeypatch.setattr(InstrumentedAttribute, "__eq__", forgetful)


async def _told(
    settings: Settings, people: People, ground: Ground, app: FastAPI
) -> set[str]:
    """What Mallory is told of executions: what she missed, and what then happens."""
    async with (
        serving(settings, app) as url,
        listening(url, people.mallory.token, after=BEGINNING) as mallory,
    ):
        await ground.start("north", "south")
        await ground.start("evil")
        told: set[str] = set()
        while True:
            (change,) = await mallory.changes(1)
            told |= set(change.data["ids"])
            if change.data.get("status") == "running":
                return told


async def test_the_policies_hold_where_the_query_forgets_its_tenant(
    configured: Settings,
    people: People,
    ground: Ground,
    template_app: FastAPI,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _forget_tenant(monkeypatch)
    told = await _told(configured, people, ground, template_app)
    assert ground.id_of("evil") in told
    assert not {ground.id_of("north"), ground.id_of("south")} & told


async def test_the_queries_hold_where_no_policy_does(
    configured: Settings,
    people: People,
    ground: Ground,
    template_app: FastAPI,
) -> None:
    told = await _told(without_policies(configured), people, ground, template_app)
    assert ground.id_of("evil") in told
    assert not {ground.id_of("north"), ground.id_of("south")} & told


async def test_it_is_noticed_where_neither_does(
    configured: Settings,
    people: People,
    ground: Ground,
    template_app: FastAPI,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _forget_tenant(monkeypatch)
    told = await _told(without_policies(configured), people, ground, template_app)
    assert ground.id_of("north") in told
