"""The resources in the inventory are counted with the read that finds them, and a read
that would store more than the plan allows stores nothing."""

import asyncio
from collections import Counter
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from app.aws.errors import AWSConfigurationError
from app.core.db import Database, Login
from app.models.aws_account import AWSAccount
from app.models.inventory import Resource, ResourceVersion, ScopeRead
from app.models.usage_count import CountedMetric, UsageCount
from tests.builders_runs import make_unit
from tests.locks import until_it_waits
from tests.personae import People
from tests.services.reading import Reader, instance, make_reader
from tests.using import limit


@pytest.fixture
async def reader(database: Database, people: People) -> Reader:
    return await make_reader(database, people.alice)


async def counted(database: Database, organization_id: UUID) -> int:
    mine = select(UsageCount.value).where(
        UsageCount.organization_id == organization_id,
        UsageCount.metric == CountedMetric.STORED_RESOURCES,
    )
    async with database.unit_of_work(Login.OWNER) as session:
        return await session.scalar(mine) or 0


async def rows(database: Database) -> Counter[str]:
    tables = (Resource, ResourceVersion, ScopeRead)
    async with database.unit_of_work(Login.OWNER) as session:
        return Counter(
            {
                table.__tablename__: (
                    await session.execute(select(func.count(table.id)))
                ).scalar_one()
                for table in tables
            }
        )


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    reads=st.lists(
        st.tuples(
            st.sampled_from(["ec2:DescribeInstances", "ec2:DescribeVpcs"]),
            st.sets(st.integers(0, 6)),
        ),
        max_size=6,
    )
)
async def test_what_is_counted_is_what_is_there_whatever_comes_goes_and_returns(
    database: Database, reader: Reader, reads: list[tuple[str, set[int]]]
) -> None:
    for key, ids in reads:
        await reader.list(*(instance(f"i-{n}") for n in sorted(ids)), key=key)
    present = select(func.count(Resource.id)).where(Resource.gone_at.is_(None))
    async with database.unit_of_work(Login.OWNER) as session:
        there = (await session.execute(present)).scalar_one()
    assert await counted(database, reader.account.organization_id) == there


async def test_a_read_beyond_the_plan_fails_and_nothing_of_it_is_stored(
    database: Database, reader: Reader
) -> None:
    tenant = reader.account.organization_id
    await limit(database, tenant, stored_resources=3)
    await reader.list(instance("i-1"), instance("i-2"))
    before = await rows(database)
    more = [instance(f"i-{number}", state="stopped") for number in range(5)]
    with pytest.raises(AWSConfigurationError) as refused:
        await reader.list(*more)
    assert refused.value.facts.code == "resource_cap"
    assert "5 resources would be stored, your plan allows 3" in str(refused.value)
    assert await rows(database) == before
    assert await counted(database, tenant) == 2


async def test_who_is_beyond_the_plan_may_change_and_shrink(
    database: Database, reader: Reader
) -> None:
    tenant = reader.account.organization_id
    await reader.list(*(instance(f"i-{number}") for number in range(5)))
    await limit(database, tenant, stored_resources=3)
    _, same = await reader.list(
        *(instance(f"i-{number}", name="renamed", size=number) for number in range(5))
    )
    assert same.changed == 5
    _, fewer = await reader.list(*(instance(f"i-{number}") for number in range(4)))
    assert fewer.gone == 1
    with pytest.raises(AWSConfigurationError):
        await reader.list(*(instance(f"i-{number}") for number in range(5)))
    assert await counted(database, tenant) == 4


async def test_reads_at_once_do_not_pass_the_limit_together(
    database: Database, reader: Reader
) -> None:
    tenant = reader.account.organization_id
    await limit(database, tenant, stored_resources=10)
    execution, first = await reader.begin(kind="list", key="ec2:DescribeInstances")
    async with database.unit_of_work(Login.OWNER) as session:
        keys = [f"ec2:Describe{number}" for number in range(7)]
        units = [first, *[await make_unit(session, execution, key=key) for key in keys]]

    async def read(number: int) -> bool:
        items = [instance(f"i-{number}-{one}") for one in range(3)]
        try:
            await reader.record(execution, units[number], items)
        except AWSConfigurationError:
            return False
        return True

    read_whole = await asyncio.gather(*(read(number) for number in range(len(units))))
    assert sum(read_whole) == 3
    assert (await rows(database))["resources"] == 9
    assert await counted(database, tenant) == 9


async def connect(database: Database, reader: Reader, *, so: bool) -> None:
    mine = update(AWSAccount).where(AWSAccount.id == reader.account.id)
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(mine.values(connected=so))


async def test_those_of_an_account_that_is_disconnected_are_not_counted(
    database: Database, reader: Reader
) -> None:
    tenant = reader.account.organization_id
    await reader.list(instance("i-1"), instance("i-2"))
    await connect(database, reader, so=False)
    assert await counted(database, tenant) == 0
    # One that still ran.
    await reader.list(instance("i-1"), instance("i-2"), instance("i-3"))
    assert await counted(database, tenant) == 0
    await connect(database, reader, so=True)
    assert await counted(database, tenant) == 3


async def test_counters_are_locked_in_one_order_whoever_connects_or_disconnects(
    database: Database, reader: Reader
) -> None:
    tenant = reader.account.organization_id
    await reader.list(instance("i-1"))
    async with database.unit_of_work(Login.APP, organization_id=tenant) as session:
        of = select(UsageCount).where(UsageCount.organization_id == tenant)
        for metric in (CountedMetric.AWS_ACCOUNTS, CountedMetric.STORED_RESOURCES):
            mine = of.where(UsageCount.metric == metric).with_for_update()
            (await session.scalars(mine)).one()
            if metric is CountedMetric.AWS_ACCOUNTS:
                leaving = asyncio.create_task(connect(database, reader, so=False))
                await until_it_waits(database, leaving)
                assert not leaving.done()
    await leaving
    assert await counted(database, tenant) == 0


async def test_who_disconnects_waits_for_a_read_and_counts_what_it_found(
    database: Database, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant = reader.account.organization_id
    leaving: list[asyncio.Task[None]] = []

    async def disconnect_meanwhile(*_: object) -> None:
        leaving.append(asyncio.create_task(connect(database, reader, so=False)))
        await until_it_waits(database, leaving[0])
        assert not leaving[0].done()

    monkeypatch.setattr(Reader, "_end", disconnect_meanwhile)
    await reader.list(instance("i-1"), instance("i-2"))
    await leaving[0]
    assert await counted(database, tenant) == 0


async def test_a_read_and_a_disconnection_at_once_are_both_counted(
    database: Database, reader: Reader
) -> None:
    tenant = reader.account.organization_id
    for n in range(8):
        read = reader.list(*(instance(f"i-{n}-{one}") for one in range(n + 1)))
        await asyncio.gather(read, connect(database, reader, so=n % 2 == 0))
        await connect(database, reader, so=False)
        assert await counted(database, tenant) == 0
        await connect(database, reader, so=True)
        assert await counted(database, tenant) == n + 1
