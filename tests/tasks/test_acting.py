"""What changes something: the intent is on record before the one call, and an outcome
that nobody knows is never made up nor tried again."""

import itertools
from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

import pytest
from sqlalchemy import select

from app.aws.call import Pace
from app.core.db import Database, Login
from app.models.aws_account import AWSCredentials, CredentialsPurpose
from app.models.run import ExecutionEvent, Status, TaskExecution
from app.models.task import ActionKind, OnError, Task, TaskType
from app.services import execution_ends
from app.services.reaping import reap
from app.tasks import acting
from app.tasks.stopping import StopReason
from tests.aws.fake_aws import Asked, FakeAWS
from tests.aws.faults import Broken, Fault, Refused
from tests.builders import make_task
from tests.builders_runs import make_execution, make_run
from tests.claiming import take_one
from tests.services.test_turns import MoveClock
from tests.tasks.faked import REGION, Faked

QUEUE = "https://sqs.eu-central-1.amazonaws.com/123456789012/rehearsals"
STEPS = tuple(f"sqs:SendMessage#{step}" for step in (1, 2, 3))


@pytest.fixture
async def mutating(faked: Faked) -> Faked:
    """The account lets us write, and the worker is one that does."""
    settings = faked.worker.settings.model_copy(update={"worker_kind": "mutate"})
    faked.worker.settings = settings
    faked.worker.kind = ActionKind.MUTATE
    async with faked.database.unit_of_work(Login.OWNER) as session:
        for credentials in await session.scalars(select(AWSCredentials)):
            credentials.purpose = CredentialsPurpose.WRITE
    return faked


async def rehearsal(faked: Faked, on_error: OnError = OnError.STOP) -> Task:
    async with faked.database.unit_of_work(Login.OWNER) as session:
        return await make_task(
            session,
            faked.account.organization_id,
            accounts=(faked.account,),
            type=TaskType.REHEARSAL,
            kind=ActionKind.MUTATE,
            services=("sqs",),
            regions=(REGION,),
            parameters={"queue_url": QUEUE, "steps": len(STEPS)},
            on_error=on_error,
        )


async def queued(faked: Faked, task: Task) -> TaskExecution:
    async with faked.database.unit_of_work(Login.OWNER) as session:
        run = await make_run(session, task)
        return await make_execution(
            session, task, faked.account, run=run, status=Status.QUEUED
        )


def sent(fake: FakeAWS) -> list[str]:
    """The bodies of the messages that AWS was asked to send."""
    return [
        asked.params["MessageBody"].rpartition(":")[2]
        for asked in fake.ledger
        if asked.operation == "SendMessage"
    ]


async def events_of(database: Database, id: UUID) -> list[tuple[str, str | None]]:
    statement = (
        select(ExecutionEvent)
        .where(ExecutionEvent.execution_id == id, ExecutionEvent.kind != "status")
        .order_by(ExecutionEvent.at, ExecutionEvent.id)
    )
    async with database.unit_of_work(Login.OWNER) as session:
        events = await session.scalars(statement)
        return [(event.kind, event.detail.get("unit")) for event in events]


def at_step(step: str, fault: Fault) -> Callable[[Asked], Fault | None]:
    def judge(asked: Asked) -> Fault | None:
        body = asked.params.get("MessageBody", "")
        return fault if body.endswith(f":{step}") else None

    return judge


async def states(
    faked: Faked, execution: TaskExecution
) -> list[tuple[str, str | None]]:
    units = await faked.units(execution.id)
    return [(units[key].status.value, units[key].reason) for key in STEPS]


async def test_each_step_is_intended_done_once_and_recorded(mutating: Faked) -> None:
    execution = await mutating.run(await rehearsal(mutating))
    assert execution.status == Status.SUCCEEDED
    assert execution.effect_started_at is None
    assert sent(mutating.fake) == ["1", "2", "3"]
    assert await events_of(mutating.database, execution.id) == [
        (kind, step) for step in STEPS for kind in ("intended", "done")
    ]


async def test_what_aws_refuses_is_not_done_and_the_rest_not_attempted(
    mutating: Faked,
) -> None:
    refused = Refused("AccessDeniedException", 403)
    mutating.fake.judge = at_step("2", refused)
    execution = await mutating.run(await rehearsal(mutating))
    assert execution.status == Status.FAILED
    assert execution.error is not None
    assert execution.error["category"] == "AWSPermissionError"
    assert await states(mutating, execution) == [
        ("succeeded", None),
        ("failed", None),
        ("not_attempted", None),
    ]
    assert (await events_of(mutating.database, execution.id))[-1] == (
        "not_done",
        STEPS[1],
    )


async def test_what_aws_refuses_keeps_no_isolated_step_from_being_done(
    mutating: Faked,
) -> None:
    mutating.fake.judge = at_step("2", Refused("AccessDeniedException", 403))
    execution = await mutating.run(await rehearsal(mutating, OnError.ISOLATE))
    assert execution.status == Status.FAILED
    assert sent(mutating.fake) == ["1", "2", "3"]


@pytest.mark.parametrize("on_error", OnError)
@pytest.mark.parametrize(
    "fault",
    [
        Broken("ReadTimeoutError"),
        Broken("ConnectionClosedError"),
        Refused("InternalError", 500),
    ],
    ids=lambda fault: fault.name,
)
async def test_an_outcome_that_nobody_knows_interrupts(
    mutating: Faked, fault: Fault, on_error: OnError
) -> None:
    mutating.fake.judge = at_step("2", fault)
    execution = await mutating.run(await rehearsal(mutating, on_error))
    assert (execution.status, execution.reason) == (
        Status.INTERRUPTED,
        "outcome_unknown",
    )
    assert execution.effect_started_at is not None
    assert sent(mutating.fake) == ["1", "2"]
    assert await states(mutating, execution) == [
        ("succeeded", None),
        ("failed", "outcome_unknown"),
        ("not_attempted", None),
    ]
    assert not await take_one(mutating.worker)


async def test_what_never_reached_aws_was_not_done(mutating: Faked) -> None:
    mutating.fake.judge = at_step("1", Broken("EndpointConnectionError"))
    execution = await mutating.run(await rehearsal(mutating))
    assert execution.status == Status.FAILED
    assert await states(mutating, execution) == [
        ("failed", None),
        ("not_attempted", None),
        ("not_attempted", None),
    ]


class Lost(BaseException):
    """The worker is gone: nothing of what it would do afterwards is done."""


async def lose_at(mutating: Faked, step: str) -> None:
    """Run what waits, and lose the worker in the call of that step."""

    def judge(asked: Asked) -> None:
        if asked.params.get("MessageBody", "").endswith(f":{step}"):
            raise Lost

    mutating.fake.judge = judge
    with pytest.raises(Lost):
        await take_one(mutating.worker)
    mutating.fake.judge = None


async def test_a_worker_lost_in_the_call_leaves_it_interrupted(
    mutating: Faked, move_clock: MoveClock
) -> None:
    execution = await queued(mutating, await rehearsal(mutating))
    await lose_at(mutating, "2")
    await move_clock("2 minutes")
    async with mutating.database.system_session("test") as session:
        assert await reap(session, limit=10) == 1
    async with mutating.database.unit_of_work(
        Login.WORKER, organization_id=execution.organization_id
    ) as session:
        await execution_ends.settle_lost(
            session, execution.organization_id, execution.id
        )
    async with mutating.database.unit_of_work(Login.OWNER) as session:
        lost = await session.get_one(TaskExecution, execution.id)
        assert (lost.status, lost.reason) == (Status.INTERRUPTED, "worker_lost")
    assert await states(mutating, execution) == [
        ("succeeded", None),
        ("failed", "outcome_unknown"),
        ("not_attempted", None),
    ]
    assert not await take_one(mutating.worker)


async def test_what_is_given_back_between_two_steps_goes_on_with_the_next(
    mutating: Faked,
) -> None:
    execution = await queued(mutating, await rehearsal(mutating))

    def release(asked: Asked) -> None:
        if asked.params.get("MessageBody", "").endswith(":1"):
            mutating.worker.release_all()

    mutating.fake.judge = release
    assert await take_one(mutating.worker)
    mutating.fake.judge = None
    assert await take_one(mutating.worker)
    async with mutating.database.unit_of_work(Login.OWNER) as session:
        done = await session.get_one(TaskExecution, execution.id)
        assert done.status == Status.SUCCEEDED
    assert sent(mutating.fake) == ["1", "2", "3"]


async def test_a_step_that_is_cancelled_in_time_is_not_sent(mutating: Faked) -> None:
    def cancel(asked: Asked) -> None:
        if asked.params.get("MessageBody", "").endswith(":1"):
            assert mutating.stop is not None
            mutating.stop.ask(StopReason.CANCELLED)

    mutating.fake.judge = cancel
    execution = await mutating.run(await rehearsal(mutating))
    assert (execution.status, execution.effect_started_at) == (Status.CANCELLED, None)
    assert sent(mutating.fake) == ["1"]
    assert await states(mutating, execution) == [
        ("succeeded", None),
        ("not_attempted", None),
        ("not_attempted", None),
    ]


async def test_what_is_stopped_after_the_intent_is_withdrawn(mutating: Faked) -> None:
    """The pacer waits between the intent and the call, and asks whether to go on."""

    def wait(_account: str | None, _region: str, service: str, go_on: Any) -> str:
        if service == "sqs":
            assert mutating.stop is not None
            mutating.stop.ask(StopReason.CANCELLED)
            go_on()
        return "local"

    mutating.worker.pacer = cast("Pace", wait)
    execution = await mutating.run(await rehearsal(mutating))
    assert (execution.status, execution.effect_started_at) == (Status.CANCELLED, None)
    assert sent(mutating.fake) == []
    assert await events_of(mutating.database, execution.id) == [
        ("intended", STEPS[0]),
        ("withdrawn", STEPS[0]),
    ]


@pytest.mark.parametrize(("seconds", "is_sent"), [(39, True), (41, False)])
async def test_a_step_whose_lease_is_nearly_over_is_given_back_instead_of_sent(
    mutating: Faked, monkeypatch: pytest.MonkeyPatch, seconds: int, is_sent: bool
) -> None:
    """The commit of its intent takes so long; 20 s of a lease of 60 must be left."""
    clock = itertools.count(0, seconds)
    monkeypatch.setattr(acting, "monotonic", lambda: next(clock))
    execution = await mutating.run(await rehearsal(mutating))
    if is_sent:
        assert execution.status == Status.SUCCEEDED
        assert sent(mutating.fake) == ["1", "2", "3"]
        return
    assert (execution.status, execution.reason) == (Status.QUEUED, "released")
    assert (execution.attempt, execution.effect_started_at) == (0, None)
    assert sent(mutating.fake) == []
    assert await events_of(mutating.database, execution.id) == [
        ("intended", STEPS[0]),
        ("withdrawn", STEPS[0]),
    ]
    monkeypatch.undo()
    assert await take_one(mutating.worker)
    assert sent(mutating.fake) == ["1", "2", "3"]


async def test_read_only_workers_leave_changes_alone(mutating: Faked) -> None:
    await queued(mutating, await rehearsal(mutating))
    mutating.worker.kind = ActionKind.READ
    assert not await take_one(mutating.worker)
