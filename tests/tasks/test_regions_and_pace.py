"""What the record of an execution says of regions that are off, and of a pace that was
not kept together with the other processes."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.aws.catalog.loader import catalog
from app.models.run import ExecutionUnit, Status, TaskResult, UnitStatus
from app.tasks.pacing import Pacer
from tests.tasks.faked import REGION, Faked

LISTING = "sns:ListTopics"
OFF = "me-south-1"


async def result_of(owner: AsyncSession) -> TaskResult:
    return (await owner.scalars(select(TaskResult))).one()


async def test_a_region_that_is_off_is_not_asked_and_is_no_failure(
    faked: Faked, owner: AsyncSession
) -> None:
    faked.fake.answers["ec2:DescribeRegions"] = {
        "Regions": [
            {
                "RegionName": one,
                "OptInStatus": "not-opted-in" if one == OFF else "opted-in",
            }
            for one in catalog().regions
        ]
    }
    task = await faked.make_task(LISTING, regions=(REGION, OFF))
    execution = await faked.run(task)
    assert execution.status == Status.SUCCEEDED
    units = {unit.region: unit for unit in await owner.scalars(select(ExecutionUnit))}
    assert units[REGION].status == UnitStatus.SUCCEEDED
    assert units[OFF].status == UnitStatus.NOT_APPLICABLE
    assert units[OFF].reason
    assert OFF not in {asked.region for asked in faked.fake.ledger}
    # Who reads the result is told that this region was not looked at, and why.
    coverage = (await result_of(owner)).coverage
    assert OFF in str(coverage["not_applicable"])


@pytest.fixture
def paced_alone(faked: Faked) -> Iterator[Faked]:
    faked.worker.pacer = Pacer(
        "redis://127.0.0.1:1/0", rate=1000, burst=1000, processes=1
    )
    yield faked
    faked.worker.pacer.close()


async def test_a_pace_that_was_kept_alone_is_told(
    paced_alone: Faked, owner: AsyncSession
) -> None:
    execution = await paced_alone.run(await paced_alone.make_task(LISTING))
    assert execution.status == Status.SUCCEEDED
    [unit] = (await paced_alone.units(execution.id)).values()
    assert unit.pacing == "local"
    assert (await result_of(owner)).pacing == "local"
