"""Whether this process could serve a request now."""

from sqlalchemy import text

from app.core.db import AWAY, Database, Login


async def check(database: Database) -> dict[str, str]:
    """Each dependency and "ok", or what is wrong with it."""
    return {"database": await _database(database)}


async def _database(database: Database) -> str:
    try:
        async with database.unit_of_work(Login.APP) as session:
            await session.execute(text("SELECT app_now()"))
    except AWAY as error:
        return f"unreachable ({type(error).__name__})"
    return "ok"
