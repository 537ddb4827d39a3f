"""What was muted after it was entered: it is found when its time has come, and dropped.

A mute is no hole here either: of what still goes on when it ends, the rule tells then.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    Tuple,
    and_,
    case,
    exists,
    func,
    not_,
    or_,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core import measures
from app.core.notice import NoticeEvent
from app.models.notice import RecordedNotice
from app.models.notification import (
    Delivery,
    DeliveryStatus,
    DropReason,
    NotificationChannel,
)
from app.models.notification_rule import NotificationWatch
from app.services import notification_mutes, routing_turn
from app.services.decisions.routing import (
    BEGINNINGS,
    ENDS,
    MutedKind,
    Mutes,
    subject,
)
from app.services.sending_rows import Held

_TASK_ID = Delivery.payload[("task", "id")].astext
_ACCOUNT_ID = Delivery.payload[("account", "id")].astext

_Whose = Literal["channel_id", "rule_id"]


@dataclass(frozen=True, slots=True)
class _Owed:
    """What a mute took away until then, and whether its rule had told it before."""

    until: datetime
    told_before: bool


async def standing(session: AsyncSession, held: Held) -> Mutes:
    """The mutes that concern the recipient: none an endpoint, which is told everything.
    Asked before the recipient is locked, for where there are some, the turn is taken.
    """
    if held.model is not NotificationChannel:
        return {}
    mutes = await notification_mutes.standing(session, held.organization_id)
    if not mutes:
        return mutes
    await routing_turn.wait(session, held.organization_id)
    return await notification_mutes.standing(session, held.organization_id)


async def drop(session: AsyncSession, held: Held, mutes: Mutes) -> None:
    """Drop what may be sent now and is muted, but for what somebody asked for again and
    for the end of what the recipient was told."""
    if not mutes:
        return
    which = and_(
        held.waits,
        Delivery.available_at <= func.app_now(),
        Delivery.replay_of.is_(None),
        _is_muted(mutes),
        not_(_ends_what_was_told()),
    )
    ended = await session.execute(
        update(Delivery)
        .where(which)
        .values(status=DeliveryStatus.DROPPED, drop_reason=DropReason.MUTED)
        .returning(
            *(Delivery.number, Delivery.id),
            *(Delivery.rule_id, Delivery.event, Delivery.problem_id),
            *(_TASK_ID.label("task_id"), _ACCOUNT_ID.label("account_id")),
            _was_told("rule_id").label("told_before"),
        )
        .execution_options(synchronize_session=False)
    )
    dropped = sorted(ended.all(), key=lambda row: (row.number, row.id))
    if dropped:
        outcome = DeliveryStatus.DROPPED.value
        measures.count(session, measures.DELIVERIES, len(dropped), outcome=outcome)
    for (rule_id, of), owed in _watched(dropped, mutes).items():
        await _tell_then(session, held.organization_id, rule_id, of, owed)


def _ends_what_was_told() -> ColumnElement[bool]:
    """The recipient was told of its beginning."""
    return and_(Delivery.event.in_(ENDS), _was_told("channel_id"))


def _was_told(whose: _Whose) -> ColumnElement[bool]:
    """Before this delivery its channel, or its rule, told that it goes on, and since
    then no end of it. What comes after what is told by `number`, not by a clock."""
    begun, ended = aliased(Delivery), aliased(Delivery)
    is_over = (
        exists()
        .where(
            _is_of_the_same(whose, ended),
            ended.event == _end_of(Delivery),
            ended.replay_of.is_(None),
            _place(begun) < _place(ended),
            _place(ended) < _place(Delivery),
        )
        .correlate(begun, Delivery)
    )
    return exists().where(
        _is_of_the_same(whose, begun),
        begun.event.in_(BEGINNINGS),
        _end_of(begun) == _end_of(Delivery),
        begun.status == DeliveryStatus.DELIVERED,
        _place(begun) < _place(Delivery),
        not_(is_over),
    )


def _end_of(one: type[Delivery]) -> ColumnElement[str | None]:
    """The event that ends it, which an end is itself."""
    ends = {of: end for end, begun in ENDS.items() for of in (end, *begun)}
    return case(ends, value=one.event)


def _is_of_the_same(whose: _Whose, other: type[Delivery]) -> ColumnElement[bool]:
    """Of the same channel or rule, and the same problem or else task and account."""
    task_id, account_id = (
        other.payload[(name, "id")].astext for name in ("task", "account")
    )
    is_same_task = and_(
        task_id.is_not_distinct_from(_TASK_ID),
        account_id.is_not_distinct_from(_ACCOUNT_ID),
    )
    return and_(
        other.organization_id == Delivery.organization_id,
        getattr(other, whose) == getattr(Delivery, whose),
        case(
            (Delivery.problem_id.is_(None), is_same_task),
            else_=other.problem_id == Delivery.problem_id,
        ),
    )


def _place(one: type[Delivery]) -> Tuple:
    return tuple_(one.number, one.id)


def _is_met_by_others(muted: list[UUID]) -> ColumnElement[bool]:
    """A problem that other tasks have met too, which are not muted."""
    return exists().where(
        RecordedNotice.organization_id == Delivery.organization_id,
        RecordedNotice.problem_id == Delivery.problem_id,
        RecordedNotice.task_id.not_in(muted),
    )


def _is_muted(mutes: Mutes) -> ColumnElement[bool]:
    ids: dict[MutedKind, list[UUID]] = {kind: [] for kind in MutedKind}
    for kind, id in mutes:
        ids[kind].append(id)
    return or_(
        Delivery.channel_id.in_(ids[MutedKind.CHANNEL]),
        Delivery.rule_id.in_(ids[MutedKind.RULE]),
        Delivery.problem_id.in_(ids[MutedKind.PROBLEM]),
        and_(
            _TASK_ID.in_([str(id) for id in ids[MutedKind.TASK]]),
            not_(_is_met_by_others(ids[MutedKind.TASK])),
        ),
        _ACCOUNT_ID.in_([str(id) for id in ids[MutedKind.ACCOUNT]]),
    )


def _watched(
    dropped: Iterable[Row[*tuple[Any, ...]]], mutes: Mutes
) -> Mapping[tuple[UUID, str], _Owed]:
    """What rules watch of that, by the last of it, and when the last mute of it ends.
    What a muted channel misses is not told later."""
    owed: dict[tuple[UUID, str], _Owed] = {}
    for row in dropped:
        event = NoticeEvent(row.event)
        task_id, account_id = _id(row.task_id), _id(row.account_id)
        of = subject(event, row.problem_id, task_id, account_id)
        named = {
            MutedKind.RULE: row.rule_id,
            MutedKind.PROBLEM: row.problem_id,
            MutedKind.TASK: task_id,
            MutedKind.ACCOUNT: account_id,
        }
        keys = [(kind, id) for kind, id in named.items() if id is not None]
        until = max((mutes[key] for key in keys if key in mutes), default=None)
        is_beginning = row.rule_id is not None and event in BEGINNINGS
        if is_beginning and of is not None and until is not None:
            owed[row.rule_id, of] = _Owed(until, row.told_before)
    return owed


def _id(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)


async def _tell_then(
    session: AsyncSession,
    organization_id: UUID,
    rule_id: UUID,
    of: str,
    owed: _Owed,
) -> None:
    """It was not told after all, or not this time. What is over since is not watched
    any more."""
    told_at = NotificationWatch.told_at if owed.told_before else None
    await session.execute(
        update(NotificationWatch)
        .where(
            NotificationWatch.organization_id == organization_id,
            NotificationWatch.rule_id == rule_id,
            NotificationWatch.subject == of,
            NotificationWatch.told_at.is_not(None),
        )
        .values(told_at=told_at, due_at=owed.until, is_owed=True)
        .execution_options(synchronize_session=False)
    )
