"""Connections to Redis that cannot be closed in time."""

import asyncio
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.connection import Connection
from redis.exceptions import TimeoutError as RedisTimeout
from structlog.testing import capture_logs

from app.core.embedded import ValkeyServer
from app.core.redis_connections import close_all


class _Clinging(Connection):
    """Is closed, and says that it took too long."""

    async def disconnect(self, *arguments: Any, **named: Any) -> None:
        await super().disconnect(*arguments, **named)
        raise RedisTimeout("Timed out closing connection")


async def test_what_does_not_close_in_time_keeps_nobody_and_is_logged(
    valkey_server: ValkeyServer,
) -> None:
    redis = Redis.from_url(valkey_server.url)
    redis.connection_pool.connection_class = _Clinging
    await asyncio.gather(*(redis.ping() for _ in range(3)))

    with capture_logs() as logs:
        await close_all(redis)

    assert [(one["event"], one["error"]) for one in logs] == [
        ("redis.left_open", "TimeoutError")
    ]
    assert await redis.ping()
    await close_all(redis)
