"""Audit logs to be linked, tampered with and judged."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg
from sqlalchemy import select

from app.core.db import Database, Login
from app.core.settings import Settings
from app.models.audit import AuditEvent, AuditHead, AuditLink
from app.services import audit, audit_chain
from app.services.audit_heads import Head
from app.tasks import verify_audit
from tests.personae import Persona


async def record(database: Database, persona: Persona, *actions: str) -> None:
    """Each in a transaction of its own."""
    for action in actions:
        async with database.unit_of_work(
            Login.APP, organization_id=persona.organization_id
        ) as session:
            await audit.record(
                session,
                organization_id=persona.organization_id,
                actor=f"user:{persona.user_id}",
                action=action,
                subject_type="task",
                detail={"name": "Zoë's", "of": [1, None]},
            )


async def seal(database: Database, limit: int = 1_000) -> int:
    async with database.system_session("test") as session:
        return await audit_chain.seal(session, limit=limit)


async def take_heads(database: Database) -> int:
    async with database.system_session("test") as session:
        return await audit_chain.take_heads(session, limit=1_000)


async def chain(database: Database, organization_id: UUID) -> list[tuple[int, str]]:
    """Number and action of each link."""
    statement = (
        select(AuditLink.seq, AuditEvent.action)
        .join(AuditEvent, AuditEvent.id == AuditLink.event_id)
        .where(AuditLink.organization_id == organization_id)
        .order_by(AuditLink.seq)
    )
    async with database.unit_of_work(Login.OWNER) as session:
        return [(seq, action) for seq, action in await session.execute(statement)]


async def heads(database: Database) -> list[Head]:
    statement = select(AuditHead).order_by(AuditHead.organization_id, AuditHead.seq)
    async with database.unit_of_work(Login.OWNER) as session:
        return [
            Head(one.organization_id, one.day, one.seq, one.hash)
            for one in await session.scalars(statement)
        ]


async def lines(
    database: Database, *wanted: UUID, known: tuple[Head, ...] = ()
) -> list[str]:
    return [line async for line in verify_audit.verify(database, wanted, known)]


@asynccontextmanager
async def tampering(
    superuser_dsn: str, settings: Settings
) -> AsyncIterator[asyncpg.Connection]:
    """The superuser in the test's database, whom no key and no trigger stops."""
    assert settings.database_url is not None
    database = settings.database_url.get_secret_value().rpartition("/")[2]
    connection = await asyncpg.connect(superuser_dsn, database=database)
    await connection.execute("SET session_replication_role = replica")
    try:
        yield connection
    finally:
        await connection.close()
