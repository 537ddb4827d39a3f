"""Runs migrations under the owner login, on asyncpg like everything else."""

import asyncio
from typing import Any

from alembic import context
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from app.core.db import Login, database_url
from app.core.settings import settings
from app.core.tls import database_options
from app.models import Base


def _is_ours(_object: Any, name: str | None, type_: str, *_: Any) -> bool:
    """Monthly partitions are made by the operator's command, not by the models."""
    return not (type_ == "table" and name is not None and "_p_" in name)


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_object=_is_ours,
        compare_server_default=False,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def _run() -> None:
    if url := context.config.attributes.get("url"):
        engine = create_async_engine(url)
    else:
        url = database_url(settings(), Login.OWNER)
        options = database_options(settings(), url)
        engine = create_async_engine(url, connect_args=options)
    async with engine.connect() as connection:
        await connection.run_sync(_migrate)
    await engine.dispose()


asyncio.run(_run())
