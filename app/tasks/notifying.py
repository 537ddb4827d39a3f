"""Finds what waits to be routed, each second, and routes it: what is told depends on
Postgres alone, and not on a hint."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import structlog
from sqlalchemy import func, select, union

from app.core.db import AWAY, Login
from app.models.notice import RecordedNotice
from app.models.notification_rule import NotificationWatch
from app.services import routing
from app.tasks.worker import Worker

log = structlog.get_logger(__name__)

POLL_SECONDS = 1
ORGANIZATIONS_AT_ONCE = 100


async def poll(
    worker: Worker, route_one: Callable[[Worker, UUID], Awaitable[int]]
) -> None:
    """Until the worker stops: organizations with something to route, one after the
    other."""
    while not worker.stopping:
        try:
            found = await waiting(worker)
        except AWAY as error:
            log.warning("notices.database_away", error=type(error).__name__)
            found = []
        routed = 0
        for organization_id in found:
            routed += await route_one(worker, organization_id)
        if not routed:
            await asyncio.sleep(POLL_SECONDS)


async def route(worker: Worker, organization_id: UUID) -> int:
    """Route some of what waits for one organization; how much it was."""
    async with worker.database.unit_of_work(
        Login.WORKER, organization_id=organization_id, actor=f"worker:{worker.name}"
    ) as session:
        return await routing.route(
            session, organization_id, public_url=worker.settings.public_url
        )


async def waiting(worker: Worker) -> list[UUID]:
    """The organizations that have something to route now."""
    unrouted = select(RecordedNotice.organization_id).where(
        RecordedNotice.routed_at.is_(None)
    )
    due = select(NotificationWatch.organization_id).where(
        NotificationWatch.due_at <= func.app_now()
    )
    found = union(unrouted, due).limit(ORGANIZATIONS_AT_ONCE)
    async with worker.database.system_session("notices.poll") as session:
        return list(await session.scalars(found))
