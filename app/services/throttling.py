"""How often somebody may try to prove who they are: per pair of account and address,
and more per account and per address. Nobody is locked out: who waits may try again,
and who has signed in from an address lately is not kept waiting by tries from others.

An account is the address that was typed, whether anybody has it or not, so that the
answers tell nothing. Redis counts; while it is away PostgreSQL does.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import Any

import structlog
from sqlalchemy import delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import INTERVAL, insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import measures
from app.core.addresses import UNKNOWN, network_of
from app.core.db import Database, Login
from app.core.errors import MfaRequired, TooMany, TooManyCodes, WrongCode
from app.core.limits import Bucket, Limit, Limiter, LimiterAway
from app.core.settings import Settings
from app.core.tokens import derive_token
from app.models.throttle import Throttle

log = structlog.get_logger(__name__)

_SECOND = 1000
_MINUTE = 60 * _SECOND


class Act(StrEnum):
    """What is tried."""

    LOGIN = "login"
    REGISTER = "register"
    FORGOT_PASSWORD = "forgot_password"  # noqa: S105 — an act, no password
    RESET_PASSWORD = "reset_password"  # noqa: S105 — an act, no password
    CHANGE_PASSWORD = "change_password"  # noqa: S105 — an act, no password
    VERIFY_EMAIL = "verify_email"
    ACCEPT_INVITATION = "accept_invitation"
    CONFIRM_CHANNEL = "confirm_channel"
    STEP_UP = "step_up"


@dataclass(frozen=True, slots=True)
class _Limits:
    """`pair` holds for one account at one address; several, so that the delays grow.
    What is tried with success may be given back, but never to the address: who has one
    account would try others for ever."""

    address: Limit
    account: Limit | None = None
    pair: tuple[Limit, ...] = ()
    gives_back: bool = False


_PROOF = _Limits(
    pair=(Limit(5, 30 * _SECOND), Limit(20, 10 * _MINUTE)),
    account=Limit(100, 30 * _SECOND),
    address=Limit(100, 5 * _SECOND),
    gives_back=True,
)
_BY_MAILED_TOKEN = _Limits(address=Limit(60, 10 * _SECOND))
_LIMITS = {
    Act.LOGIN: _PROOF,
    Act.CHANGE_PASSWORD: _PROOF,
    # Codes are counted by the account besides (second_factor.py).
    Act.STEP_UP: _Limits(
        pair=(Limit(20, 30 * _SECOND),),
        account=Limit(100, 30 * _SECOND),
        address=Limit(100, 5 * _SECOND),
        gives_back=True,
    ),
    Act.REGISTER: _Limits(
        pair=(Limit(10, _MINUTE),),
        account=Limit(30, 5 * _MINUTE),
        address=Limit(30, _MINUTE),
    ),
    Act.FORGOT_PASSWORD: _Limits(
        pair=(Limit(5, 5 * _MINUTE),),
        account=Limit(30, 5 * _MINUTE),
        address=Limit(30, 30 * _SECOND),
    ),
    Act.RESET_PASSWORD: _BY_MAILED_TOKEN,
    Act.VERIFY_EMAIL: _BY_MAILED_TOKEN,
    Act.ACCEPT_INVITATION: _BY_MAILED_TOKEN,
    Act.CONFIRM_CHANNEL: _BY_MAILED_TOKEN,
}


@dataclass(frozen=True, slots=True)
class Gate:
    """What counts, for a visitor from `address`."""

    database: Database
    settings: Settings
    limiter: Limiter
    address: str | None


@dataclass(frozen=True, slots=True)
class _Taken:
    """The buckets that one try was taken from, the address's last, and who counted."""

    buckets: Sequence[Bucket]
    by_redis: bool


@asynccontextmanager
async def attempt(
    gate: Gate, act: Act, account: str | None = None
) -> AsyncIterator[None]:
    """Around what is tried. Raises TooMany before it, where it is tried too often. Who
    is asked for a code of a second factor was right; codes are counted by themselves
    (second_factor.py)."""
    buckets = _buckets(gate, act, account)
    taken = await _take(gate, act, account, buckets)
    try:
        yield
    except (MfaRequired, WrongCode, TooManyCodes):
        await _give_back(gate, taken)
        raise
    if _LIMITS[act].gives_back:
        await _give_back(gate, taken)


def _buckets(gate: Gate, act: Act, account: str | None) -> list[Bucket]:
    """The pair's, the account's, the address's, in this order."""
    limits, network = _LIMITS[act], network_of(gate.address)

    def bucket(limit: Limit, *of_whom: str) -> Bucket:
        parts = (act, str(limit.every), *of_whom)
        return Bucket(derive_token(gate.settings, "throttle", *parts), limit)

    found = []
    if account is not None:
        found += [bucket(limit, "pair", account, network) for limit in limits.pair]
        if limits.account is not None:
            found.append(bucket(limits.account, "account", account))
    return [*found, bucket(limits.address, "address", network)]


async def _take(
    gate: Gate, act: Act, account: str | None, buckets: Sequence[Bucket]
) -> _Taken:
    """Raises TooMany."""
    waits, by_redis = await _ask(gate, buckets)
    if account is not None and await _only_strangers(gate, account, waits):
        buckets = [*buckets[:-2], buckets[-1]]
        waits, by_redis = await _ask(gate, buckets)
    if any(waits):
        measures.THROTTLED.labels(act).inc()
        log.warning("throttle.refused", act=act)
        seconds = ceil(max(waits))
        raise TooMany(f"Try again in {seconds} seconds.", retry_after=seconds)
    return _Taken(buckets, by_redis)


async def _only_strangers(gate: Gate, account: str, waits: Sequence[float]) -> bool:
    """Nothing but the account's bucket is empty, and this is an address that its owner
    has signed in from."""
    *pair, of_account, of_address = waits
    network = network_of(gate.address)
    if any(pair) or of_address or not of_account or network == UNKNOWN:
        return False
    async with gate.database.unit_of_work(Login.APP) as session:
        known = func.lookup.signed_in_from(account, network)
        return bool(await session.scalar(select(known)))


async def _ask(gate: Gate, buckets: Sequence[Bucket]) -> tuple[list[float], bool]:
    """The seconds to wait for each, all 0 where one of each was taken, and whether it
    was Redis that counted."""
    try:
        levels = await gate.limiter.take(buckets)
    except LimiterAway:
        return await _ask_database(gate.database, buckets), False
    return [level.wait for level in levels], True


async def _ask_database(database: Database, buckets: Sequence[Bucket]) -> list[float]:
    """What the script of Redis does, by the clock of the database. The rows are locked
    in the order of their keys, so that no two tries wait for each other."""
    waits = {}
    async with database.unit_of_work(Login.APP) as session:
        now = (await session.scalars(select(func.app_now()))).one()
        for bucket in sorted(buckets, key=_row_key):
            waits[bucket] = await _take_one(session, bucket, now)
        if any(waits.values()):
            await session.rollback()  # all or none
    return [waits[bucket] for bucket in buckets]


async def _take_one(session: AsyncSession, bucket: Bucket, now: datetime) -> float:
    every = timedelta(milliseconds=bucket.limit.every)
    new = insert(Throttle).values(key=_row_key(bucket), full_at=now + every)
    full_at = func.greatest(Throttle.full_at, now) + literal(every, INTERVAL)
    taken = new.on_conflict_do_update(
        index_elements=[Throttle.key],
        set_={"full_at": full_at},
        where=full_at <= now + every * bucket.limit.most,
    ).returning(Throttle.full_at)
    if await session.scalar(taken) is not None:
        return 0
    known = select(Throttle.full_at).where(Throttle.key == _row_key(bucket))
    until = (await session.scalars(known)).one() + every
    return max((until - now - every * bucket.limit.most).total_seconds(), 0.001)


async def _give_back(gate: Gate, taken: _Taken) -> None:
    """It was tried with success. Where Redis went away meanwhile nothing is noted: what
    this one has taken comes back with time."""
    buckets = taken.buckets[:-1]
    if taken.by_redis:
        with suppress(LimiterAway):  # the limiter has said so
            await gate.limiter.give_back(buckets)
        return
    async with gate.database.unit_of_work(Login.APP) as session:
        for bucket in sorted(buckets, key=_row_key):
            every = literal(timedelta(milliseconds=bucket.limit.every), INTERVAL)
            await session.execute(
                update(Throttle)
                .where(Throttle.key == _row_key(bucket))
                .values(full_at=Throttle.full_at - every)
                .execution_options(synchronize_session=False)
            )


def _row_key(bucket: Bucket) -> bytes:
    return bucket.key.encode()


async def purge(session: AsyncSession, *, limit: int) -> int:
    """Delete buckets that are full; how many. `session` is a system session."""
    full = select(Throttle.key).where(Throttle.full_at < func.app_now()).limit(limit)
    result: Any = await session.execute(
        delete(Throttle)
        .where(Throttle.key.in_(full))
        .execution_options(synchronize_session=False)
    )
    return int(result.rowcount)
