"""Notices that could not be routed, for the operator (`cloudrota replay notices`): the
oldest are shown, or all or some are routed again. Under the owner's login. Each line is
JSON, the last one counts."""

import json
from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from app.core.db import Database, Login
from app.models.notice import RecordedNotice
from app.services import unroutable
from app.tasks import operator


async def show(database: Database) -> AsyncIterator[str]:
    """The lines to print; each organization concerned finds it on its audit log."""
    async with database.unit_of_work(Login.OWNER, actor=operator.name()) as session:
        found = await unroutable.set_aside(session)
        for organization_id in sorted({one.organization_id for one in found}):
            await operator.record(
                session,
                organization_id,
                action="operator.list_notices",
                subject_type="organization",
                subject_id=organization_id,
            )
    for one in found:
        yield json.dumps(_facts(one))
    yield json.dumps({"notices": len(found), "at_most": unroutable.MOST_LISTED})


def _facts(one: RecordedNotice) -> dict[str, object]:
    assert one.set_aside_at is not None
    return {
        "id": str(one.id),
        "organization": str(one.organization_id),
        "event": one.event,
        "at": one.at.isoformat(),
        "set_aside_at": one.set_aside_at.isoformat(),
        "error": one.routing_error,
    }


async def again(database: Database, ids: Sequence[UUID]) -> AsyncIterator[str]:
    """The same of having them routed again."""
    name = operator.name()
    async with database.unit_of_work(Login.OWNER, actor=name) as session:
        counts = await unroutable.route_again(session, ids, operator=name)
    for organization_id, count in sorted(counts.items()):
        yield json.dumps({"organization": str(organization_id), "notices": count})
    yield json.dumps({"notices": sum(counts.values())})
