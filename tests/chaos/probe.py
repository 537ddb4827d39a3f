"""A process of the product that serves one tenant and then nobody, on one pooled
connection: `python -m tests.chaos.launch [--plant=…] probe ORGANIZATION` writes how
many tasks nobody sees."""

import asyncio
import sys
from uuid import UUID

from sqlalchemy import text

from app.core.db import Database, Login
from app.core.settings import settings
from app.tasks.publisher import RedisPublisher

_COUNT = text("SELECT count(*) FROM tasks")


async def probe(organization_id: UUID) -> None:
    """Raises AssertionError if the tenant does not see its own."""
    configured = settings().model_copy(update={"database_pool_size": 1})
    publisher = RedisPublisher(configured)
    database = Database(configured, publisher)
    async with database.unit_of_work(
        Login.APP, organization_id=organization_id
    ) as session:
        assert await session.scalar(_COUNT), "the tenant sees nothing"
    async with database.unit_of_work(Login.APP) as session:
        seen = await session.scalar(_COUNT)
    await database.close()
    await publisher.close()
    sys.stdout.write(f"{seen}\n")


def main(organization_id: str) -> None:
    asyncio.run(probe(UUID(organization_id)))
