"""What tests of connections share."""

from collections.abc import AsyncIterator

import pytest

from app.core.db import Database
from app.core.settings import Settings
from app.tasks.publisher import RedisPublisher


@pytest.fixture
async def narrow(
    configured: Settings, publisher: RedisPublisher
) -> AsyncIterator[Database]:
    """A database with one connection for each login."""
    alone = configured.model_copy(update={"database_pool_size": 1})
    database = Database(alone, publisher)
    yield database
    await database.close()
