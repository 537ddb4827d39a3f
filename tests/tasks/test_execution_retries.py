"""Failures that a policy has tried again: the same execution, each try on record, and
what was read is read once."""

from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from app.core.db import Login
from app.models.outbox import OutboxMessage
from app.models.problem import Problem
from app.models.run import (
    ExecutionEvent,
    ExecutionUnit,
    Status,
    TaskExecution,
    TaskResult,
    TaskRun,
    UnitStatus,
)
from app.models.task import OnError, Task
from app.services import execution_ends
from app.services.claims import Claim
from app.services.decisions.status import MOVES
from app.services.execution_retries import RETRIED
from app.services.reaping import reap
from app.tasks import outbox
from app.tasks.worker import Worker
from tests.aws.fake_aws import Asked
from tests.aws.faults import Fault, Refused
from tests.builders import make_task
from tests.builders_runs import an_error, make_execution, make_run, make_unit
from tests.claiming import claim_one, take_one
from tests.conftest import Client
from tests.personae import People
from tests.tasks.faked import REGION, Faked

MoveClock = Callable[[str], Awaitable[None]]

READ, FAILS, DENIED = "sns:ListTopics", "lambda:ListFunctions", "logs:DescribeLogGroups"
THROTTLED = Refused("ThrottlingException", 400)
REFUSED = Refused("AccessDeniedException", 403)
LIMITS = {"categories": ["AWSServiceLimitError"], "retries": 2, "delay_seconds": 30}


def failing(**faults: Fault) -> Callable[[Asked], Fault | None]:
    return lambda asked: faults.get(asked.operation)


async def task_of(
    faked: Faked,
    *keys: str,
    policy: dict[str, Any] | None = LIMITS,
    on_error: OnError = OnError.ISOLATE,
) -> Task:
    async with faked.database.unit_of_work(Login.OWNER) as session:
        return await make_task(
            session,
            faked.account.organization_id,
            accounts=(faked.account,),
            services=tuple(dict.fromkeys(key.partition(":")[0] for key in keys)),
            regions=(REGION,),
            parameters={"operations": list(keys)},
            on_error=on_error,
            retry_policy=policy,
        )


async def again(faked: Faked, execution: TaskExecution) -> TaskExecution:
    """Its next try, whose time has come, and what is known of it then."""
    assert await take_one(faked.worker)
    return await look(faked, execution.id)


async def look(faked: Faked, id: UUID) -> TaskExecution:
    async with faked.database.unit_of_work(Login.OWNER) as session:
        return await session.get_one(TaskExecution, id)


async def all_of(faked: Faked, model: Any, **where: object) -> list[Any]:
    async with faked.database.unit_of_work(Login.OWNER) as session:
        return list(await session.scalars(select(model).filter_by(**where)))


def asked_of(faked: Faked) -> Counter[str]:
    return Counter(asked.operation for asked in faked.fake.ledger)


async def test_a_named_failure_goes_back_to_the_queue_with_the_try_on_record(
    faked: Faked,
) -> None:
    faked.fake.judge = failing(ListFunctions=THROTTLED)
    execution = await faked.run(await task_of(faked, READ, FAILS))
    assert (execution.status, execution.reason) == (Status.QUEUED, "retry")
    assert (execution.retry_no, execution.attempt, execution.error) == (1, 1, None)
    assert (execution.lease_owner, execution.deadline) == (None, None)
    units = await faked.units(execution.id)
    assert units[READ].status == UnitStatus.SUCCEEDED
    assert (units[FAILS].status, units[FAILS].error) == (UnitStatus.PENDING, None)
    [event] = await all_of(faked, ExecutionEvent, kind=RETRIED)
    assert (event.from_status, event.to_status) == ("running", "queued")
    assert event.actor == f"worker:{faked.worker.name}"
    assert event.detail["error"]["category"] == "AWSServiceLimitError"
    [told] = event.detail["units"]
    assert (told["key"], told["region"]) == (FAILS, REGION)
    assert told["code"] == "ThrottlingException"
    [run] = await all_of(faked, TaskRun)
    assert run.status == Status.QUEUED
    assert await all_of(faked, Problem) == []
    assert await all_of(faked, TaskResult) == []


async def test_it_waits_for_the_delay_and_reads_only_what_was_not_read(
    faked: Faked, move_clock: MoveClock
) -> None:
    faked.fake.judge = failing(ListFunctions=THROTTLED)
    execution = await faked.run(await task_of(faked, READ, FAILS))
    read = asked_of(faked)["ListTopics"]
    failed_calls = asked_of(faked)["ListFunctions"]
    faked.fake.judge = None
    await move_clock("29 seconds")
    assert not await take_one(faked.worker)
    await move_clock("31 seconds")
    execution = await again(faked, execution)
    assert (execution.status, execution.error) == (Status.SUCCEEDED, None)
    assert (execution.retry_no, execution.attempt) == (1, 2)
    assert asked_of(faked)["ListTopics"] == read
    [result] = await all_of(faked, TaskResult)
    assert result.calls >= sum(asked_of(faked).values()) - asked_of(faked)["AssumeRole"]
    assert result.calls > failed_calls
    assert result.coverage["not_read"] == []
    [run] = await all_of(faked, TaskRun)
    assert run.status == Status.SUCCEEDED


async def test_a_unit_tells_the_answers_of_its_last_try_alone(
    faked: Faked, move_clock: MoveClock
) -> None:
    task = await task_of(faked, READ, FAILS)
    faked.fake.judge = failing(ListFunctions=THROTTLED)
    execution = await faked.run(task)
    waiting = await faked.units(execution.id)
    assert waiting[FAILS].answers is None
    faked.fake.judge = None
    await move_clock("31 seconds")
    await again(faked, execution)
    read = await faked.units(execution.id)
    for unit in read.values():
        assert unit.answers is not None
        assert unit.answers["count"] == unit.calls
        assert unit.answers["first"][0]["operation"] == unit.key
    (result,) = await all_of(faked, TaskResult, execution_id=execution.id)
    assert result.calls > sum(unit.calls for unit in read.values())


async def test_no_policy_means_no_second_try(faked: Faked) -> None:
    faked.fake.judge = failing(ListFunctions=THROTTLED)
    execution = await faked.run(await task_of(faked, FAILS, policy=None))
    assert (execution.status, execution.retry_no) == (Status.FAILED, 0)


async def test_who_deletes_a_task_wants_no_second_try(faked: Faked) -> None:
    task = await task_of(faked, FAILS)
    async with faked.database.unit_of_work(Login.OWNER) as session:
        gone = update(Task).where(Task.id == task.id)
        await session.execute(gone.values(deleted_at=func.app_now(), enabled=False))
    faked.fake.judge = failing(ListFunctions=THROTTLED)
    assert (await faked.run(task)).status == Status.FAILED


async def test_one_error_that_is_not_named_lets_the_failure_stand(
    faked: Faked,
) -> None:
    faked.fake.judge = failing(ListFunctions=THROTTLED, DescribeLogGroups=REFUSED)
    execution = await faked.run(await task_of(faked, READ, FAILS, DENIED))
    assert (execution.status, execution.retry_no) == (Status.FAILED, 0)
    assert len(await all_of(faked, Problem)) == 2


async def test_the_last_failure_counts_and_is_the_only_problem(
    faked: Faked, move_clock: MoveClock
) -> None:
    faked.fake.judge = failing(ListFunctions=THROTTLED)
    execution = await faked.run(await task_of(faked, FAILS))
    for seconds in (31, 62):
        await move_clock(f"{seconds} seconds")
        execution = await again(faked, execution)
    assert (execution.status, execution.retry_no) == (Status.FAILED, 2)
    assert execution.error is not None
    [problem] = await all_of(faked, Problem)
    assert (problem.count, problem.last_execution_id) == (1, execution.id)
    tries = await all_of(faked, ExecutionEvent, kind=RETRIED)
    assert sorted(one.detail["retry_no"] for one in tries) == [1, 2]
    [run] = await all_of(faked, TaskRun)
    assert run.status == Status.FAILED


async def test_what_was_stopped_by_a_failure_is_tried_again_with_it(
    faked: Faked, move_clock: MoveClock
) -> None:
    faked.worker.settings = faked.worker.settings.model_copy(
        update={"units_at_once": 1}
    )
    faked.fake.judge = failing(ListFunctions=THROTTLED)
    task = await task_of(faked, FAILS, READ, on_error=OnError.STOP)
    execution = await faked.run(task)
    units = await faked.units(execution.id)
    assert {unit.status for unit in units.values()} == {UnitStatus.PENDING}
    faked.fake.judge = None
    await move_clock("31 seconds")
    assert (await again(faked, execution)).status == Status.SUCCEEDED


async def test_a_failure_before_the_first_unit_is_tried_again(
    faked: Faked, move_clock: MoveClock
) -> None:
    policy = LIMITS | {"categories": ["AWSPermissionError"]}
    faked.fake.judge = failing(DescribeRegions=REFUSED)
    execution = await faked.run(await task_of(faked, READ, policy=policy))
    assert (execution.status, execution.retry_no) == (Status.QUEUED, 1)
    faked.fake.judge = None
    await move_clock("31 seconds")
    assert (await again(faked, execution)).status == Status.SUCCEEDED


async def test_without_a_delay_it_is_hinted_at_once(faked: Faked) -> None:
    faked.fake.judge = failing(ListFunctions=THROTTLED)
    policy = LIMITS | {"delay_seconds": 0}
    execution = await faked.run(await task_of(faked, FAILS, policy=policy))
    faked.fake.judge = None
    assert (await again(faked, execution)).status == Status.SUCCEEDED


async def test_each_try_has_the_whole_time(faked: Faked, move_clock: MoveClock) -> None:
    faked.fake.judge = failing(ListFunctions=THROTTLED)
    await faked.run(await task_of(faked, FAILS))
    await move_clock("1 hour")
    claim = await claim_one(faked.worker)
    assert claim is not None
    execution = await look(faked, claim.execution_id)
    async with faked.database.unit_of_work(Login.OWNER) as session:
        now = (await session.execute(select(func.app_now()))).scalar_one()
    assert execution.deadline is not None
    assert timedelta(minutes=14) < execution.deadline - now <= timedelta(minutes=15)


async def test_a_timeout_is_no_error_of_a_category(faked: Faked) -> None:
    async def time_out(_worker: Worker, claim: Claim, _stop: Any) -> None:
        async with faked.database.unit_of_work(
            Login.WORKER, organization_id=claim.organization_id
        ) as session:
            await execution_ends.finish(
                session, claim, ended=(Status.FAILED, "timed_out"), error=THROTTLING
            )

    assert (await ended_by(faked, time_out)).status == Status.FAILED


THROTTLING = an_error(category="AWSServiceLimitError", missing_action=None)


async def ended_by(faked: Faked, run: Any) -> TaskExecution:
    task = await task_of(faked, READ)
    async with faked.database.unit_of_work(Login.OWNER) as session:
        execution = await make_execution(
            session, task, faked.account, status=Status.QUEUED
        )
    assert await take_one(faked.worker, run)
    return await look(faked, execution.id)


@pytest.mark.parametrize("effect_started", [False, True])
async def test_a_change_whose_effect_was_started_is_not_repeated(
    faked: Faked, *, effect_started: bool
) -> None:
    async def fail(_worker: Worker, claim: Claim, _stop: Any) -> None:
        async with faked.database.unit_of_work(Login.OWNER) as session:
            started = func.app_now() if effect_started else None
            values = {"kind": "mutate", "effect_started_at": started}
            await session.execute(update(TaskExecution).values(**values))
        async with faked.database.unit_of_work(
            Login.WORKER, organization_id=claim.organization_id
        ) as session:
            ended = (Status.FAILED, "before_first_unit")
            await execution_ends.finish(session, claim, ended=ended, error=THROTTLING)

    execution = await ended_by(faked, fail)
    expected = Status.FAILED if effect_started else Status.QUEUED
    assert execution.status == expected


async def test_it_is_cancelled_while_it_waits_and_what_was_read_is_told(
    faked: Faked, client: Client, people: People, move_clock: MoveClock
) -> None:
    faked.fake.judge = failing(ListFunctions=THROTTLED)
    execution = await faked.run(await task_of(faked, READ, FAILS))
    olga = client(people.olga)
    shown = (await olga.get(f"/api/v1/executions/{execution.id}")).json()
    assert (shown["retry_no"], shown["reason"]) == (1, "retry")
    assert shown["not_before"] is not None
    answer = await olga.post(f"/api/v1/executions/{execution.id}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (202, "cancelled")
    await move_clock("1 hour")
    assert not await take_one(faked.worker)
    [message] = await all_of(faked, OutboxMessage)
    await outbox.deliver(faked.worker, message.id)
    [result] = await all_of(faked, TaskResult)
    assert [one["key"] for one in result.coverage["read"]] == [READ]
    assert [one["key"] for one in result.coverage["not_read"]] == [FAILS]
    units = await faked.units(execution.id)
    assert units[FAILS].status == UnitStatus.NOT_ATTEMPTED


async def test_who_asked_to_cancel_is_not_answered_by_another_try(
    faked: Faked,
) -> None:
    async def fail(_worker: Worker, claim: Claim, _stop: Any) -> None:
        async with faked.database.unit_of_work(Login.OWNER) as session:
            asked = update(TaskExecution).values(cancel_requested_at=func.app_now())
            await session.execute(asked)
        async with faked.database.unit_of_work(
            Login.WORKER, organization_id=claim.organization_id
        ) as session:
            ended = (Status.FAILED, "before_first_unit")
            await execution_ends.finish(session, claim, ended=ended, error=THROTTLING)

    assert (await ended_by(faked, fail)).status == Status.FAILED


async def test_a_retry_is_no_lost_worker(faked: Faked, move_clock: MoveClock) -> None:
    """Two tries failed, so the third lease is the first that is lost."""
    faked.fake.judge = failing(ListFunctions=THROTTLED)
    execution = await faked.run(await task_of(faked, FAILS))
    await move_clock("31 seconds")
    await again(faked, execution)
    await move_clock("62 seconds")
    assert await claim_one(faked.worker)
    await move_clock("10 minutes")
    async with faked.database.system_session("reap") as session:
        assert await reap(session, limit=10) == 1
    execution = await look(faked, execution.id)
    assert (execution.status, execution.attempt) == (Status.QUEUED, 3)


async def test_failed_units_of_a_lost_execution_are_problems_too(
    faked: Faked, move_clock: MoveClock
) -> None:
    task = await task_of(faked, READ, FAILS)
    async with faked.database.unit_of_work(Login.OWNER) as session:
        run = await make_run(session, task)
        execution = await make_execution(
            session, task, faked.account, run=run, status=Status.RUNNING
        )
        execution.attempt = 3
        execution.lease_until = await session.scalar(select(func.app_now()))
        await make_unit(session, execution, key=READ)
        await make_unit(
            session,
            execution,
            key=FAILS,
            status=UnitStatus.FAILED,
            error=THROTTLING,
        )
    await move_clock("1 minute")
    async with faked.database.system_session("reap") as session:
        await reap(session, limit=10)
    for message in await all_of(faked, OutboxMessage):
        await outbox.deliver(faked.worker, message.id)
    [problem] = await all_of(faked, Problem)
    assert problem.category == "AWSServiceLimitError"


@pytest.mark.parametrize("old", list(MOVES["unit"]))
@pytest.mark.parametrize("of", [Status.RUNNING, Status.FAILED])
async def test_the_database_allows_the_moves_of_units_and_no_others(
    faked: Faked, old: str, of: Status
) -> None:
    """Of an execution that has ended no unit goes back."""
    task = await task_of(faked, READ)
    allowed = set()
    async with faked.database.unit_of_work(Login.OWNER) as session:
        execution = await make_execution(session, task, faked.account, status=of)
        unit = await make_unit(session, execution, status=UnitStatus(old))
        of_unit = update(ExecutionUnit).where(ExecutionUnit.id == unit.id)
        for new in MOVES["unit"].keys() - {old}:
            move = await session.begin_nested()
            try:
                await session.execute(of_unit.values(status=new))
            except IntegrityError:
                await move.rollback()
            else:
                allowed.add(new)
                await move.rollback()
    goes_back = set() if of is Status.RUNNING or old == "running" else {"pending"}
    assert allowed == MOVES["unit"][old] - goes_back
