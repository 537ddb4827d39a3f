"""Finds what waits to be routed, each second, and routes it: what is told depends on
Postgres alone, and not on a hint."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from uuid import UUID

import structlog
from sqlalchemy import func, select, union
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import AWAY, Login
from app.models.notice import RecordedNotice
from app.models.notification_rule import NotificationWatch
from app.services import routing, unroutable
from app.services.unroutable import Unroutable
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
    """Route some of what waits for one organization; how much it was. Where something
    cannot be routed, the rest is, one by one, and that has its error."""
    try:
        return await _route(worker, organization_id, routing.ALL)
    except Unroutable as found:
        log.warning(
            "notices.one_by_one",
            organization_id=str(organization_id),
            error=type(found.__cause__).__name__,
        )
    routed = 0
    for part in (routing.ONE_NOTICE, routing.ONE_WATCH):
        while done := await _route_one(worker, organization_id, part):
            routed += done
    return routed


async def _route_one(worker: Worker, organization_id: UUID, part: routing.Part) -> int:
    """As `route`. 0 where a notice could not be routed, and is tried again later: what
    comes after it waits. What is set aside is done, and what goes on is put off."""
    try:
        return await _route(worker, organization_id, part)
    except Unroutable as one:
        cause = one.__cause__ or one
        async with _transaction(worker, organization_id) as session:
            set_aside = await unroutable.note(
                session, organization_id, one.taken, cause
            )
        log.exception(
            "notices.unroutable",
            organization_id=str(organization_id),
            notices=[str(id) for id, _ in one.taken.notices],
            watched=[subject for _, subject in one.taken.watches],
            set_aside=set_aside,
            exc_info=cause,
        )
        return int(set_aside or bool(one.taken.watches))


async def _route(worker: Worker, organization_id: UUID, part: routing.Part) -> int:
    async with _transaction(worker, organization_id) as session:
        return await routing.route(
            session,
            organization_id,
            public_url=worker.settings.public_url,
            part=part,
        )


def _transaction(
    worker: Worker, organization_id: UUID
) -> AbstractAsyncContextManager[AsyncSession]:
    return worker.database.unit_of_work(
        Login.WORKER, organization_id=organization_id, actor=f"worker:{worker.name}"
    )


async def waiting(worker: Worker) -> list[UUID]:
    """Organizations that have something to route now: any of them, so that those where
    nothing can be routed keep no other one from its turn."""
    unrouted = select(RecordedNotice.organization_id).where(
        RecordedNotice.routed_at.is_(None), RecordedNotice.set_aside_at.is_(None)
    )
    due = select(NotificationWatch.organization_id).where(
        NotificationWatch.due_at <= func.app_now()
    )
    some = union(unrouted, due).subquery()
    found = select(some.c.organization_id).where(~func.is_paused())
    async with worker.database.system_session("notices.poll") as session:
        some_of = found.order_by(func.random()).limit(ORGANIZATIONS_AT_ONCE)
        return list(await session.scalars(some_of))
