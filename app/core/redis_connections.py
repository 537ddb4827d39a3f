"""How connections to Redis are given up."""

from typing import Any

import structlog
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)


async def close_all(redis: Any) -> None:
    """Close the client's connections; it opens others when it is asked again. A
    server that does not take its leave in time keeps nobody: that is logged."""
    try:
        await redis.connection_pool.disconnect()
    except (RedisError, OSError) as error:
        log.warning("redis.left_open", error=type(error).__name__)
