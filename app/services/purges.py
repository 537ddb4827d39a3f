"""Where a history begins: what ended before that may have been deleted."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.models.purge import Purge, PurgeKind
from app.services.paging import Slice

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class History(Slice[Row], Generic[Row]):
    """A page of what is deleted after its time."""

    purged_until: datetime | None


async def told(
    session: AsyncSession, actor: Actor, kind: PurgeKind, page: Slice[Row]
) -> History[Row]:
    """The page, and until when rows of its kind have been deleted; None if none ever
    was."""
    purged_until = await session.scalar(
        select(Purge.until).where(
            Purge.organization_id == actor.organization_id, Purge.kind == kind
        )
    )
    return History(page.items, page.next_cursor, purged_until)
