"""Reads merged into the inventory: rows grow with change, not with runs."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.aws.errors import AWSServiceError
from app.core.db import Database, Login
from app.models.inventory import (
    Finding,
    Resource,
    ResourceVersion,
    Scope,
    ScopeRead,
)
from app.services import inventory
from app.services.inventory import ReadCounts
from app.services.scopes import Found, record_not_applicable
from app.services.staging import stage
from tests.builders import make_task
from tests.builders_runs import CATALOG, claim_of, unit_of
from tests.locks import until_it_waits
from tests.personae import People
from tests.services.reading import Reader, instance, judged, make_reader

TABLES = (Scope, ScopeRead, Resource, ResourceVersion, Finding)


@pytest.fixture
async def reader(database: Database, people: People) -> Reader:
    return await make_reader(database, people.alice)


async def rows(database: Database, table: type[Any] = ResourceVersion) -> Sequence[Any]:
    order = {Resource: Resource.identity, ResourceVersion: ResourceVersion.from_at}
    statement = select(table).order_by(order.get(table, table.id))
    async with database.unit_of_work(Login.OWNER) as session:
        return (await session.scalars(statement)).all()


async def tally(session: AsyncSession) -> dict[str, tuple[int, int]]:
    """By table: its rows, and the last transaction that wrote one."""
    found = {}
    for table in TABLES:
        many = await session.scalar(select(func.count()).select_from(table))
        last: int | None = await session.scalar(
            text(f"SELECT max(xmin::text::bigint) FROM {table.__tablename__}")  # noqa: S608 — our own names
        )
        found[table.__tablename__] = (many or 0, last or 0)
    return found


async def test_an_unchanged_read_writes_one_scope_read_and_no_other_row(
    database: Database, reader: Reader
) -> None:
    items = [instance(f"i-{n}") for n in range(20)]
    await reader.list(*items)
    async with database.unit_of_work(Login.OWNER) as session:
        before = await tally(session)
    _, counts = await reader.list(*items)
    async with database.unit_of_work(Login.OWNER) as session:
        after = await tally(session)
    assert counts == ReadCounts(20, new=0, returned=0, changed=0, gone=0, unchanged=20)
    assert after["scope_reads"][0] == before["scope_reads"][0] + 1
    for table in ("resources", "resource_versions", "findings"):
        # The newest transaction that wrote to the table is the same one: not even a
        # row was updated in place.
        assert after[table] == before[table]


async def test_order_of_lists_and_volatile_members_make_no_version(
    database: Database, reader: Reader
) -> None:
    volatile = frozenset({"LastUsed"})
    await reader.list(instance("i-1", volatile=volatile, Tags=["a", "b"], LastUsed=1))
    _, counts = await reader.list(
        instance("i-1", volatile=volatile, Tags=["b", "a"], LastUsed=2)
    )
    assert counts.unchanged == 1
    assert len(await rows(database)) == 1


async def test_a_change_closes_the_version_and_opens_another(
    database: Database, reader: Reader
) -> None:
    await reader.list(instance("i-1"), instance("i-2"))
    _, counts = await reader.list(instance("i-1", state="stopped"), instance("i-2"))
    assert counts == ReadCounts(2, new=0, returned=0, changed=1, gone=0, unchanged=1)
    old, new = [v for v in await rows(database) if v.document["InstanceId"] == "i-1"]
    reads = await rows(database, ScopeRead)
    assert (old.from_read, old.until_read) == (reads[0].id, reads[1].id)
    assert (new.from_read, new.until_read) == (reads[1].id, None)
    assert old.until_at == new.from_at == reads[1].read_at
    assert new.document["State"] == "stopped"
    first, second = await rows(database, Resource)
    assert (first.state, first.changed_at) == ("stopped", reads[1].read_at)
    assert second.changed_at == second.first_seen_at == reads[0].read_at


async def test_what_a_complete_read_lacks_is_gone_and_may_return(
    database: Database, reader: Reader
) -> None:
    await reader.list(instance("i-1"), instance("i-2"))
    _, gone = await reader.list(instance("i-2"))
    assert (gone.gone, gone.unchanged) == (1, 1)
    lost, kept = await rows(database, Resource)
    assert lost.gone_at is not None
    assert kept.gone_at is None
    (version,) = [v for v in await rows(database) if v.resource_id == lost.id]
    assert version.until_at == lost.gone_at

    _, back = await reader.list(instance("i-1"), instance("i-2"))
    assert back == ReadCounts(2, new=0, returned=1, changed=0, gone=0, unchanged=1)
    again, _ = await rows(database, Resource)
    assert again.id == lost.id
    assert again.gone_at is None
    assert again.first_seen_at == lost.first_seen_at
    versions = [v for v in await rows(database) if v.resource_id == lost.id]
    assert [v.until_read is None for v in versions] == [False, True]


async def test_a_gone_resource_is_gone_once(database: Database, reader: Reader) -> None:
    await reader.list(instance("i-1"))
    await reader.list()
    (gone,) = await rows(database, Resource)
    _, counts = await reader.list()
    assert counts.gone == 0
    assert (await rows(database, Resource))[0].gone_at == gone.gone_at


async def test_new_returned_changed_and_gone_are_told_apart_in_one_read(
    reader: Reader,
) -> None:
    await reader.list(instance("i-1"), instance("i-2"), instance("i-3"))
    await reader.list(instance("i-2"), instance("i-3"))
    _, counts = await reader.list(
        instance("i-1"), instance("i-2", state="stopped"), instance("i-4")
    )
    assert counts == ReadCounts(3, new=1, returned=1, changed=1, gone=1, unchanged=0)


async def test_a_new_name_for_the_same_content_makes_no_version(
    database: Database, reader: Reader
) -> None:
    await reader.list(instance("i-1", name=None))
    _, counts = await reader.list(instance("i-1", name="web"))
    assert counts.unchanged == 1
    (resource,) = await rows(database, Resource)
    assert resource.name == "web"
    assert resource.changed_at == resource.first_seen_at
    assert len(await rows(database)) == 1


async def test_five_thousand_resources_come_in_at_once(
    database: Database, reader: Reader
) -> None:
    items = [instance(f"i-{n:05}", Padding="x" * 500) for n in range(5000)]
    _, counts = await reader.list(*items)
    assert counts.new == 5000
    _, counts = await reader.list(*items[:-10])
    assert (counts.gone, counts.unchanged) == (10, 4990)
    assert len(await rows(database, Resource)) == 5000


async def test_an_identity_that_comes_twice_fails_the_unit_and_writes_nothing(
    database: Database, reader: Reader
) -> None:
    with pytest.raises(AWSServiceError) as refused:
        await reader.list(instance("i-1"), instance("i-1", state="stopped"))
    assert refused.value.facts.code == "hostile_or_oversized"
    with pytest.raises(AWSServiceError):
        await reader.check(judged("i-1"), judged("i-1", "unhealthy"))
    for table in TABLES:
        assert await rows(database, table) == []


async def test_a_listing_of_nothing_says_that_all_is_gone_once(
    database: Database, reader: Reader
) -> None:
    gone = []
    for items in ([], [instance("i-1"), instance("i-2")], [], []):
        _, counts = await reader.list(*items)
        gone.append((counts.items, counts.gone))
    assert gone == [(0, 0), (2, 0), (0, 2), (0, 0)]
    assert all(one.gone_at is not None for one in await rows(database, Resource))
    assert len(await rows(database, ScopeRead)) == 4


async def test_a_check_of_nothing_ends_each_verdict(
    database: Database, reader: Reader
) -> None:
    for findings in ([], [judged("i-1", "unhealthy")], [], []):
        _, found = await reader.check(*findings)
    assert found == Found("no_resources", {})
    (ended,) = await rows(database, Finding)
    assert ended.until_read is not None


async def test_two_reads_of_one_scope_wait_for_each_other(
    database: Database, reader: Reader
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        task = await make_task(
            session,
            reader.account.organization_id,
            accounts=(reader.account,),
            name="Another",
        )
    one, two = [
        await one.begin(kind="list", key="ec2:DescribeInstances")
        for one in (reader, replace(reader, task=task))
    ]
    both = await asyncio.gather(
        reader.record(*one, [instance("i-1"), instance("i-2")]),
        reader.record(*two, [instance("i-1"), instance("i-3")]),
    )
    assert sorted((c.new, c.gone, c.unchanged) for c in both) == [(1, 1, 1), (2, 0, 0)]
    open_versions = [v for v in await rows(database) if v.until_read is None]
    assert len(open_versions) == 2
    reads = await rows(database, ScopeRead)
    assert reads[0].read_at != reads[1].read_at
    assert len(await rows(database, Scope)) == 1


async def test_a_second_reader_waits_until_the_first_has_committed(
    database: Database, reader: Reader
) -> None:
    await reader.list(instance("i-1"))
    async with database.unit_of_work(Login.OWNER) as holder:
        await holder.execute(select(Scope).with_for_update())
        waiting = asyncio.create_task(reader.list(instance("i-2")))
        await until_it_waits(database, waiting)
        assert not waiting.done()
    _, counts = await waiting
    assert (counts.new, counts.gone) == (1, 1)


async def test_a_later_read_is_later_even_if_the_clock_was_set_back(
    database: Database, reader: Reader, move_clock: Any
) -> None:
    await move_clock("1 hour")
    await reader.list(instance("i-1"))
    await move_clock("0 hours")
    await reader.list(instance("i-1", state="stopped"))
    first, second = await rows(database, ScopeRead)
    assert second.read_at > first.read_at


async def test_a_failed_read_makes_the_scope_unknown_and_closes_nothing(
    database: Database, reader: Reader
) -> None:
    await reader.check(judged("i-1"))
    (before,) = await rows(database, Scope)
    execution = await reader.fail()
    (scope,) = await rows(database, Scope)
    assert (scope.verdict, scope.counts) == ("unknown", {})
    assert scope.error["code"] == "UnauthorizedOperation"
    assert scope.execution_id == execution.id
    assert scope.as_of > before.as_of
    (finding,) = await rows(database, Finding)
    assert finding.until_read is None
    assert len(await rows(database, ScopeRead)) == 1

    await reader.check(judged("i-1"))
    (scope,) = await rows(database, Scope)
    assert (scope.verdict, scope.error) == ("healthy", None)


async def test_findings_are_intervals_too(database: Database, reader: Reader) -> None:
    await reader.check(judged("i-1"), judged("i-2"))
    _, same = await reader.check(judged("i-2"), judged("i-1"))
    assert same == Found("healthy", {"healthy": 2})
    assert len(await rows(database, Finding)) == 2
    _, worse = await reader.check(judged("i-1", "unhealthy", "It is impaired."))
    assert worse == Found("unhealthy", {"unhealthy": 1})
    findings = await rows(database, Finding)
    assert len(findings) == 3
    (present,) = [one for one in findings if one.until_read is None]
    assert (present.identity, present.verdict) == ("i-1", "unhealthy")


async def test_changed_facts_make_another_finding(
    database: Database, reader: Reader
) -> None:
    await reader.check(judged("i-1", status="ok"))
    await reader.check(judged("i-1", status="initializing"))
    assert len(await rows(database, Finding)) == 2


async def test_no_findings_are_no_resources_and_not_healthy(
    database: Database, reader: Reader
) -> None:
    _, counts = await reader.check()
    assert counts.verdict == "no_resources"
    (scope,) = await rows(database, Scope)
    assert scope.verdict == "no_resources"


async def test_an_excluded_resource_is_excluded_by_whom_and_why(
    database: Database, people: People
) -> None:
    rule = {"type": "ec2:instance", "identity": "i-1", "by": "Olga", "reason": "old"}
    reader = await make_reader(database, people.alice, exclusions=[rule])
    _, counts = await reader.check(judged("i-1", "unhealthy"), judged("i-2"))
    assert counts == Found("healthy", {"excluded": 1, "healthy": 1})
    findings = await rows(database, Finding)
    (left_out,) = [one for one in findings if one.identity == "i-1"]
    assert (left_out.verdict, left_out.reason) == ("excluded", "Olga: old")
    assert left_out.facts == {"by": "Olga", "reason": "old"}


async def test_a_check_of_which_all_is_excluded_is_not_healthy(
    database: Database, people: People
) -> None:
    rule = {"type": "ec2:instance", "by": "Olga", "reason": "old"}
    reader = await make_reader(database, people.alice, exclusions=[rule])
    _, counts = await reader.check(judged("i-1"))
    assert counts.verdict == "excluded"


async def test_another_tenants_worker_sees_and_touches_nothing(
    database: Database, people: People, reader: Reader
) -> None:
    await reader.list(instance("i-1"))
    async with database.unit_of_work(
        Login.WORKER, organization_id=people.mallory.organization_id
    ) as session:
        for table in TABLES:
            assert await session.scalar(select(func.count()).select_from(table)) == 0
    theirs = await make_reader(database, people.mallory)
    _, counts = await theirs.list()
    assert counts.gone == 0
    assert (await rows(database, Resource))[0].gone_at is None


async def test_one_account_number_of_two_tenants_is_two_inventories(
    database: Database, people: People, reader: Reader
) -> None:
    theirs = await make_reader(database, people.mallory)
    await reader.list(instance("i-1"))
    _, counts = await theirs.list(instance("i-1"))
    assert counts.new == 1
    assert len(await rows(database, Scope)) == 2


async def test_the_unit_says_what_was_read(database: Database, reader: Reader) -> None:
    execution, unit = await reader.begin(kind="list", key="ec2:DescribeInstances")
    counts = await reader.record(execution, unit, [instance("i-1")])
    async with database.unit_of_work(Login.OWNER) as session:
        await session.refresh(stored := await session.merge(unit))
        assert stored.counts == asdict(counts)
        assert stored.verdict is None


async def test_several_units_fit_into_one_transaction(
    database: Database, reader: Reader
) -> None:
    one = await reader.begin(kind="list", key="ec2:DescribeInstances")
    two = await reader.begin(kind="list", key="ec2:DescribeVolumes")
    async with database.unit_of_work(
        Login.WORKER, organization_id=reader.account.organization_id
    ) as session:
        for execution, unit in (one, two):
            items = [instance(f"{unit.key} {n}") for n in range(3)]
            with inventory.spool() as spool:
                spool.add(items)
                await stage(session, spool)
                found = await inventory.record_listing(
                    session,
                    claim_of(execution),
                    unit_of(unit),
                    spool,
                    rule=CATALOG,
                    stale_at=lambda _: None,
                )
            assert found.counts["new"] == 3
    assert len(await rows(database, Resource)) == 6


async def test_a_region_that_becomes_not_applicable_keeps_no_old_verdict(
    database: Database, reader: Reader
) -> None:
    await reader.check(judged("i-1", "unhealthy"))
    execution, unit = await reader.begin(kind="health", key="ec2:instance_status")
    async with database.unit_of_work(
        Login.WORKER, organization_id=reader.account.organization_id
    ) as session:
        claim, asked = claim_of(execution), unit_of(unit)
        await record_not_applicable(session, claim, asked, stale_at=lambda _: None)
    (scope,) = await rows(database, Scope)
    assert (scope.verdict, scope.counts) == ("not_applicable", {})
    (finding,) = await rows(database, Finding)
    assert finding.until_read is None
