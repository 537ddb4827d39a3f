"""What rules watch of what goes on, between its rows and the decision."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.notice import Notice
from app.models.notification_rule import NotificationWatch
from app.models.problem import Problem
from app.services.decisions.routing import Watch


async def due(
    session: AsyncSession, organization_id: UUID, most: int
) -> Sequence[NotificationWatch]:
    """Those that are to be looked at again, up to so many, the longest due first."""
    statement = (
        select(NotificationWatch)
        .where(
            NotificationWatch.organization_id == organization_id,
            NotificationWatch.due_at <= func.app_now(),
        )
        .order_by(NotificationWatch.due_at)
        .limit(most)
    )
    return (await session.scalars(statement)).all()


async def still_due(
    session: AsyncSession,
    organization_id: UUID,
    keys: Sequence[tuple[UUID, str]],
    now: datetime,
) -> Sequence[NotificationWatch]:
    """Read afresh: a notice that has just been routed may have ended some."""
    if not keys:
        return ()
    key = tuple_(NotificationWatch.rule_id, NotificationWatch.subject)
    statement = (
        select(NotificationWatch)
        .where(
            NotificationWatch.organization_id == organization_id,
            key.in_(keys),
            NotificationWatch.due_at <= now,
        )
        .order_by(NotificationWatch.due_at)
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(statement)).all()


async def of_subjects(
    session: AsyncSession, organization_id: UUID, subjects: Iterable[str | None]
) -> dict[str | None, dict[UUID, Watch]]:
    """The watches of these subjects, by subject and rule."""
    statement = (
        select(NotificationWatch)
        .where(
            NotificationWatch.organization_id == organization_id,
            NotificationWatch.subject.in_(subjects),
        )
        .order_by(NotificationWatch.subject)
    )
    rows = await session.scalars(statement)
    return {
        subject: {row.rule_id: watch_of(row) for row in of_subject}
        for subject, of_subject in groupby(rows, lambda row: row.subject)
    }


def watch_of(row: NotificationWatch) -> Watch:
    """As the decision takes it."""
    return Watch(
        rule_id=row.rule_id,
        subject=row.subject,
        count=row.count,
        notice_id=row.notice_id,
        since=row.since,
        told_at=row.told_at,
        due_at=row.due_at,
        is_owed=row.is_owed,
    )


async def keep(
    session: AsyncSession,
    organization_id: UUID,
    changed: Iterable[tuple[Watch, Notice | None]],
) -> None:
    """A problem that was purged meanwhile is not watched."""
    wanted = list(changed)
    named = {notice.problem_id for _, notice in wanted if notice is not None}
    there_are = select(Problem.id).where(
        Problem.organization_id == organization_id, Problem.id.in_(named)
    )
    problems = set(await session.scalars(there_are)) if named else set()
    rows: list[dict[str, Any]] = [
        asdict(watch)
        | {
            "organization_id": organization_id,
            "problem_id": notice.problem_id if notice else None,
        }
        for watch, notice in wanted
        if notice is None or notice.problem_id is None or notice.problem_id in problems
    ]
    if not rows:
        return
    kept = insert(NotificationWatch)
    names = ("count", "notice_id", "since", "told_at", "due_at", "is_owed")
    await session.execute(
        kept.on_conflict_do_update(
            constraint="pk_notification_watches",
            set_={name: kept.excluded[name] for name in names},
        ),
        rows,
    )
