"""Buckets that bound how often something is done: so many at once, then one each so
many milliseconds, counted in Redis for all processes together, by Redis' own clock."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from app.core import measures
from app.core.clock import monotonic
from app.core.redis_connections import close_all
from app.core.settings import Settings
from app.core.tls import redis_options

log = structlog.get_logger(__name__)

REDIS_SECONDS = 0.25  # for an answer
AWAY_SECONDS = 5.0  # before Redis is asked again

# For each key the milliseconds between two, and how many at once. A key holds when its
# bucket will be full again. Either something is taken from all or from none; of each
# key the answer is how long to wait and how many are left.
_TAKE = """
local at = redis.call('TIME')
local now = at[1] * 1000 + math.floor(at[2] / 1000)
local full, answer, refused = {}, {}, false
for i, key in ipairs(KEYS) do
  local every, most = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local known = tonumber(redis.call('GET', key) or 0)
  full[i] = math.max(now, known) + every
  local wait = math.max(0, full[i] - now - every * most)
  if wait > 0 then refused = true end
  answer[2 * i - 1] = wait
  answer[2 * i] = math.max(0, math.floor((now + every * most - full[i]) / every))
end
if not refused then
  for i, key in ipairs(KEYS) do
    redis.call('SET', key, string.format('%.0f', full[i]), 'PX', full[i] - now)
  end
end
return answer
"""
_GIVE_BACK = """
for i, key in ipairs(KEYS) do
  local known = redis.call('GET', key)
  local left = redis.call('PTTL', key) - tonumber(ARGV[i])
  if known and left > 0 then
    redis.call('SET', key, string.format('%.0f', known - ARGV[i]), 'PX', left)
  else
    redis.call('DEL', key)
  end
end
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """`most` at once, then one each `every` milliseconds."""

    most: int
    every: int


@dataclass(frozen=True, slots=True)
class Bucket:
    """`key` says of what and of whom; it names nobody."""

    key: str
    limit: Limit


@dataclass(frozen=True, slots=True)
class Level:
    """Seconds to wait, 0 where something was taken, and how many are left at once."""

    wait: float
    left: int


class LimiterAway(Exception):
    """Redis does not answer. Who asked decides what holds without it."""


class Limiter:
    """The buckets in Redis. One per event loop."""

    def __init__(self, settings: Settings) -> None:
        self._redis: Any = Redis.from_url(
            settings.redis_url.get_secret_value(),
            socket_timeout=REDIS_SECONDS,
            socket_connect_timeout=REDIS_SECONDS,
            retry=Retry(NoBackoff(), 0),
            **redis_options(settings),
        )
        self._take = self._redis.register_script(_TAKE)
        self._give_back = self._redis.register_script(_GIVE_BACK)
        self._away_until = 0.0

    async def take(self, buckets: Sequence[Bucket]) -> list[Level]:
        """Take one from each bucket, or from none if one of them has none, in one
        round trip. Raises LimiterAway."""
        limits = [
            n for bucket in buckets for n in (bucket.limit.every, bucket.limit.most)
        ]
        answer = await self._ask(self._take, keys=_keys(buckets), args=limits)
        pairs = zip(answer[::2], answer[1::2], strict=True)
        return [Level(wait / 1000, left) for wait, left in pairs]

    async def give_back(self, buckets: Sequence[Bucket]) -> None:
        """Undo one taking. Raises LimiterAway."""
        every = [bucket.limit.every for bucket in buckets]
        await self._ask(self._give_back, keys=_keys(buckets), args=every)

    async def close(self) -> None:
        await close_all(self._redis)

    async def ping(self) -> None:
        """Raise LimiterAway where a limit could not be asked for now."""
        await self._ask(self._redis.ping)

    async def _ask(self, command: Callable[..., Awaitable[Any]], **told: Any) -> Any:
        if monotonic() < self._away_until:
            raise LimiterAway
        try:
            return await command(**told)
        except (RedisError, OSError) as error:
            raise self._gone(error) from error
        except RuntimeError as error:
            # So uvloop calls a connection that was reset since it was used last, and
            # the pool would hand it out again.
            await close_all(self._redis)
            raise self._gone(error) from error

    def _gone(self, error: Exception) -> LimiterAway:
        self._away_until = monotonic() + AWAY_SECONDS
        measures.LIMITER_AWAY.inc()
        log.warning("limiter.redis_away", error=type(error).__name__)
        return LimiterAway()


def _keys(buckets: Sequence[Bucket]) -> list[str]:
    return [f"limit:{bucket.key}" for bucket in buckets]
