"""Notices that cannot be routed. Each is tried a few times and holds up what comes
after it meanwhile; then it is set aside with its error, until an operator has it routed
again. None is ever given up."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Float, case, cast, func, select, update
from sqlalchemy.dialects.postgresql import INTERVAL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import AWAY
from app.models.notice import RecordedNotice
from app.models.notification_rule import NotificationWatch
from app.services import audit, routing_turn

MOST_TRIES = 5
FIRST_PAUSE = timedelta(seconds=10)  # doubled after each try
MOST_LISTED = 100
_MOST_ERROR = 500  # characters
# Classes of SQLSTATE that are about values: data, integrity, program limits.
_OF_VALUES = frozenset({"22", "23", "54"})


@dataclass(frozen=True, slots=True)
class Taken:
    """What is routed in one transaction. Of notices, how often each was tried."""

    notices: Sequence[tuple[UUID, int]]
    watches: Sequence[tuple[UUID, str]]


class Unroutable(Exception):
    """Something of what was taken cannot be routed; if it was one thing, that one."""

    def __init__(self, taken: Taken) -> None:
        super().__init__(f"{len(taken.notices)} notices, {len(taken.watches)} watches")
        self.taken = taken


def is_about(error: Exception) -> bool:
    """Whether an error is about what was routed, and not about the database's being
    away, busy or of another version."""
    if isinstance(error, DBAPIError):
        state = str(getattr(error.orig, "sqlstate", None) or "")
        refused_unsent = isinstance(getattr(error.orig, "__cause__", None), ValueError)
        return refused_unsent or state[:2] in _OF_VALUES
    return not isinstance(error, AWAY)


async def note(
    session: AsyncSession, organization_id: UUID, one: Taken, error: BaseException
) -> bool:
    """Write a try to the one thing that was taken; whether it is set aside by now. What
    somebody else has routed or noted since stays as it is."""
    await routing_turn.wait(session, organization_id)
    set_aside = False
    for notice_id, tries in one.notices:
        of_notice = (
            RecordedNotice.id == notice_id,
            RecordedNotice.routed_at.is_(None),
            RecordedNotice.routing_tries == tries,
        )
        set_aside = await _tried(session, organization_id, of_notice, error)
    for rule_id, subject in one.watches:
        set_aside = await _looked(session, organization_id, rule_id, subject, error)
    return set_aside


async def _tried(
    session: AsyncSession,
    organization_id: UUID,
    which: Sequence[ColumnElement[bool]],
    error: BaseException,
) -> bool:
    tries = RecordedNotice.routing_tries
    seconds = FIRST_PAUSE.total_seconds() * func.power(2.0, cast(tries, Float))
    pause = func.make_interval(0, 0, 0, 0, 0, 0, seconds, type_=INTERVAL)
    noted = await session.execute(
        update(RecordedNotice)
        .where(
            RecordedNotice.organization_id == organization_id,
            RecordedNotice.set_aside_at.is_(None),
            *which,
        )
        .values(
            routing_tries=tries + 1,
            routing_error=_said(error),
            route_after=func.app_now() + pause,
            set_aside_at=case((tries + 1 >= MOST_TRIES, func.app_now())),
        )
        .returning(RecordedNotice.set_aside_at)
        .execution_options(synchronize_session=False)
    )
    return noted.scalar_one_or_none() is not None


async def _looked(
    session: AsyncSession,
    organization_id: UUID,
    rule_id: UUID,
    subject: str,
    error: BaseException,
) -> bool:
    """The try is written to the last notice of what goes on; it is looked at again when
    that is tried again, and no more once that is set aside."""
    watch = await session.scalar(
        select(NotificationWatch).where(
            NotificationWatch.organization_id == organization_id,
            NotificationWatch.rule_id == rule_id,
            NotificationWatch.subject == subject,
            NotificationWatch.due_at <= func.app_now(),
        )
    )
    if watch is None:
        return False
    mine = (RecordedNotice.id == watch.notice_id,)
    await _tried(session, organization_id, mine, error)
    notice = await session.scalar(
        select(RecordedNotice)
        .where(RecordedNotice.organization_id == organization_id, *mine)
        .execution_options(populate_existing=True)
    )
    watch.due_at = None
    if notice is not None and notice.set_aside_at is None:
        watch.due_at = notice.route_after
    return watch.due_at is None


def _said(error: BaseException) -> str:
    """As text that the database takes."""
    said = f"{type(error).__name__}: {error}".replace("\x00", "\\x00")
    return said.encode(errors="backslashreplace").decode()[:_MOST_ERROR]


# ── the operator ─────────────────────────────────────────────────────────────────


async def set_aside(session: AsyncSession) -> Sequence[RecordedNotice]:
    """The oldest that are set aside, of all organizations. `session` is the owner's."""
    statement = (
        select(RecordedNotice)
        .where(RecordedNotice.set_aside_at.is_not(None))
        .order_by(RecordedNotice.number)
        .limit(MOST_LISTED)
    )
    return (await session.scalars(statement)).all()


async def route_again(
    session: AsyncSession, ids: Collection[UUID], *, operator: str
) -> dict[UUID, int]:
    """Have those of them that are set aside routed again, or all without ids: how many
    of each organization, which finds it in its audit log. `session` is the owner's."""
    chosen = [RecordedNotice.set_aside_at.is_not(None)]
    if ids:
        chosen.append(RecordedNotice.id.in_(ids))
    again = await session.execute(
        update(RecordedNotice)
        .where(*chosen)
        .values(set_aside_at=None, route_after=None, routing_tries=0)
        .returning(RecordedNotice.organization_id, RecordedNotice.id)
        .execution_options(synchronize_session=False)
    )
    found: dict[UUID, list[UUID]] = {}
    for organization_id, id in again:
        found.setdefault(organization_id, []).append(id)
    for organization_id, notices in found.items():
        await _look_again(session, organization_id, notices)
        await audit.record(
            session,
            organization_id=organization_id,
            actor=operator,
            action="operator.route_notices_again",
            subject_type="organization",
            subject_id=organization_id,
            detail={"notices": len(notices)},
        )
    return {organization_id: len(ids) for organization_id, ids in found.items()}


async def _look_again(
    session: AsyncSession, organization_id: UUID, notices: Collection[UUID]
) -> None:
    """At what goes on and could not be looked at: its notice was routed before."""
    routed = select(RecordedNotice.id).where(
        RecordedNotice.organization_id == organization_id,
        RecordedNotice.id.in_(notices),
        RecordedNotice.routed_at.is_not(None),
    )
    await session.execute(
        update(NotificationWatch)
        .where(
            NotificationWatch.organization_id == organization_id,
            NotificationWatch.notice_id.in_(routed),
            NotificationWatch.due_at.is_(None),
        )
        .values(due_at=func.app_now())
        .execution_options(synchronize_session=False)
    )
