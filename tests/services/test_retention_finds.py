"""Retention of what was found: versions and findings that hold never go, nor the reads
that they began with."""

from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.models.inventory import Finding, Resource, ResourceVersion, ScopeRead
from app.models.run import (
    ExecutionUnit,
    Status,
    TaskExecution,
    TaskRun,
)
from tests.conftest import Client
from tests.personae import People
from tests.services.purging import MoveClock, ids_of, purge, total
from tests.services.reading import Reader, instance, judged, make_reader


async def ended(reader: Reader) -> None:
    async with reader.database.unit_of_work(Login.OWNER) as session:
        await session.execute(
            update(TaskExecution)
            .where(TaskExecution.status == Status.RUNNING)
            .values(status=Status.SUCCEEDED)
        )
        await session.execute(
            update(TaskRun)
            .where(TaskRun.status == Status.QUEUED)
            .values(status=Status.SUCCEEDED)
        )
        # What has ended cannot be changed any more; when it did is this test's own.
        await session.execute(text("ALTER TABLE task_executions DISABLE TRIGGER USER"))
        await session.execute(text("ALTER TABLE task_runs DISABLE TRIGGER USER"))
        await session.execute(
            text("UPDATE task_executions SET finished_at = app_now()")
        )
        await session.execute(text("UPDATE task_runs SET finished_at = app_now()"))


async def test_versions_and_findings_that_hold_never_go(
    database: Database,
    people: People,
    owner: AsyncSession,
    client: Client,
    free: None,
    move_clock: MoveClock,
) -> None:
    """Nor the reads that they began with, which outlast their executions."""
    reader = await make_reader(database, people.alice)
    await reader.list(instance("i-1", size="small"), instance("i-2"), instance("i-3"))
    await reader.check(judged("i-1", "unhealthy"), judged("i-2"))
    await reader.list(instance("i-1", size="large"), instance("i-2"))
    await reader.check(judged("i-1", "healthy"), judged("i-2"))
    await ended(reader)
    assert await total(owner, ResourceVersion) == 4
    await move_clock("60 days")
    await purge(database, people.alice)
    assert await total(owner, TaskExecution, ExecutionUnit, TaskRun) == 0
    versions = list(await owner.scalars(select(ResourceVersion)))
    assert [version.until_read for version in versions] == [None, None]
    assert {version.document.get("size") for version in versions} == {"large", None}
    findings = list(await owner.scalars(select(Finding)))
    assert [finding.until_read for finding in findings] == [None, None]
    assert {
        resource.identity for resource in await owner.scalars(select(Resource))
    } == {
        "i-1",
        "i-2",
    }
    reads = list(await owner.scalars(select(ScopeRead)))
    held = {version.from_read for version in versions}
    held |= {finding.from_read for finding in findings}
    assert held <= {read.id for read in reads}
    assert {read.execution_id for read in reads} == {None}
    await move_clock("0 days")
    alice = client(people.alice)
    for resource in (await alice.get("/api/v1/resources")).json()["items"]:
        page = await alice.get(f"/api/v1/resources/{resource['id']}/history")
        history = page.json()
        assert len(history["items"]) == 1
        assert history["items"][0]["from_execution_id"] is None
        assert history["purged_until"] is not None
    _, counts = await reader.list(
        instance("i-1", size="large"), instance("i-2"), instance("i-3")
    )
    assert (counts.unchanged, counts.new) == (2, 1)


async def test_the_last_read_of_a_scope_stays(
    database: Database,
    people: People,
    owner: AsyncSession,
    free: None,
    move_clock: MoveClock,
) -> None:
    """So that what is known of it still says how old it is."""
    reader = await make_reader(database, people.alice)
    for _ in range(3):
        await reader.list(instance("i-1"))
    await ended(reader)
    reads = select(ScopeRead.id).order_by(ScopeRead.read_at)
    first, _, last = await owner.scalars(reads)
    await move_clock("60 days")
    await purge(database, people.alice)
    assert await ids_of(owner, ScopeRead) == {first, last}
