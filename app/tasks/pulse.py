"""The beat's pulse, by which a database that went back in time is noticed: Redis, which
no backup of the database holds, remembers how often the beat has said that it is there.
A database that knows of less, or lies on another server than it says, was restored, and
is paused before anything is planned or begun."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from uuid import UUID

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.core.ids import new_id
from app.core.redis_connections import close_all
from app.core.settings import Settings
from app.core.tls import redis_options
from app.models.restore import Pulse
from app.services import restores

log = structlog.get_logger(__name__)

SECONDS = 60.0
_TIMEOUT_SECONDS = 2
_SERVER = text("SELECT system_identifier FROM pg_control_system()")


async def judge(
    database: Database,
    settings: Settings,
    *,
    as_beat: bool,
    operator: str | None = None,
) -> bool:
    """Notice a restore; whether there is a sign of one. The beat says that it is there,
    too; a worker only looks, and so does an operator, as the owner. What Redis holds
    was committed before, and so is read before the row. Where Redis is away or has lost
    it, the server alone is compared."""

    def opened(task: str) -> AbstractAsyncContextManager[AsyncSession]:
        if operator is not None:
            return database.unit_of_work(Login.OWNER, actor=operator)
        return database.system_session(task)

    async with opened("pulse.read") as session:
        pulse_id = await session.scalar(select(Pulse.id))
    remembered = 0
    if pulse_id is not None:
        remembered = await _remembered(settings, pulse_id)
    async with opened("pulse.judge") as session:
        pulse = await session.scalar(select(Pulse).with_for_update())
        server = (await session.execute(_SERVER)).scalar_one()
        if pulse is None:
            if as_beat:
                await _begin(session, server)
            return False
        sign = _sign(pulse, server, remembered)
        if sign is not None:
            await restores.notice(session, by="pulse", sign=sign)
            # Seen: not to be noticed again once it is resumed.
            pulse.server, pulse.count = server, max(pulse.count, remembered)
        if as_beat:
            pulse.count += 1
            pulse.at = (await session.execute(select(func.app_now()))).scalar_one()
        count = pulse.count
    if as_beat:
        await _remember(settings, pulse.id, count)
    return sign is not None


def _sign(pulse: Pulse, server: int, remembered: int) -> str | None:
    if pulse.server != server:
        return "The database lies on another server than before."
    if pulse.count < remembered:
        lost = remembered - pulse.count
        return f"The database has forgotten {lost} pulses of the beat."
    return None


async def _begin(session: AsyncSession, server: int) -> None:
    first = insert(Pulse).values(id=new_id(), server=server, count=1, at=func.app_now())
    await session.execute(first.on_conflict_do_nothing())


# ── what Redis remembers ─────────────────────────────────────────────────────────


async def _remembered(settings: Settings, pulse_id: UUID) -> int:
    try:
        async with _redis(settings) as redis:
            return int(await redis.get(_key(pulse_id)) or 0)
    except (RedisError, OSError) as error:
        log.warning("pulse.redis_away", error=type(error).__name__)
        return 0


async def _remember(settings: Settings, pulse_id: UUID, count: int) -> None:
    try:
        async with _redis(settings) as redis:
            await redis.set(_key(pulse_id), count)
    except (RedisError, OSError) as error:
        log.warning("pulse.redis_away", error=type(error).__name__)


def _key(pulse_id: UUID) -> str:
    return f"pulse:{pulse_id}"


@asynccontextmanager
async def _redis(settings: Settings) -> AsyncIterator[Redis]:
    redis = Redis.from_url(
        settings.redis_url.get_secret_value(),
        socket_timeout=_TIMEOUT_SECONDS,
        socket_connect_timeout=_TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
        **redis_options(settings),
    )
    try:
        yield redis
    finally:
        await close_all(redis)
