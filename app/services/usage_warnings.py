"""Finds organizations that come to a limit of their plan, and has each told: once for a
metric, its limit, a threshold and a month."""

from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Row,
    Select,
    String,
    cast,
    column,
    exists,
    func,
    literal,
    select,
    union_all,
    values,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import measures
from app.core.ids import new_id
from app.core.notice import NoticeEvent
from app.models.notice import RecordedNotice
from app.models.organization import Member, Organization
from app.models.subscription import Subscription, SubscriptionPlan
from app.models.usage import Metric, UsageMonth, UsageWarning
from app.models.usage_count import UsageCount
from app.services import audit, outbox
from app.services.decisions.usage import NEAR, REACHED
from app.services.outbox import Appointment, OutboxKind
from app.services.usage import this_month


class _Warned(NamedTuple):
    id: UUID
    organization_id: UUID
    metric: Metric
    threshold: int
    used: int
    allowed: int


def _of_month(metric: Metric, used: ColumnElement[int]) -> Select[UUID, str, int]:
    return select(
        UsageMonth.organization_id,
        literal(metric.value, String).label("metric"),
        used.label("used"),
    ).where(UsageMonth.month == this_month())


# Members whose time is over are counted until the next one joins, and take no place.
_EXPIRED = (
    select(func.count())
    .where(
        UsageCount.metric == Metric.MEMBERS,
        Member.organization_id == UsageCount.organization_id,
        Member.removed_at.is_(None),
        Member.expires_at <= func.app_now(),
    )
    .correlate(UsageCount)
    .scalar_subquery()
)
# What was refused counts: a limit that lets nothing more in is reached, though what is
# left of it would do for less than was wanted.
_USED = union_all(
    _of_month(Metric.EXECUTIONS, UsageMonth.executions + UsageMonth.executions_refused),
    _of_month(Metric.AWS_CALLS, UsageMonth.aws_calls.expression),
    select(
        UsageCount.organization_id,
        cast(UsageCount.metric, String),
        UsageCount.value - _EXPIRED,
    ),
).subquery("used")
_THRESHOLDS = values(column("percent", Integer), name="thresholds").data(
    [(NEAR,), (REACHED,)]
)
_ALLOWED = cast(SubscriptionPlan.limits[_USED.c.metric].astext, BigInteger)
_CROSSED = (
    select(
        *(_USED.c.organization_id, _USED.c.metric, _USED.c.used),
        *(_THRESHOLDS.c.percent, _ALLOWED.label("allowed")),
        *(this_month().label("month"), func.app_now().label("now")),
    )
    .join(Organization, Organization.id == _USED.c.organization_id)
    .join(Subscription, Subscription.organization_id == _USED.c.organization_id)
    .join(SubscriptionPlan, SubscriptionPlan.code == Subscription.plan_code)
    .join(_THRESHOLDS, _USED.c.used * 100 >= _ALLOWED * _THRESHOLDS.c.percent)
    .where(
        Organization.deleted_at.is_(None),
        _USED.c.used > 0,
        ~exists().where(
            UsageWarning.organization_id == _USED.c.organization_id,
            UsageWarning.month == this_month(),
            cast(UsageWarning.metric, String) == _USED.c.metric,
            UsageWarning.threshold == _THRESHOLDS.c.percent,
            UsageWarning.allowed == _ALLOWED,
        ),
    )
    .order_by(_USED.c.organization_id, _USED.c.metric, _THRESHOLDS.c.percent)
)


async def find(session: AsyncSession, *, limit: int) -> int:
    """Record up to `limit` crossings that were not yet, and have them told; how many.
    Any number of beats may: the crossing names the warning. `session` is a system
    session."""
    crossed = (await session.execute(_CROSSED.limit(limit))).all()
    warned = [one for one in [await _record(session, row) for row in crossed] if one]
    # Who comes to both at once is told of the one that is reached.
    highest = {(one.organization_id, one.metric): one for one in warned}
    await outbox.appoint(
        session,
        [
            Appointment(
                one.organization_id,
                OutboxKind.MAIL_USAGE,
                one.id,
                f"{OutboxKind.MAIL_USAGE}:{one.id}",
                crossed[0].now,
            )
            for one in highest.values()
        ],
    )
    await _note(session, highest.values())
    await _tell(session, warned)
    return len(crossed)


async def _record(session: AsyncSession, row: Row[*tuple[Any, ...]]) -> _Warned | None:
    """None where another beat was first."""
    made = insert(UsageWarning).values(
        id=new_id(),
        organization_id=row.organization_id,
        month=row.month,
        metric=row.metric,
        threshold=row.percent,
        used=row.used,
        allowed=row.allowed,
    )
    recorded = made.on_conflict_do_nothing().returning(UsageWarning.id)
    id = await session.scalar(recorded)
    if id is None:
        return None
    of = (row.organization_id, Metric(row.metric), row.percent)
    return _Warned(id, *of, row.used, row.allowed)


async def _note(session: AsyncSession, warned: Iterable[_Warned]) -> None:
    for one in warned:
        is_reached = one.threshold >= REACHED
        noted = insert(RecordedNotice).values(
            organization_id=one.organization_id,
            id=one.id,
            event=NoticeEvent.USAGE_REACHED if is_reached else NoticeEvent.USAGE_NEAR,
            facts={
                "metric": one.metric,
                "threshold": one.threshold,
                "used": one.used,
                "allowed": one.allowed,
            },
        )
        await session.execute(noted)


async def _tell(session: AsyncSession, warned: Iterable[_Warned]) -> None:
    for one in warned:
        metric, threshold = one.metric.value, str(one.threshold)
        measures.count(
            session, measures.USAGE_WARNINGS, metric=metric, threshold=threshold
        )
        await audit.record(
            session,
            organization_id=one.organization_id,
            actor="system",
            action="usage.warned",
            subject_type="usage_warning",
            subject_id=one.id,
            detail={"metric": metric, "threshold": one.threshold},
        )
