"""While one unit is being merged, which may take seconds, nobody else has to wait."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from app.core.db import Database, Login
from app.models.run import TaskExecution
from app.services import inventory
from app.services.claims import extend, hold
from app.services.staging import stage
from tests.builders_runs import CATALOG, claim_of, unit_of
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
        with inventory.spool() as spool:
            spool.add([instance("i-1")])
            await stage(session, spool)
            await inventory.record_listing(
                session,
                claim_of(execution),
                unit_of(unit),
                spool,
                rule=CATALOG,
                stale_at=lambda _: None,
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
    tenant = merging.organization_id
    async with (
        asyncio.timeout(5),
        database.unit_of_work(Login.WORKER, organization_id=tenant) as session,
    ):
        await hold(session, claim_of(merging))
