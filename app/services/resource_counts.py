"""How many resources there were, day by day, as far as it was read: a day on which not
all was read that was known by then has no number, rather than an older one."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.db import execute
from app.core.errors import Invalid
from app.core.ids import first_id_of
from app.models.aws_account import AWSAccount
from app.models.inventory import Scope
from app.schemas.resources import DayCount, ResourceCounts
from app.services.scoping import visible_accounts

# Each unit is looked up in an index for each day.
MOST_LOOKUPS = 100_000

# A scope is known from its first look on, which its id tells the time of. Read is what
# the last complete read of the day held.
_BY_DAY = text("""
WITH known AS MATERIALIZED (
  SELECT s.id FROM unnest(CAST(:scopes AS uuid[])) AS s (id)
  WHERE EXISTS (
    SELECT FROM scope_reads r
    WHERE r.organization_id = :organization_id AND r.scope_id = s.id
      AND r.read_at >= :since)
)
SELECT d.day, count(*) AS units, count(r.items) AS units_read,
  coalesce(sum(r.items), 0) AS items, (SELECT count(*) FROM known) AS ever_read
FROM unnest(
  CAST(:days AS date[]), CAST(:begins AS timestamptz[]), CAST(:ends AS timestamptz[]),
  CAST(:ids AS uuid[])
) AS d (day, begins, ends, first_id_after)
CROSS JOIN known
LEFT JOIN LATERAL (
  SELECT r.items FROM scope_reads r
  WHERE r.organization_id = :organization_id AND r.scope_id = known.id
    AND r.read_at >= d.begins AND r.read_at < d.ends
  ORDER BY r.read_at DESC LIMIT 1
) r ON true
WHERE known.id < d.first_id_after OR r.items IS NOT NULL
GROUP BY d.day
""")


class _Days(NamedTuple):
    """Calendar days of UTC: `bounds` are their beginnings, and the end of the last."""

    days: list[date]
    bounds: list[datetime]


async def read(
    session: AsyncSession,
    actor: Actor,
    *,
    days: int,
    account_id: UUID | None = None,
    service: str | None = None,
) -> ResourceCounts:
    """The last so many days with today, the oldest first. Raises Invalid where that
    would be to look up too much at once."""
    scopes = await _scopes(session, actor, days, account_id, service)
    now = (await session.execute(select(func.app_now()))).scalar_one()
    span = _days_until(now, days)
    values = {
        "organization_id": actor.organization_id,
        "scopes": scopes,
        "since": span.bounds[0],
        "days": span.days,
        "begins": span.bounds[:-1],
        "ends": span.bounds[1:],
        "ids": [first_id_of(end) for end in span.bounds[1:]],
    }
    found = {row.day: row for row in await execute(session, _BY_DAY, values)}
    ever_read = next((row.ever_read for row in found.values()), 0)
    counts = [
        DayCount(day=day, resources=None, units=0, units_read=0)
        if row is None
        else DayCount(
            day=day,
            resources=int(row.items) if row.units_read == row.units else None,
            units=row.units,
            units_read=row.units_read,
        )
        for day, row in ((day, found.get(day)) for day in span.days)
    ]
    return ResourceCounts(days=counts, units_never_read=len(scopes) - ever_read)


async def _scopes(
    session: AsyncSession,
    actor: Actor,
    days: int,
    account_id: UUID | None,
    service: str | None,
) -> Sequence[UUID]:
    """What is listed in connected accounts, but for regions that are not enabled."""
    most = MOST_LOOKUPS // days
    statement = (
        select(Scope.id)
        .join(
            AWSAccount,
            (AWSAccount.organization_id == Scope.organization_id)
            & (AWSAccount.id == Scope.aws_account_id),
        )
        .where(
            visible_accounts(actor),
            AWSAccount.connected,
            Scope.kind == "list",
            Scope.verdict.is_distinct_from("not_applicable"),
        )
        .limit(most + 1)
    )
    if account_id is not None:
        statement = statement.where(Scope.aws_account_id == account_id)
    if service is not None:
        statement = statement.where(Scope.service == service)
    found = (await session.scalars(statement)).all()
    if len(found) > most:
        raise Invalid.field(
            "/days",
            "too_much",
            f"More than {most:,} listings in regions would be counted for each of"
            f" {days} days: name an account or a service, or ask for fewer days.",
        )
    return found


def _days_until(now: datetime, many: int) -> _Days:
    today = now.astimezone(UTC).date()
    days = [today - timedelta(days=ago) for ago in reversed(range(many))]
    following = [*days, today + timedelta(days=1)]
    return _Days(days, [datetime.combine(day, time(), UTC) for day in following])
