"""The scene of a storm."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.core.crypto import LocalKeys
from app.core.db import Database
from app.core.settings import Settings
from tests.api.events_ground import make_ground
from tests.attack.receivers import Receiver, receiver
from tests.personae import People
from tests.storm.led import HOSTS
from tests.storm.scene import Scene


@pytest.fixture
async def hooks() -> AsyncIterator[Receiver]:
    async with receiver(hosts=HOSTS) as listener:
        yield listener


@pytest.fixture
async def scene(
    configured: Settings,
    database: Database,
    people: People,
    hooks: Receiver,
    tmp_path: Path,
) -> Scene:
    authority = tmp_path / "authority.pem"
    authority.write_bytes(hooks.authority.cert_pem.bytes())
    made = Scene(
        configured,
        database,
        await make_ground(database, people),
        LocalKeys.from_settings(configured),
        people.alice.organization_id,
        hooks,
        authority,
    )
    await made.hold_clock(timedelta())
    return made
