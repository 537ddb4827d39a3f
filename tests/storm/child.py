"""A sender as a process of its own, to be killed: `python -m tests.storm.child
ORGANIZATION RECIPIENT PORT AUTHORITY`."""

import asyncio
import ssl
import sys
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from app.core.crypto import LocalKeys
from app.core.db import Database
from app.core.settings import settings
from app.integrations.channels.registry import Senders
from app.services import sending
from app.tasks.publisher import RedisPublisher
from tests.storm.led import Led


async def main() -> None:
    organization_id, recipient_id, port, authority = sys.argv[1:]
    configured = settings()
    trust = ssl.create_default_context(
        cafile=None, cadata=await asyncio.to_thread(Path(authority).read_text)
    )
    publisher = RedisPublisher(configured)
    database = Database(configured, publisher)
    senders = Senders(configured, Led(int(port), trust))
    keys = LocalKeys.from_settings(configured)
    await sending.send_waiting(
        sending.post_of(database, configured, keys, senders),
        UUID(organization_id),
        UUID(recipient_id),
        within=timedelta(minutes=2),
    )
    await database.close()
    await publisher.close()


if __name__ == "__main__":
    asyncio.run(main())
