"""Waiting for a transaction to wait."""

import asyncio
from typing import Any

from sqlalchemy import text

from app.core.db import Database, Login

_WAITING = text("SELECT count(*) FROM pg_locks WHERE NOT granted")


async def until_it_waits(database: Database, asked: "asyncio.Task[Any]") -> None:
    """Until it waits for somebody's lock, or is over without waiting."""
    while not asked.done():
        async with database.unit_of_work(Login.OWNER) as session:
            if await session.scalar(_WAITING):
                return
        await asyncio.sleep(0.01)
