"""The month's calls to AWS are looked at again when an execution begins: what waited in
the queue does not pass the limit either."""

import asyncio
from collections import Counter

import pytest
from sqlalchemy import func, select

from app.core.db import Login
from app.models.run import Status, TaskExecution, TaskResult
from app.tasks import executions
from tests.claiming import claim_one
from tests.tasks.conftest import queue_execution
from tests.tasks.faked import Faked
from tests.tasks.test_execution_retries import READ
from tests.using import limit, use, used

AT_ONCE = 4


async def test_a_queued_execution_is_skipped_once_no_call_is_left(
    faked: Faked,
) -> None:
    tenant = faked.account.organization_id
    await limit(faked.database, tenant, aws_calls_per_month=100)
    await use(faked.database, tenant, aws_calls=100)
    execution = await faked.run(await faked.make_task(READ))
    assert (execution.status, execution.reason) == (Status.SKIPPED, "plan_limit")
    assert not faked.fake.ledger
    async with faked.database.unit_of_work(Login.OWNER) as session:
        (result,) = await session.scalars(select(TaskResult))
    (unread,) = result.coverage["not_read"]
    assert unread["reason"] == "plan_limit"
    assert await used(faked.database, tenant) == (0, 0, 100)


async def test_it_makes_no_more_calls_than_are_left(faked: Faked) -> None:
    tenant = faked.account.organization_id
    await limit(faked.database, tenant, aws_calls_per_month=100)
    await use(faked.database, tenant, aws_calls=99)
    execution = await faked.run(await faked.make_task(READ))
    assert execution.status is Status.FAILED
    assert execution.error is not None
    assert execution.error["code"] == "call_cap"
    assert "your plan left" in execution.error["message"]
    assert await used(faked.database, tenant) == (0, 0, 100)


async def test_without_a_limit_nothing_is_narrowed(faked: Faked) -> None:
    await use(faked.database, faked.account.organization_id, aws_calls=10**9)
    execution = await faked.run(await faked.make_task(READ))
    assert execution.status is Status.SUCCEEDED


@pytest.mark.parametrize("left", [1, 7, 20])
async def test_many_at_once_pass_the_limit_by_no_more_than_runs_at_once(
    faked: Faked, left: int
) -> None:
    """Each of those that run together may use what was left when it began."""
    tenant = faked.account.organization_id
    await limit(faked.database, tenant, aws_calls_per_month=left)
    ids = [
        await queue_execution(
            faked.database, await faked.make_task(READ), faked.account
        )
        for _ in range(20)
    ]

    async def work_on() -> None:
        while (claim := await claim_one(faked.worker)) is not None:
            await faked.worker.work(claim, executions.run)

    await asyncio.gather(*(work_on() for _ in range(AT_ONCE)))
    async with faked.database.unit_of_work(Login.OWNER) as session:
        ended = Counter(await session.scalars(select(TaskExecution.status)))
        calls = await session.scalar(select(func.sum(TaskResult.calls)))
    assert ended.total() == len(ids)
    assert ended[Status.QUEUED] == ended[Status.RUNNING] == 0
    assert ended[Status.SKIPPED] > 0
    assert left <= (calls or 0) <= AT_ONCE * left
    assert await used(faked.database, tenant) == (0, 0, calls)
