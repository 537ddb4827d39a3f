"""What tests of retention share: history that is over, and what is left of it."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.db import Database, Login
from app.models.run import (
    Status,
    TaskResult,
)
from app.services import retention
from tests.builders import make_account, make_task
from tests.builders_runs import make_execution, make_run, make_unit
from tests.personae import Persona

MoveClock = Callable[[str], Awaitable[None]]
LONG = timedelta(minutes=1)


async def an_end(
    database: Database,
    persona: Persona,
    *,
    age: timedelta = timedelta(),
    status: Status = Status.SUCCEEDED,
    number: int = 0,
) -> UUID:
    """An execution that ended `age` ago, with all that belongs to one."""
    async with database.unit_of_work(Login.OWNER) as session:
        account = await make_account(
            session,
            persona.organization_id,
            account_id=f"{number:012}",
            credentials=None,
        )
        task = await make_task(
            session, persona.organization_id, accounts=(account,), name=f"Task {number}"
        )
        run = await make_run(session, task)
        execution = await make_execution(session, task, account, run=run)
        await make_unit(session, execution)
        session.add(
            TaskResult(
                organization_id=persona.organization_id,
                execution_id=execution.id,
                counts={},
                coverage={},
                calls=1,
                retries=0,
            )
        )
        for one in (execution, run):
            one.status, one.finished_at = status, now() - age
        await session.flush()
        return execution.id


async def purge(database: Database, persona: Persona) -> None:
    assert not await retention.purge(database, persona.organization_id, within=LONG)


async def ids_of(owner: AsyncSession, model: Any) -> set[UUID]:
    await owner.rollback()
    return set(await owner.scalars(select(model.id)))


async def total(owner: AsyncSession, *models: Any) -> int:
    await owner.rollback()
    return sum(
        [await owner.scalar(select(func.count()).select_from(m)) or 0 for m in models]
    )
