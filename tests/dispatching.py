"""What tests of the tick share: a clock that stands, and tasks that are due."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.models.run import TaskRun
from app.services import dispatch
from tests.builders import make_account, make_task
from tests.personae import People

SLOT = datetime(2026, 5, 4, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MINUTELY = {"kind": "cron", "expression": "* * * * *", "timezone": "UTC"}
YEARLY = {"kind": "cron", "expression": "0 0 1 1 *", "timezone": "UTC"}


async def stop_clock(database: Database, passed: timedelta = timedelta()) -> None:
    """The database's clock stands shortly after SLOT, or so much later."""
    instant = SLOT + passed + timedelta(seconds=2)
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(
            text(
                "CREATE OR REPLACE FUNCTION app_now() RETURNS timestamptz"
                f" LANGUAGE sql STABLE AS $$ SELECT timestamptz '{instant}' $$"
            )
        )


async def tick(database: Database, *, limit: int = 100) -> int:
    async with database.system_session("test") as session:
        return (await dispatch.dispatch_due(session, limit=limit)).tasks


async def due_task(
    database: Database, people: People, slot: datetime, **options: Any
) -> UUID:
    async with database.unit_of_work(Login.OWNER) as session:
        account = await make_account(session, people.alice.organization_id)
        task = await make_task(
            session,
            people.alice.organization_id,
            accounts=(account,),
            schedule=MINUTELY,
            next_run_at=slot,
            **options,
        )
        return task.id


async def runs_of(session: AsyncSession, task_id: UUID) -> list[TaskRun]:
    statement = (
        select(TaskRun)
        .where(TaskRun.task_id == task_id)
        .order_by(TaskRun.scheduled_for)
    )
    return list(await session.scalars(statement))
