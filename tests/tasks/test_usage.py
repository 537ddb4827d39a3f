"""Calls to AWS are counted once, with the end of their execution, whatever became of
it; turns in a chain count like slots."""

import pytest
from sqlalchemy import func, select, update

from app.core.db import Login
from app.models.aws_account import AWSAccount
from app.models.run import Status, TaskResult
from app.services import execution_ends
from tests.claiming import take_one
from tests.conftest import Client
from tests.personae import People
from tests.tasks.chained import Rota
from tests.tasks.faked import Faked
from tests.tasks.test_execution_retries import (
    FAILS,
    LIMITS,
    READ,
    REFUSED,
    THROTTLED,
    MoveClock,
    failing,
    task_of,
)
from tests.using import limit, used


@pytest.fixture
def rota(faked: Faked, people: People) -> Rota:
    return Rota(faked.database, faked.worker, faked.account, people, {})


async def counted(faked: Faked) -> int:
    """What was counted, which is what the results say."""
    async with faked.database.unit_of_work(Login.OWNER) as session:
        told = await session.scalar(select(func.sum(TaskResult.calls)))
    _, _, calls = await used(faked.database, faked.account.organization_id)
    assert calls == (told or 0)
    return calls


async def test_the_calls_of_an_execution_are_counted_when_it_ends(
    faked: Faked,
) -> None:
    task = await task_of(faked, READ)
    await faked.run(task)
    first = await counted(faked)
    assert first > 0
    await faked.run(task)
    assert await counted(faked) > first


async def test_those_of_one_that_failed_are_counted_too(faked: Faked) -> None:
    faked.fake.judge = failing(ListFunctions=REFUSED)
    execution = await faked.run(await task_of(faked, READ, FAILS, policy=None))
    assert execution.status is Status.FAILED
    assert await counted(faked) > 0


async def test_those_of_all_tries_are_counted_once_the_last_has_ended(
    faked: Faked, move_clock: MoveClock
) -> None:
    faked.fake.judge = failing(ListFunctions=THROTTLED)
    await faked.run(await task_of(faked, READ, FAILS, policy=LIMITS))
    assert await counted(faked) == 0
    for minutes in (1, 2):
        await move_clock(f"{minutes} minutes")
        assert await take_one(faked.worker)
    assert await counted(faked) > 0


async def test_those_of_one_that_is_cancelled_between_its_tries_are_counted_once(
    faked: Faked, client: Client, people: People
) -> None:
    faked.fake.judge = failing(ListFunctions=THROTTLED)
    execution = await faked.run(await task_of(faked, READ, FAILS, policy=LIMITS))
    await client(people.olga).post(f"/api/v1/executions/{execution.id}/cancel")
    for _ in range(2):  # a job of the outbox may run twice
        async with faked.database.unit_of_work(
            Login.WORKER, organization_id=execution.organization_id
        ) as session:
            await execution_ends.settle_lost(
                session, execution.organization_id, execution.id
            )
    assert await counted(faked) > 0


async def test_what_asked_nothing_of_aws_counts_nothing(faked: Faked) -> None:
    async with faked.database.unit_of_work(Login.OWNER) as session:
        excluded = update(AWSAccount).values(
            exclusions=[{"service": "sns", "reason": "not ours", "by": "Alice"}]
        )
        await session.execute(excluded)
    execution = await faked.run(await task_of(faked, READ))
    assert execution.status is Status.SKIPPED
    await counted(faked)


# ── chains ───────────────────────────────────────────────────────────────────────


async def test_turns_in_a_chain_are_counted_like_slots(rota: Rota) -> None:
    await rota.make("a>b", "a>c")
    await rota.start("a")
    await rota.end("a")
    await rota.deliver()
    assert await used(rota.database, rota.account.organization_id) == (3, 0, 0)


async def test_a_turn_beyond_the_plan_is_recorded_as_skipped_and_interrupts(
    rota: Rota,
) -> None:
    tenant = rota.account.organization_id
    await limit(rota.database, tenant, executions_per_month=1)
    await rota.make("a>b", "b.c")
    await rota.start("a")
    await rota.end("a")
    await rota.deliver()
    assert await rota.told() == {
        "a": ("succeeded", None),
        "b": ("skipped", "plan_limit"),
        "c": ("skipped", "chain_interrupted"),
    }
    assert await used(rota.database, tenant) == (1, 1, 0)


# ── units ────────────────────────────────────────────────────────────────────────


async def test_more_units_than_the_plan_allows_fail_before_anything_is_asked(
    faked: Faked,
) -> None:
    await limit(faked.database, faked.account.organization_id, units_per_execution=1)
    execution = await faked.run(await task_of(faked, READ, FAILS, policy=None))
    assert execution.status is Status.FAILED
    assert execution.error is not None
    facts = (execution.error["category"], execution.error["code"])
    assert facts == ("AWSConfigurationError", "unit_cap")
    assert "your plan allows 1" in execution.error["message"]
    assert faked.fake.ledger == []
