"""Counts what each organization uses in a month, and says what its plan leaves of it.

The months of organizations with a limit are locked before anything is planned for them,
those of all others are only added to, last of all: nobody waits for anybody without
need. Tasks are locked before months, and months in the order of their organizations.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    FromClause,
    Select,
    bindparam,
    cast,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import execute
from app.core.errors import FieldError, PlanLimit
from app.models.subscription import Subscription, SubscriptionPlan
from app.models.usage import UsageMonth
from app.services.decisions.usage import (
    BILLING,
    Allowances,
    Left,
    end_of,
    month_of,
)

_IN_WORDS = {
    "executions_per_month": "executions",
    "aws_calls_per_month": "calls to AWS",
}


class Terms(NamedTuple):
    """What an organization's plan allows in a month; None is no limit."""

    executions: int | None
    aws_calls: int | None
    is_read_only: bool | None

    @property
    def are_limited(self) -> bool:
        return self.executions is not None or self.aws_calls is not None


def limit_of(name: str) -> ColumnElement[int | None]:
    """The plan's limit of that name, for a query that joins `SubscriptionPlan`."""
    return cast(SubscriptionPlan.limits[name].astext, BigInteger)


TERMS = (
    limit_of("executions_per_month").label("executions_per_month"),
    limit_of("aws_calls_per_month").label("aws_calls_per_month"),
    Subscription.is_read_only.label("is_read_only"),
)


def with_terms(rows: FromClause) -> Select[Any]:
    """The rows, each with the `TERMS` of its `organization_id` as its last columns."""
    return (
        select(*rows.c, *TERMS)
        .select_from(rows)
        .outerjoin(Subscription, Subscription.organization_id == rows.c.organization_id)
        .outerjoin(SubscriptionPlan, SubscriptionPlan.code == Subscription.plan_code)
    )


# ── what is left ─────────────────────────────────────────────────────────────────

# Written, though nothing changes, to lock each row also where it is new.
_HOLD = text("""
INSERT INTO usage_months (organization_id, month)
SELECT one, :month FROM unnest(CAST(:organizations AS uuid[])) AS one ORDER BY one
ON CONFLICT (organization_id, month)
  DO UPDATE SET executions = usage_months.executions
RETURNING organization_id, executions, aws_calls
""")


async def allowances(
    session: AsyncSession, terms: Mapping[UUID, Terms], *, now: datetime
) -> Allowances:
    """What the plans leave at this instant. The months of those with a limit are held
    until the transaction ends, so that nobody else takes of them meanwhile."""
    left = {one: Left(is_read_only=True) for one in terms if terms[one].is_read_only}
    limited = [one for one in terms if terms[one].are_limited and one not in left]
    for organization_id, executions, aws_calls in await _hold(session, limited, now):
        allowed = terms[organization_id]
        left[organization_id] = Left(
            executions=_less(allowed.executions, executions),
            aws_calls=_less(allowed.aws_calls, aws_calls),
        )
    return Allowances(left)


async def _hold(
    session: AsyncSession, organizations: Collection[UUID], now: datetime
) -> Iterable[Any]:
    if not organizations:
        return ()
    values = {"organizations": sorted(organizations), "month": month_of(now)}
    return await execute(session, _HOLD, values)


def _less(allowed: int | None, used: int) -> int | None:
    return None if allowed is None else allowed - used


_TERMS_OF = (
    select(*TERMS, func.app_now().label("now"))
    .select_from(Subscription)
    .join(SubscriptionPlan, SubscriptionPlan.code == Subscription.plan_code)
    .where(Subscription.organization_id == bindparam("of_organization_id"))
)


async def allowance(session: AsyncSession, organization_id: UUID) -> Allowances:
    """What is left to one organization now. The caller holds the tasks that it is about
    to start, all of them: who has them already must not wait for who has the month."""
    of = {"of_organization_id": organization_id}
    row = (await execute(session, _TERMS_OF, of)).one_or_none()
    if row is None:
        return Allowances({})
    terms = {organization_id: Terms._make(row[:3])}
    return await allowances(session, terms, now=row.now)


async def refuse_beyond(
    session: AsyncSession, organization_id: UUID, *, executions: int
) -> None:
    """Raises PlanLimit where the plan leaves less than so many executions, or no call
    to AWS, or is not paid for."""
    left = await allowance(session, organization_id)
    reason = left.take(organization_id, executions)
    if reason == BILLING:
        raise PlanLimit("It was not paid for: nothing is started until it is.")
    if reason is not None:
        raise await _as_error(session, organization_id, executions)


async def _as_error(
    session: AsyncSession, organization_id: UUID, executions: int
) -> PlanLimit:
    of = {"of_organization_id": organization_id}
    row = (await execute(session, _TERMS_OF, of)).one()
    most, most_calls = Terms._make(row[:3])[:2]
    used = await session.get_one(UsageMonth, (organization_id, month_of(row.now)))
    metric, wanted = "executions_per_month", f", and this would be {executions:,} more"
    counts = used.executions, most
    if most_calls is not None and used.aws_calls >= most_calls:
        metric, wanted = "aws_calls_per_month", ""
        counts = used.aws_calls, most_calls
    told = (
        f"{counts[0]:,} of {counts[1]:,} {_IN_WORDS[metric]} of this month are used"
        f"{wanted}. They are counted anew from {end_of(used.month):%Y-%m-%d %H:%M} UTC."
    )
    return PlanLimit(told, fields=(FieldError("", metric, told),))


# ── what was used ────────────────────────────────────────────────────────────────

_ADD_EXECUTIONS = text("""
INSERT INTO usage_months (organization_id, month, executions, executions_refused)
SELECT made.organization_id, :month, made.executions, made.refused
FROM unnest(
  CAST(:organizations AS uuid[]), CAST(:executions AS bigint[]),
  CAST(:refused AS bigint[])
) AS made (organization_id, executions, refused)
ORDER BY made.organization_id
ON CONFLICT (organization_id, month) DO UPDATE SET
  executions = usage_months.executions + excluded.executions,
  executions_refused = usage_months.executions_refused + excluded.executions_refused
""")


async def add_executions(
    session: AsyncSession,
    recorded: Mapping[UUID, int],
    refused: Mapping[UUID, int],
    *,
    now: datetime,
) -> None:
    """Count what was recorded at this instant, and what the plan refused, by
    organization. To be called last: until the commit, whoever counts for one of them
    waits."""
    organizations = sorted({*recorded, *refused})
    if not organizations:
        return
    values = {
        "organizations": organizations,
        "month": month_of(now),
        "executions": [recorded.get(one, 0) for one in organizations],
        "refused": [refused.get(one, 0) for one in organizations],
    }
    await execute(session, _ADD_EXECUTIONS, values)


def this_month() -> ColumnElement[date]:
    """The present month by the database's clock."""
    return cast(func.date_trunc("month", func.timezone("UTC", func.app_now())), Date)


# What the plan leaves of this month's calls, for a query that joins `Subscription` and
# `SubscriptionPlan`; null is no limit.
_MADE = (
    select(UsageMonth.aws_calls)
    .where(
        UsageMonth.organization_id == Subscription.organization_id,
        UsageMonth.month == this_month(),
    )
    .correlate(Subscription)
    .scalar_subquery()
)
CALLS_LEFT = limit_of("aws_calls_per_month") - func.coalesce(_MADE, 0)

_CALLS = insert(UsageMonth).values(
    organization_id=bindparam("of_organization_id"),
    month=this_month(),
    aws_calls=bindparam("calls"),
)
_ADD_CALLS = _CALLS.on_conflict_do_update(
    index_elements=["organization_id", "month"],
    set_={"aws_calls": UsageMonth.aws_calls + _CALLS.excluded.aws_calls},
)


async def add_calls(session: AsyncSession, organization_id: UUID, calls: int) -> None:
    """Count what an execution that has ended asked of AWS. To be called last, too."""
    if calls:
        values = {"of_organization_id": organization_id, "calls": calls}
        await execute(session, _ADD_CALLS, values)
