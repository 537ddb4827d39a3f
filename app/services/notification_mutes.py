"""Mutes: of one task, account, problem, channel or rule nothing is told for a while."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import INTERVAL
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.errors import FieldError, Invalid, NotFound, TooMany
from app.core.ids import new_id
from app.core.permissions import Permission
from app.models.aws_account import AWSAccount
from app.models.notification import NotificationChannel
from app.models.notification_rule import (
    NotificationMute,
    NotificationRule,
    NotificationWatch,
)
from app.models.problem import Problem
from app.models.task import Task
from app.schemas.notification_mutes import SUBJECTS, MuteInput, MuteRead
from app.services import audit, idempotency, memberships, routing_turn, schedules
from app.services.decisions.routing import MutedKind
from app.services.paging import Page, Slice, paginate

MOST = 500
# What is over is shown to nobody, and is deleted when another mute is made.
_KEPT = timedelta(days=30)
_COLUMNS: Mapping[str, str] = {
    name: "aws_account_id" if name == "account_id" else name for name in SUBJECTS
}


async def page_of(
    session: AsyncSession, actor: Actor, page: Page
) -> Slice[NotificationMute]:
    """Those that stand, newest first."""
    statement = _standing(actor.organization_id)
    return await paginate(session, statement, page, by=[NotificationMute.id])


async def make(
    session: AsyncSession,
    actor: Actor,
    entry: MuteInput,
    *,
    idempotency_key: str | None = None,
) -> MuteRead:
    """Raises Invalid and TooMany."""
    return await idempotency.once_as(
        session,
        actor,
        MuteRead,
        partial(_make, session, actor, entry),
        route="notification_mutes.make",
        key=idempotency_key,
        request=entry.model_dump(mode="json"),
    )


async def _make(
    session: AsyncSession, actor: Actor, entry: MuteInput
) -> NotificationMute:
    actor.must(Permission.EDIT_NOTIFICATIONS)
    now = await schedules.app_now(session)
    if entry.until <= now:
        raise Invalid.field("/until", "past", "This is over already.")
    name, subject_id = await _one_thing(session, actor, entry)
    await _forget_old(session, actor)
    await memberships.lock(session, actor.organization_id)
    standing = _standing(actor.organization_id).subquery()
    if (await session.scalar(select(func.count()).select_from(standing)) or 0) >= MOST:
        raise TooMany(f"An organization has up to {MOST} mutes.")
    mute = NotificationMute(
        id=new_id(),
        organization_id=actor.organization_id,
        until=entry.until,
        reason=entry.reason,
        created_by=actor.user_id,
        created_at=now,
        **dict.fromkeys(_COLUMNS.values()) | {_COLUMNS[name]: subject_id},
    )
    session.add(mute)
    await session.flush()
    said = entry.model_dump(mode="json", exclude_none=True)
    await _log(session, actor, mute.id, "notification_mute.create", said)
    return mute


async def _one_thing(
    session: AsyncSession, actor: Actor, entry: MuteInput
) -> tuple[str, UUID]:
    """What is to be muted: the member that names it, and its id."""
    given = {name: getattr(entry, name) for name in SUBJECTS}
    named = {name: id for name, id in given.items() if id is not None}
    wrong = [
        FieldError(f"/{name}", "unknown", "There is no such thing")
        for name, id in named.items()
        if await session.scalar(_subject(actor, name, id)) is None
    ]
    if wrong:
        raise Invalid("Look at what is to be muted.", fields=tuple(wrong))
    if len(named) != 1:
        raise Invalid.field("/", "one_of", f"Name one: {', '.join(SUBJECTS)}")
    ((name, id),) = named.items()
    return name, id


async def lift(session: AsyncSession, actor: Actor, mute_id: UUID) -> None:
    """End it: what went on meanwhile is told now. Raises NotFound, also for one that is
    over."""
    actor.must(Permission.EDIT_NOTIFICATIONS)
    # Who is deciding by it just now would have it told at the end that it had.
    await routing_turn.wait(session, actor.organization_id)
    ended = (
        delete(NotificationMute)
        .where(
            NotificationMute.organization_id == actor.organization_id,
            NotificationMute.id == mute_id,
            NotificationMute.until > func.app_now(),
        )
        .returning(NotificationMute.until)
        .execution_options(synchronize_session=False)
    )
    until = (await session.execute(ended)).scalar_one_or_none()
    if until is None:
        raise NotFound
    await session.execute(
        update(NotificationWatch)
        .where(
            NotificationWatch.organization_id == actor.organization_id,
            NotificationWatch.due_at == until,
        )
        .values(due_at=func.app_now())
        .execution_options(synchronize_session=False)
    )
    await _log(session, actor, mute_id, "notification_mute.delete", {})


async def standing(
    session: AsyncSession, organization_id: UUID
) -> dict[tuple[MutedKind, UUID], datetime]:
    """What is muted now, and until when, as the decision takes it."""
    muted: dict[tuple[MutedKind, UUID], datetime] = {}
    for mute in await session.scalars(_standing(organization_id)):
        for kind, column in _OF_KIND.items():
            id = getattr(mute, column)
            if id is not None:
                key = (kind, id)
                muted[key] = max(mute.until, muted.get(key, mute.until))
    return muted


_OF_KIND: Mapping[MutedKind, str] = {
    MutedKind.TASK: "task_id",
    MutedKind.ACCOUNT: "aws_account_id",
    MutedKind.PROBLEM: "problem_id",
    MutedKind.CHANNEL: "channel_id",
    MutedKind.RULE: "rule_id",
}


def _standing(organization_id: UUID) -> Select[NotificationMute]:
    return select(NotificationMute).where(
        NotificationMute.organization_id == organization_id,
        NotificationMute.until > func.app_now(),
    )


def _subject(actor: Actor, name: str, id: UUID) -> Select[UUID]:
    """Its id, if there is such a thing to be muted; kept until the mute is made."""
    tables: Mapping[str, Any] = {
        "task_id": Task,
        "account_id": AWSAccount,
        "problem_id": Problem,
        "channel_id": NotificationChannel,
        "rule_id": NotificationRule,
    }
    table = tables[name]
    found = select(table.id).where(
        table.organization_id == actor.organization_id, table.id == id
    )
    if name in {"task_id", "channel_id", "rule_id"}:
        found = found.where(table.deleted_at.is_(None))
    return found


async def _forget_old(session: AsyncSession, actor: Actor) -> None:
    await session.execute(
        delete(NotificationMute)
        .where(
            NotificationMute.organization_id == actor.organization_id,
            NotificationMute.until < func.app_now() - literal(_KEPT, INTERVAL),
        )
        .execution_options(synchronize_session=False)
    )


async def _log(
    session: AsyncSession,
    actor: Actor,
    mute_id: UUID,
    action: str,
    detail: dict[str, Any],
) -> None:
    await audit.record(
        session,
        organization_id=actor.organization_id,
        actor=actor.signature,
        action=action,
        subject_type="notification_mute",
        subject_id=mute_id,
        detail=detail,
    )
