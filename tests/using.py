"""What tests of usage share: a plan with limits of its own, and what was counted."""

from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from app.core.db import Database, Login
from app.models.subscription import Subscription
from app.models.usage import UsageMonth
from app.services.usage import this_month
from tests.plans import make_plan, subscribe


async def limit(
    database: Database, organization_id: UUID, **limits: int | None
) -> None:
    """The organization is on a plan with these limits and no other from now on."""
    code = "-".join(f"{name}-{value}" for name, value in limits.items())
    async with database.unit_of_work(Login.OWNER) as session:
        await make_plan(session, code, **limits)
        await subscribe(session, organization_id, code)


async def change_subscription(
    database: Database, organization_id: UUID, **values: Any
) -> None:
    mine = update(Subscription).where(Subscription.organization_id == organization_id)
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(mine.values(**values))


async def use(database: Database, organization_id: UUID, **counts: int) -> None:
    """So much was used of this month."""
    mine = insert(UsageMonth).values(
        organization_id=organization_id, month=this_month(), **counts
    )
    again = mine.on_conflict_do_update(
        index_elements=["organization_id", "month"], set_=counts
    )
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(again)


async def used(database: Database, organization_id: UUID) -> tuple[int, int, int]:
    """Executions, executions refused and calls to AWS, this month."""
    counts = (
        *(UsageMonth.executions, UsageMonth.executions_refused),
        UsageMonth.aws_calls,
    )
    mine = select(*counts).where(
        UsageMonth.organization_id == organization_id,
        UsageMonth.month == this_month(),
    )
    async with database.unit_of_work(Login.OWNER) as session:
        row = (await session.execute(mine)).one_or_none()
    return (0, 0, 0) if row is None else (row[0], row[1], row[2])
