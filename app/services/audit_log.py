"""The audit log as who may read it sees it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Bundle

from app.core.actor import Actor
from app.models.audit import AuditEvent, AuditHead, AuditLink
from app.services.paging import Page, Slice, paginate


@dataclass(frozen=True, slots=True)
class Filters:
    """None is no limit; `since` is included and `until` is not."""

    actor: str | None = None
    action: str | None = None
    subject_type: str | None = None
    subject_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        names = ("actor", "action", "subject_type", "subject_id")
        wanted = {name: getattr(self, name) for name in names}
        found = [
            getattr(AuditEvent, name) == value
            for name, value in wanted.items()
            if value is not None
        ]
        if self.since is not None:
            found.append(AuditEvent.at >= self.since)
        if self.until is not None:
            found.append(AuditEvent.at < self.until)
        return found


def selected(actor: Actor, filters: Filters) -> Select[Any]:
    """The organization's events that the filters leave, with their places."""
    names = ("id", "at", "actor", "action", "subject_type", "subject_id", "detail")
    shown: Bundle[Any] = Bundle(
        "event",
        *(getattr(AuditEvent, name) for name in names),
        *(AuditEvent.address, AuditEvent.user_agent, AuditEvent.request_id),
        AuditLink.seq,
        func.encode(AuditLink.hash, "hex").label("hash"),
    )
    link = and_(
        AuditLink.organization_id == AuditEvent.organization_id,
        AuditLink.event_id == AuditEvent.id,
    )
    mine = AuditEvent.organization_id == actor.organization_id
    statement = select(shown).select_from(AuditEvent).outerjoin(AuditLink, link)
    return statement.where(mine, *filters.conditions())


async def page_of(
    session: AsyncSession, actor: Actor, page: Page, *, filters: Filters
) -> Slice[Any]:
    """The newest first."""
    statement = selected(actor, filters)
    return await paginate(session, statement, page, by=[AuditEvent.at, AuditEvent.id])


async def heads_of(session: AsyncSession, actor: Actor, page: Page) -> Slice[Any]:
    """The newest first."""
    row = AuditHead
    shown: Bundle[Any] = Bundle(
        "head",
        *(row.id, row.day, row.seq, row.at),
        func.encode(row.hash, "hex").label("hash"),
    )
    mine = select(shown).where(row.organization_id == actor.organization_id)
    return await paginate(session, mine, page, by=[row.seq])
