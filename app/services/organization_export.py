"""All that an organization has, as one JSON document, streamed row by row: table by
table as the models have them, so that a table of tomorrow is in it."""

import json
from collections.abc import AsyncIterator, Mapping
from types import MappingProxyType
from typing import Any
from uuid import UUID

from pydantic_core import to_jsonable_python
from sqlalchemy import FromClause, LargeBinary, Table, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.elements import KeyedColumnElement

from app.core.actor import Actor
from app.core.db import Database, Login
from app.core.permissions import Permission
from app.models import Base
from app.models.organization import Member, Organization
from app.models.user import User
from app.services import audit
from app.services.exports import ROWS_AT_ONCE

# Tables that are left out, and why; the document says so, too.
HELD_BACK: Mapping[str, str] = MappingProxyType(
    {
        "audit_events": "GET /audit-log/export",
        "audit_heads": "GET /audit-log/heads",
        "audit_links": "the chain of the audit log: GET /audit-log/export",
        "audit_unsealed": "which events wait for their link in that chain",
        "aws_credential_versions": "encrypted secrets; who owns them has the originals",
        "channel_secrets": "encrypted secrets; who gave them has the originals",
        "idempotency_keys": "answers to repeated requests, kept for three days",
        "live_events": "told of changes, which the other tables hold",
        "notice_wants": "worked out from notification rules and webhook endpoints",
        "notices": "told of changes, which the other tables hold",
        "notification_watches": "what rules remember of notices, which they told",
        "outbox": "our own jobs",
        "user_sessions": "each person's own: GET /auth/sessions",
    }
)
# Hashes and ciphertexts are of use to nobody but us, or to a thief.
_SECRETS = frozenset({"password_hash"})
_PEOPLE = (User.id, User.name, User.email)


async def exists(session: AsyncSession, organization_id: UUID) -> bool:
    found = select(Organization.id).where(Organization.id == organization_id)
    return await session.scalar(found) is not None


async def begin(session: AsyncSession, actor: Actor) -> None:
    """Put on record that all is exported, before any of it is sent."""
    actor.must(Permission.EXPORT_ORGANIZATION)
    await audit.record(
        session,
        organization_id=actor.organization_id,
        actor=actor.signature,
        action="organization.export",
        subject_type="organization",
        subject_id=actor.organization_id,
    )


async def stream(database: Database, actor: Actor) -> AsyncIterator[str]:
    """The document, in pieces; broken off it is no JSON. Each table is as it was when
    its first row was read."""
    async with database.unit_of_work(
        Login.APP,
        organization_id=actor.organization_id,
        user_id=actor.user_id,
        actor=actor.signature,
    ) as session:
        yield f'{{"held_back": {json.dumps(dict(HELD_BACK))},\n"tables": {{'
        of_itself = select(*shown(Base.metadata.tables["organizations"]))
        own = of_itself.where(Organization.id == actor.organization_id)
        async for piece in rows(session, "organizations", own, is_first=True):
            yield piece
        belong = Member.organization_id == actor.organization_id
        people = select(*_PEOPLE).join(Member, Member.user_id == User.id)
        async for piece in rows(session, "users", people.where(belong).distinct()):
            yield piece
        for table in tables():
            mine = table.c.organization_id == actor.organization_id
            of_table = select(*shown(table)).where(mine)
            async for piece in rows(session, table.name, of_table):
                yield piece
        yield '},\n"complete": true}\n'


def tables() -> list[Table]:
    """Those of tenants that are not held back, parents first."""
    return [
        table
        for table in Base.metadata.sorted_tables
        if "organization_id" in table.columns and table.name not in HELD_BACK
    ]


def shown(table: FromClause) -> list[KeyedColumnElement[Any]]:
    """What of a table is for whose it is."""
    return [
        column
        for column in table.columns
        if column.name not in _SECRETS and not isinstance(column.type, LargeBinary)
    ]


async def rows(
    session: AsyncSession, name: str, statement: Any, *, is_first: bool = False
) -> AsyncIterator[str]:
    """`"name": [rows]`, after a comma where it is not the first."""
    yield f"{'' if is_first else ','}\n{json.dumps(name)}: ["
    answers = await session.stream(statement.execution_options(yield_per=ROWS_AT_ONCE))
    is_first = True
    async for page in answers.mappings().partitions():
        texts = [
            json.dumps(to_jsonable_python(dict(row)), ensure_ascii=False)
            for row in page
        ]
        yield ("\n" if is_first else ",\n") + ",\n".join(texts)
        is_first = False
    yield "\n]"
