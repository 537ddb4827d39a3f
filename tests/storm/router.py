"""A router as a process of its own, to be killed: `python -m tests.storm.router
ORGANIZATION`. It routes until nothing waits."""

import asyncio
import sys
from uuid import UUID

from app.core.db import Database, Login
from app.core.settings import settings
from app.services import routing
from app.tasks.publisher import RedisPublisher


async def main() -> None:
    organization_id = UUID(sys.argv[1])
    configured = settings()
    publisher = RedisPublisher(configured)
    database = Database(configured, publisher)
    routed = 1
    while routed:
        async with database.unit_of_work(
            Login.WORKER, organization_id=organization_id
        ) as session:
            routed = await routing.route(
                session, organization_id, public_url=configured.public_url
            )
    await database.close()
    await publisher.close()


if __name__ == "__main__":
    asyncio.run(main())
