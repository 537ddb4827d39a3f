"""Whether this process could serve a request now, and what it depends on."""

from sqlalchemy import text

from app.core.db import AWAY, Database, Login
from app.core.limits import Limiter, LimiterAway

OK = "ok"


async def check(database: Database, limiter: Limiter) -> tuple[bool, dict[str, str]]:
    """Whether it could; and each dependency with "ok", or what is wrong with it. While
    Redis is away requests are served: what it would have done is done without it."""
    of_database = await _database(database)
    checks = {"database": of_database, "redis": await _redis(limiter)}
    return of_database == OK, checks


async def _database(database: Database) -> str:
    try:
        async with database.unit_of_work(Login.APP) as session:
            await session.execute(text("SELECT app_now()"))
    except AWAY as error:
        return f"unreachable ({type(error).__name__})"
    return OK


async def _redis(limiter: Limiter) -> str:
    try:
        await limiter.ping()
    except LimiterAway as error:
        return f"unreachable ({type(error).__name__})"
    return OK
