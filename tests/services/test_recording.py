"""While one unit is being merged, which may take seconds, nobody else has to wait."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from app.core.db import Database, Login
from app.models.run import ExecutionUnit, TaskExecution
from app.services import inventory
from app.services.claims import Claim, extend, hold
from app.services.staging import stage
from tests.builders_runs import CATALOG
from tests.personae import People
from tests.services.reading import LISTING, instance, make_reader


@pytest.fixture
async def merging(database: Database, people: People) -> AsyncIterator[TaskExecution]:
    """An execution of which a unit is merged, and not yet committed."""
    reader = await make_reader(database, people.alice)
    execution, unit = await reader.begin(kind="list", key=LISTING)
    async with database.unit_of_work(
        Login.WORKER, organization_id=execution.organization_id
    ) as session:
        row = await session.get_one(TaskExecution, execution.id)
        unit_row = await session.get_one(ExecutionUnit, unit.id)
        with inventory.spool() as spool:
            spool.add([instance("i-1")])
            await stage(session, spool)
            await inventory.record_listing(
                session, row, unit_row, spool, rule=CATALOG, stale_at=None
            )
        yield execution


async def test_a_merge_holds_up_no_heartbeat(
    database: Database, merging: TaskExecution
) -> None:
    async with asyncio.timeout(5), database.system_session("heartbeat") as session:
        assert await extend(session, {merging.id: merging.fence}) == {merging.id}


async def test_a_merge_holds_up_no_other_unit(
    database: Database, merging: TaskExecution
) -> None:
    claim = Claim(
        execution_id=merging.id,
        organization_id=merging.organization_id,
        task_id=merging.task_id,
        run_id=merging.run_id,
        aws_account_id=merging.aws_account_id,
        kind=merging.kind,
        fence=merging.fence,
        attempt=1,
        timeout=timedelta(minutes=1),
    )
    tenant = merging.organization_id
    async with (
        asyncio.timeout(5),
        database.unit_of_work(Login.WORKER, organization_id=tenant) as session,
    ):
        await hold(session, claim)
