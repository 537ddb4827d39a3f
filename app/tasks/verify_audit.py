"""Verifies audit logs: `python -m app.tasks.verify_audit [ORGANIZATION_ID …]
[--heads FILE]`, of all organizations without an id. FILE has a kept head on each line.
The last line is JSON; the exit code is 1 if anything does not fit."""

import argparse
import asyncio
import json
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from app.core.db import Database, Login
from app.core.settings import settings
from app.models.organization import Organization
from app.services import audit_heads, audit_verification
from app.services.audit_heads import Head
from app.services.audit_verification import Counts
from app.tasks.publisher import RedisPublisher


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


async def _run(wanted: Sequence[UUID], heads: Sequence[Head]) -> int:
    configured = settings()
    publisher = RedisPublisher(configured)
    database = Database(configured, publisher)
    line = ""
    try:
        async for line in verify(database, wanted, heads):
            sys.stdout.write(line + "\n")
    finally:
        await database.close()
        await publisher.close()
    return 1 if json.loads(line)["faults"] else 0


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m app.tasks.verify_audit")
    parser.add_argument("organizations", nargs="*", type=UUID, metavar="ID")
    parser.add_argument("--heads", type=Path, metavar="FILE")
    asked = parser.parse_args(arguments)
    lines = asked.heads.read_text("utf-8").splitlines() if asked.heads else []
    try:
        heads = [audit_heads.read_line(line) for line in lines if line.strip()]
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return asyncio.run(_run(asked.organizations, heads))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
