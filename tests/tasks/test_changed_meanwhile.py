"""A task or its account that is changed while an execution is at work: that one goes on
to its end with what it began with, and what comes after it has what is new."""

from typing import Any

import pytest
from sqlalchemy import select

from app.core.db import Login
from app.models.aws_account import CredentialsPurpose
from app.models.run import TaskRun
from app.models.task import ActionKind, OnError, Task, TaskType
from app.services.dispatch import dispatch_due
from tests.aws.faults import Broken, Refused
from tests.builders import make_credentials, make_task
from tests.claiming import take_one
from tests.conftest import Client
from tests.personae import People
from tests.services.test_turns import MoveClock
from tests.tasks.faked import REGION, Faked
from tests.tasks.meanwhile import FIRST, SECOND, Meanwhile, Started

MINUTELY = {"kind": "cron", "expression": "rate(1 minute)", "timezone": "UTC"}
QUEUE = "https://sqs.eu-central-1.amazonaws.com/123456789012/rehearsals"
STEPS = ("sqs:SendMessage#1", "sqs:SendMessage#2")


@pytest.fixture
def meanwhile(faked: Faked, client: Client, people: People) -> Meanwhile:
    faked.worker.settings = faked.worker.settings.model_copy(
        update={"units_at_once": 1}
    )
    return Meanwhile(faked, client(people.alice))


@pytest.fixture
async def mutating(meanwhile: Meanwhile) -> Meanwhile:
    """The account lets us write, too, and the worker is one that does."""
    faked = meanwhile.faked
    settings = faked.worker.settings.model_copy(update={"worker_kind": "mutate"})
    faked.worker.settings, faked.worker.kind = settings, ActionKind.MUTATE
    async with faked.database.unit_of_work(Login.OWNER) as session:
        await make_credentials(
            session,
            faked.account.organization_id,
            faked.account,
            name="Writer",
            purpose=CredentialsPurpose.WRITE,
        )
    return meanwhile


async def rehearsal(meanwhile: Meanwhile) -> Task:
    """A task that sends two messages; none can be made over the API."""
    faked = meanwhile.faked
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
            on_error=OnError.STOP,
        )


async def told(started: Started) -> list[tuple[str, str | None]]:
    """What the execution's events say of its steps, the oldest first."""
    page = await started.meanwhile.get(f"executions/{started.id}/events")
    return [
        (event["kind"], event["detail"].get("unit"))
        for event in page["items"]
        if event["kind"] != "status"
    ]


async def is_gone(meanwhile: Meanwhile, task_id: object) -> bool:
    """Whether the API knows the task as deleted: it is not found, and not started."""
    answers = [
        await meanwhile.api.get(f"/api/v1/tasks/{task_id}"),
        await meanwhile.api.post(f"/api/v1/tasks/{task_id}/execute"),
        await meanwhile.api.patch(f"/api/v1/tasks/{task_id}", json={"enabled": True}),
    ]
    return {answer.status_code for answer in answers} == {404}


async def nothing_follows(meanwhile: Meanwhile, move_clock: MoveClock) -> bool:
    """Whether an hour later there is one run as before, and nothing to do."""
    await move_clock("1 hour")
    async with meanwhile.faked.database.system_session("tick") as session:
        await dispatch_due(session, limit=10)
    async with meanwhile.faked.database.unit_of_work(Login.OWNER) as session:
        runs = (await session.scalars(select(TaskRun))).all()
    return len(runs) == 1 and not await take_one(meanwhile.faked.worker)


# ── the task is deleted ──────────────────────────────────────────────────────────


async def test_a_task_deleted_while_it_reads_is_read_to_its_end_and_never_again(
    meanwhile: Meanwhile, move_clock: MoveClock
) -> None:
    task_id = await meanwhile.make_task(FIRST, SECOND, schedule=MINUTELY)
    started = await meanwhile.start(task_id)
    async with meanwhile.while_asked("ListTopics"):
        await meanwhile.delete(f"tasks/{task_id}")
        assert await is_gone(meanwhile, task_id)
        assert (await started.execution())["status"] == "running"
    execution, run = await started.execution(), await started.run()
    assert (execution["status"], execution["error"]) == ("succeeded", None)
    assert (run["status"], run["task_id"]) == ("succeeded", task_id)
    assert await started.statuses() == {FIRST: "succeeded", SECOND: "succeeded"}
    assert (await started.result()).coverage["not_read"] == []
    for history in (
        f"executions?task_id={task_id}",
        f"executions/{started.id}/units",
        f"tasks/{task_id}/versions",
    ):
        assert (await meanwhile.get(history))["items"]
    assert (await meanwhile.get(f"executions/{started.id}/result"))["calls"] > 0
    explained = await meanwhile.get(f"tasks/{task_id}/explanation")
    assert explained["status"] == "deleted"
    assert await is_gone(meanwhile, task_id)
    assert await nothing_follows(meanwhile, move_clock)


async def test_a_task_deleted_before_its_reading_fails_has_its_failure_recorded(
    meanwhile: Meanwhile, move_clock: MoveClock
) -> None:
    task_id = await meanwhile.make_task(FIRST, SECOND, schedule=MINUTELY)
    started = await meanwhile.start(task_id)
    refused = Refused("AuthorizationError", 403)
    async with meanwhile.while_asked("ListTopics", answer=refused):
        await meanwhile.delete(f"tasks/{task_id}")
    execution = await started.execution()
    assert execution["status"] == (await started.run())["status"] == "failed"
    assert execution["error"]["category"] == "AWSPermissionError"
    assert await started.problems() == [("AWSPermissionError", "AuthorizationError")]
    assert await started.statuses() == {FIRST: "failed", SECOND: "not_attempted"}
    assert await nothing_follows(meanwhile, move_clock)


async def test_an_execution_of_a_deleted_task_is_cancelled_as_any_other(
    meanwhile: Meanwhile,
) -> None:
    """Which is how to stop what deleting leaves at work."""
    task_id = await meanwhile.make_task(FIRST, SECOND)
    started = await meanwhile.start(task_id)
    async with meanwhile.while_asked("ListTopics"):
        await meanwhile.delete(f"tasks/{task_id}")
        answer = await meanwhile.api.post(f"/api/v1/executions/{started.id}/cancel")
        assert answer.status_code == 202
        await meanwhile.faked.worker._look_for_cancels()  # noqa: SLF001 — what its heartbeat does every 2 s
    assert (await started.execution())["status"] == "cancelled"
    assert (await started.run())["status"] == "cancelled"
    assert meanwhile.signers("DescribeLogGroups") == []


async def test_a_task_deleted_while_it_acts_does_and_records_what_it_began(
    mutating: Meanwhile, move_clock: MoveClock
) -> None:
    task = await rehearsal(mutating)
    started = await mutating.start(str(task.id))
    async with mutating.while_asked("SendMessage"):
        await mutating.delete(f"tasks/{task.id}")
        assert await is_gone(mutating, task.id)
        assert await told(started) == [("intended", STEPS[0])]
    assert (await started.execution())["status"] == "succeeded"
    assert (await started.run())["status"] == "succeeded"
    assert await told(started) == [
        (kind, step) for step in STEPS for kind in ("intended", "done")
    ]
    assert len(mutating.signers("SendMessage")) == len(STEPS)
    assert (await started.result()).calls >= len(STEPS)
    units = (await mutating.get(f"executions/{started.id}/units"))["items"]
    assert {unit["kind"] for unit in units} == {"act"}
    assert (await mutating.get(f"executions/{started.id}/result"))["calls"] > 0
    assert await nothing_follows(mutating, move_clock)


async def test_a_task_deleted_before_its_action_is_unheard_of_is_interrupted(
    mutating: Meanwhile, move_clock: MoveClock
) -> None:
    """Nobody knows what became of the call, and the one who looks can still say so."""
    task = await rehearsal(mutating)
    started = await mutating.start(str(task.id))
    unheard = Broken("ReadTimeoutError")
    async with mutating.while_asked("SendMessage", answer=unheard):
        await mutating.delete(f"tasks/{task.id}")
    execution, run = await started.execution(), await started.run()
    assert (execution["status"], execution["reason"]) == (
        "interrupted",
        "outcome_unknown",
    )
    assert run["status"] == "interrupted"
    assert await told(started) == [
        ("intended", STEPS[0]),
        ("outcome_unknown", STEPS[0]),
    ]
    assert await started.statuses() == {STEPS[0]: "failed", STEPS[1]: "not_attempted"}
    assert len(mutating.signers("SendMessage")) == 1
    assert await nothing_follows(mutating, move_clock)
    found = {"outcome": "done", "note": "It is in the queue."}
    path = f"/api/v1/executions/{started.id}/resolve"
    answer = await mutating.api.post(path, json=found)
    assert answer.status_code == 200
    assert (await started.execution())["resolution"]["outcome"] == "done"


# ── the task is edited ───────────────────────────────────────────────────────────


async def edit(meanwhile: Meanwhile, task_id: str, **changes: Any) -> None:
    answer = await meanwhile.api.patch(f"/api/v1/tasks/{task_id}", json=changes)
    assert answer.status_code == 200, answer.text
    assert answer.json()["version"] == 2


OTHER = {"services": ["sqs"], "parameters": {"operations": ["sqs:ListQueues"]}}


async def versions(meanwhile: Meanwhile, task_id: str) -> dict[int, str]:
    page = await meanwhile.get(f"tasks/{task_id}/versions")
    return {one["version"]: one["id"] for one in page["items"]}


async def test_a_task_edited_while_it_runs_goes_on_with_the_version_it_began_with(
    meanwhile: Meanwhile,
) -> None:
    task_id = await meanwhile.make_task(FIRST, SECOND)
    first = await meanwhile.start(task_id)
    async with meanwhile.while_asked("ListTopics"):
        await edit(meanwhile, task_id, **OTHER)
    second = await meanwhile.start(task_id)
    assert await take_one(meanwhile.faked.worker)
    assert await first.statuses() == {FIRST: "succeeded", SECOND: "succeeded"}
    assert await second.statuses() == {"sqs:ListQueues": "succeeded"}
    of = await versions(meanwhile, task_id)
    assert (await first.run())["task_version_id"] == of[1]
    assert (await second.run())["task_version_id"] == of[2]
    assert (await first.run())["status"] == (await second.run())["status"]


async def test_a_task_edited_once_it_is_claimed_runs_as_it_was_started(
    meanwhile: Meanwhile,
) -> None:
    task_id = await meanwhile.make_task(FIRST, SECOND)
    started = await meanwhile.start(task_id)
    async with meanwhile.once_claimed():
        await edit(meanwhile, task_id, **OTHER)
    assert await started.statuses() == {FIRST: "succeeded", SECOND: "succeeded"}
    of = await versions(meanwhile, task_id)
    assert (await started.run())["task_version_id"] == of[1]


# ── the account is disconnected ──────────────────────────────────────────────────


async def test_an_account_disconnected_while_it_is_read_is_read_to_the_end(
    meanwhile: Meanwhile, move_clock: MoveClock
) -> None:
    task_id = await meanwhile.make_task(FIRST, SECOND, schedule=MINUTELY)
    started = await meanwhile.start(task_id)
    async with meanwhile.while_asked("ListTopics"):
        await meanwhile.disconnect()
    execution, run = await started.execution(), await started.run()
    assert (execution["status"], run["status"]) == ("succeeded", "succeeded")
    assert (await started.result()).coverage["not_read"] == []
    account = await meanwhile.get(f"aws-accounts/{meanwhile.faked.account.id}")
    assert account["connected"] is False
    task = await meanwhile.get(f"tasks/{task_id}")
    assert (task["enabled"], task["disabled_reason"], task["next_run_at"]) == (
        False,
        "no_targets",
        None,
    )
    assert await nothing_follows(meanwhile, move_clock)
    answer = await meanwhile.api.post(f"/api/v1/tasks/{task_id}/execute")
    assert (answer.status_code, answer.json()["code"]) == (409, "no-targets")


async def test_an_account_disconnected_while_it_is_changed_has_the_outcome_recorded(
    mutating: Meanwhile, move_clock: MoveClock
) -> None:
    task = await rehearsal(mutating)
    started = await mutating.start(str(task.id))
    async with mutating.while_asked("SendMessage"):
        await mutating.disconnect()
    assert (await started.execution())["status"] == "succeeded"
    assert (await started.run())["status"] == "succeeded"
    assert await told(started) == [
        (kind, step) for step in STEPS for kind in ("intended", "done")
    ]
    assert await nothing_follows(mutating, move_clock)


async def test_an_account_disconnected_before_it_is_changed_is_left_as_it_is(
    mutating: Meanwhile,
) -> None:
    task = await rehearsal(mutating)
    started = await mutating.start(str(task.id))
    async with mutating.once_claimed():
        await mutating.disconnect()
    execution, run = await started.execution(), await started.run()
    assert execution["status"] == run["status"] == "failed"
    assert await started.problems() == [
        ("AWSConfigurationError", "no_verified_credentials")
    ]
    assert await told(started) == []
    assert set((await started.statuses()).values()) == {"not_attempted"}
    assert mutating.faked.fake.ledger == []
