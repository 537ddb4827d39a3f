"""Looks for a text in all that is stored: every column of every table, and Valkey."""

from redis.asyncio import Redis
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.settings import Settings

_COLUMNS = """
    SELECT n.nspname, c.relname, a.attname
    FROM pg_attribute a
    JOIN pg_class c ON c.oid = a.attrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'm') AND a.attnum > 0 AND NOT a.attisdropped
      AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    ORDER BY 1, 2, 3
"""


async def columns(session: AsyncSession) -> list[tuple[str, str, str]]:
    """Schema, table and column; partitions are tables of their own."""
    return [tuple(row) for row in await session.execute(text(_COLUMNS))]


async def hits(session: AsyncSession, needle: str) -> dict[str, int]:
    """Rows that hold the text anywhere, by column; bytes are looked into as well."""
    found = {}
    for schema, table, column in await columns(session):
        place = f'"{schema}"."{table}"'
        statement = text(
            f'SELECT count(*) FROM {place} AS t WHERE t."{column}"::text LIKE :text'  # noqa: S608 - the names are the database's own
            f' OR t."{column}"::text LIKE :bytes'
        )
        patterns = {"text": f"%{needle}%", "bytes": f"%{needle.encode().hex()}%"}
        if count := await session.scalar(statement, patterns):
            found[f"{table}.{column}"] = int(count)
    return found


async def hits_in_valkey(settings: Settings, needle: str) -> list[str]:
    """Keys whose value, or whose name, holds the text."""
    url = settings.redis_url.get_secret_value()
    async with Redis.from_url(url) as redis:
        keys = [key async for key in redis.scan_iter()]
        dumped = [(key, await redis.dump(key) or b"") for key in keys]
    wanted = needle.encode()
    return [repr(key) for key, value in dumped if wanted in key or wanted in value]
