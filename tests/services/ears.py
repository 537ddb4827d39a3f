"""Reads live events as a stream does, for tests to see what is new."""

import json
from collections.abc import Sequence
from typing import Any

from app.core.db import Database, Login
from app.services import live_events
from app.services.event_frames import change
from app.services.live_events import Cursor, Event
from tests.personae import Persona


class Ear:
    """Reads on and on, as a stream does."""

    def __init__(self, database: Database, persona: Persona, place: Cursor) -> None:
        self._database = database
        self._persona = persona
        self._place = place

    async def hear(self) -> Sequence[Event]:
        """What is new since it was last asked."""
        async with self._database.unit_of_work(Login.APP) as session:
            news = await live_events.news(session, self._place.xid)
        async with self._database.unit_of_work(
            Login.APP, organization_id=self._persona.organization_id
        ) as session:
            found = await live_events.read(
                session, self._persona.actor, after=self._place, until=news.horizon
            )
        self._place = news.cursor
        return found

    async def facts(self) -> list[dict[str, Any]]:
        """Of all that is new, as a client is told it."""
        told = [change(event).decode() for event in await self.hear()]
        return [json.loads(text.partition("data: ")[2]) for text in told]


async def ear_of(database: Database, persona: Persona) -> Ear:
    async with database.unit_of_work(Login.APP) as session:
        news = await live_events.news(session, None)
    return Ear(database, persona, news.cursor)
