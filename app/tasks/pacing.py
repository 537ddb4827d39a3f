"""Keeps all workers together below a rate of calls per AWS account, region and service,
so that the customer's own work is never throttled because of ours."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Self

import structlog
from redis import Redis
from redis.exceptions import RedisError

from app.aws.call import Pacing
from app.core.clock import monotonic
from app.core.settings import Settings
from app.core.tls import redis_options

log = structlog.get_logger(__name__)

# Calls per second of services that are known to throttle early, where ours would be
# above. The figures are our choice: AWS promises none of them.
SLOW_SERVICES: Mapping[str, float] = MappingProxyType(
    {
        "account": 1,
        "apigateway": 5,
        "budgets": 2,
        "ce": 2,
        "cloudformation": 10,
        "cloudtrail": 5,
        "health": 5,
        "iam": 15,
        "organizations": 5,
        "route53": 4,
        "servicecatalog": 5,
        "support": 2,
        "wafv2": 5,
    }
)
GRANT = 8  # tokens taken at once, so that not every call asks Redis
GRANT_SECONDS = 1.0  # for so long; what is left of a grant is given up
REDIS_SECONDS = 0.25  # for an answer; then this process keeps to its share
AWAY_SECONDS = 5.0  # before Redis is asked again
MOST_BUCKETS = 10_000  # remembered; then those that say nothing are forgotten
SLICE_SECONDS = 0.2  # of waiting, between two looks at whether to stop

# A bucket of tokens. What is taken beyond them is owed, and waited for by its taker, so
# that nobody overtakes; Redis' own clock counts.
_TAKE = """
local at = redis.call('TIME')
local now = tonumber(at[1]) + tonumber(at[2]) / 1000000
local rate, burst, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local known = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = tonumber(known[1]) or burst
local since = tonumber(known[2]) or now
tokens = math.min(burst, tokens + math.max(0, now - since) * rate) - wanted
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', tostring(now))
redis.call('PEXPIRE', KEYS[1], math.ceil((burst - tokens) / rate * 1000) + 1000)
return tostring(math.max(0, -tokens / rate))
"""

Bucket = tuple[str, str, str]  # account, region, service


@dataclass(slots=True)
class _Grant:
    """Tokens at hand in this process."""

    tokens: float
    until: float


@dataclass(slots=True)
class _Share:
    """This process's own bucket, for when Redis is away."""

    tokens: float
    at: float


class Pacer:
    """Shared by all threads of a worker process. `rate` is calls per second for each
    bucket, `burst` what may come at once after a pause, `processes` how many workers
    share the rate while Redis cannot tell them of each other."""

    def __init__(
        self,
        redis_url: str,
        *,
        rate: float,
        burst: float,
        processes: int,
        options: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        self._redis: Any = Redis.from_url(
            redis_url,
            socket_timeout=REDIS_SECONDS,
            socket_connect_timeout=REDIS_SECONDS,
            retry=None,
            decode_responses=True,
            **options,
        )
        self._take = self._redis.register_script(_TAKE)
        self._rate, self._burst, self._processes = rate, burst, processes
        self._lock = threading.Lock()
        self._grants: dict[Bucket, _Grant] = {}
        self._shares: dict[Bucket, _Share] = {}
        self._away_until = 0.0

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        return cls(
            settings.redis_url.get_secret_value(),
            rate=settings.aws_calls_per_second,
            burst=settings.aws_calls_burst,
            processes=settings.worker_processes,
            options=redis_options(settings),
        )

    def __call__(
        self,
        account_id: str | None,
        region: str,
        service: str,
        check: Callable[[], None],
    ) -> Pacing:
        """Wait for a token; `check` may raise meanwhile."""
        bucket = (account_id or "", region, service)
        if self._granted(bucket):
            return "shared"
        rate, burst = self._limits(service)
        wanted = max(1, min(GRANT, int(burst // 4)))
        delay = self._ask_redis(bucket, rate, burst, wanted)
        if delay is None:
            _wait(self._own_share(bucket, rate, burst), check)
            return "local"
        _wait(delay, check)
        self._grant(bucket, wanted - 1)
        return "shared"

    def close(self) -> None:
        self._redis.close()

    def _limits(self, service: str) -> tuple[float, float]:
        """Rate and burst; a slow service has no larger burst than two seconds of it."""
        slow = SLOW_SERVICES.get(service)
        if slow is None or slow >= self._rate:
            return self._rate, self._burst
        return slow, max(1.0, min(self._burst, 2 * slow))

    def _granted(self, bucket: Bucket) -> bool:
        with self._lock:
            grant = self._grants.get(bucket)
            if grant is None or grant.tokens < 1 or monotonic() >= grant.until:
                return False
            grant.tokens -= 1
            return True

    def _grant(self, bucket: Bucket, tokens: int) -> None:
        """Let this process use the tokens for a while, beside those it still has."""
        with self._lock:
            now = monotonic()
            if len(self._grants) >= MOST_BUCKETS:
                self._grants = {b: g for b, g in self._grants.items() if g.until > now}
            grant = self._grants.get(bucket)
            left = grant.tokens if grant is not None and grant.until > now else 0
            self._grants[bucket] = _Grant(left + tokens, now + GRANT_SECONDS)

    def _ask_redis(
        self, bucket: Bucket, rate: float, burst: float, wanted: int
    ) -> float | None:
        """Seconds to wait for the tokens taken; None while Redis is away."""
        if monotonic() < self._away_until:
            return None
        key = "pace:" + ":".join(bucket)
        try:
            return float(self._take(keys=[key], args=[rate, burst, wanted]))
        except RedisError as error:
            self._away_until = monotonic() + AWAY_SECONDS
            log.warning("pacing.redis_away", error=type(error).__name__)
            return None

    def _own_share(self, bucket: Bucket, rate: float, burst: float) -> float:
        """Seconds to wait by this process's share of the rate."""
        rate, burst = rate / self._processes, max(1.0, burst / self._processes)
        with self._lock:
            now = monotonic()
            if len(self._shares) >= MOST_BUCKETS:
                # One that was not used for so long is full again.
                full = now - burst / rate - AWAY_SECONDS
                self._shares = {b: s for b, s in self._shares.items() if s.at > full}
            share = self._shares.setdefault(bucket, _Share(burst, now))
            share.tokens = min(burst, share.tokens + (now - share.at) * rate) - 1
            share.at = now
            return max(0.0, -share.tokens / rate)


def _wait(seconds: float, check: Callable[[], None]) -> None:
    """Wait in slices, so that who is asked to stop does so soon."""
    pause = threading.Event()
    until = monotonic() + seconds
    while (left := until - monotonic()) > 0:
        pause.wait(min(left, SLICE_SECONDS))
        check()
