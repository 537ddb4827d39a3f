"""How often one may ask: per user or key and per address, and less often what costs a
tenant's neighbours most. While Redis is away nobody is kept from asking: who is known
must not be shut out by a part that is none of theirs."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from uuid import UUID

from app.core import measures
from app.core.addresses import network_of
from app.core.errors import TooMany
from app.core.limits import Bucket, Level, Limit, Limiter, LimiterAway
from app.core.settings import Settings
from app.core.tokens import derive_token

WINDOW_SECONDS = 60


class Cap(StrEnum):
    """What all of a tenant together may ask less often."""

    SEARCHES = "searches"
    EXPORTS = "exports"


@dataclass(frozen=True, slots=True)
class Policy:
    """`name` is what clients are told it by."""

    name: str
    per_minute: int
    bucket: Bucket


@dataclass(frozen=True, slots=True)
class Count:
    """One request, counted by its policies; `levels` are None while Redis is away."""

    policies: Sequence[Policy]
    levels: Sequence[Level] | None

    def headers(self) -> dict[str, str]:
        """As draft-ietf-httpapi-ratelimit-headers has them."""
        if self.levels is None:
            return {}
        policies = [
            f'"{p.name}";q={p.per_minute};w={WINDOW_SECONDS}' for p in self.policies
        ]
        lefts = [
            f'"{policy.name}";r={level.left}'
            for policy, level in zip(self.policies, self.levels, strict=True)
        ]
        return {"RateLimit-Policy": ", ".join(policies), "RateLimit": ", ".join(lefts)}

    def beside(self, other: "Count | None") -> "Count":
        """Both as one."""
        if other is None:
            return self
        levels = None
        if self.levels is not None and other.levels is not None:
            levels = [*self.levels, *other.levels]
        return Count([*self.policies, *other.policies], levels)

    def must_fit(self) -> None:
        """Raises TooMany."""
        wait = max((level.wait for level in self.levels or ()), default=0)
        if wait:
            measures.RATE_LIMITED.inc()
            seconds = ceil(wait)
            raise TooMany(f"Try again in {seconds} seconds.", retry_after=seconds)


async def count(
    limiter: Limiter, settings: Settings, *, address: str | None, actor: str | None
) -> Count:
    """A request from an address, of the actor by its audit name if that is known."""
    most = settings.requests_per_minute_of_address
    policies = [_policy(settings, "address", most, network_of(address))]
    if actor is not None:
        policies.insert(0, _of_actor(settings, actor))
    return await _count(limiter, policies)


async def count_actor(limiter: Limiter, settings: Settings, actor: str) -> Count:
    """A request of the actor whose address was counted before it was known."""
    return await _count(limiter, [_of_actor(settings, actor)])


async def count_capped(
    limiter: Limiter, settings: Settings, cap: Cap, organization_id: UUID
) -> Count:
    most = {
        Cap.SEARCHES: settings.searches_per_minute,
        Cap.EXPORTS: settings.exports_per_minute,
    }[cap]
    return await _count(limiter, [_policy(settings, cap, most, str(organization_id))])


def _of_actor(settings: Settings, actor: str) -> Policy:
    kind = actor.partition(":")[0]
    return _policy(settings, kind, settings.requests_per_minute, actor)


def _policy(settings: Settings, name: str, per_minute: int, whose: str) -> Policy:
    every = max(1, WINDOW_SECONDS * 1000 // per_minute)
    key = derive_token(settings, "rate", name, whose)
    return Policy(name, per_minute, Bucket(key, Limit(per_minute, every)))


async def _count(limiter: Limiter, policies: Sequence[Policy]) -> Count:
    try:
        levels = await limiter.take([policy.bucket for policy in policies])
    except LimiterAway:
        measures.NOT_LIMITED.inc()
        return Count(policies, None)
    return Count(policies, levels)
