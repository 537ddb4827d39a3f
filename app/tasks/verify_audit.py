"""Verifies audit logs, of all organizations or some, against kept heads if there are
any: `cloudrota verify-audit`."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict
from uuid import UUID

from sqlalchemy import select

from app.core.db import Database, Login
from app.models.organization import Organization
from app.services import audit_verification
from app.services.audit_heads import Head
from app.services.audit_verification import Counts


async def verify(
    database: Database, wanted: Sequence[UUID], heads: Sequence[Head]
) -> AsyncIterator[str]:
    """The lines to print. An organization that is not there, of which somebody asks or
    has a head, is a fault, too."""
    counts = Counts()
    async with database.system_session("audit.verify") as session:
        present = set(await session.scalars(select(Organization.id)))
    chosen = set(wanted) or present | {head.organization_id for head in heads}
    for id in sorted(chosen):
        if id not in present:
            counts.faults += 1
            yield f"{id}: there is no such organization"
            continue
        async with database.unit_of_work(
            Login.APP, organization_id=id, actor="operator:verify_audit"
        ) as session:
            async for fault in audit_verification.verify(session, id, heads, counts):
                yield f"{id}: {fault}"
    yield json.dumps({"organizations": len(chosen), **asdict(counts)})
