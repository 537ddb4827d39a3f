"""Running again what failed, and resolving what was interrupted."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.db import Database, Login
from app.models.aws_account import AWSAccount
from app.models.run import Status
from app.models.task import Overlap, Task
from app.schemas.reruns import MOST_RERUN
from app.services import problems
from tests.builders import make_account, make_task
from tests.builders_runs import make_execution, make_run
from tests.conftest import Client
from tests.personae import People
from tests.wrong_clocks import DAY, clock_wrong_by

RERUN = "/api/v1/executions/rerun"
DENIED: dict[str, Any] = {
    "category": "AWSPermissionError",
    "code": "UnauthorizedOperation",
    "missing_action": "ec2:DescribeInstances",
}
Asked = dict[str, Any]


@pytest.fixture
async def account(people: People, database: Database) -> AWSAccount:
    async with database.unit_of_work(Login.OWNER) as session:
        return await make_account(
            session, people.alice.organization_id, labels={"client": "north"}
        )


@pytest.fixture
async def task(database: Database, account: AWSAccount) -> Task:
    async with database.unit_of_work(Login.OWNER) as session:
        return await make_task(session, account.organization_id, accounts=(account,))


async def failed(
    owner: AsyncSession,
    task: Task,
    account: AWSAccount,
    status: Status = Status.FAILED,
    error: dict[str, Any] | None = DENIED,
) -> UUID:
    run = await make_run(owner, task, status=status)
    execution = await make_execution(
        owner, task, account, run=run, status=status, error=error
    )
    await owner.commit()
    return execution.id


def outcomes(answer: Any) -> dict[str, str]:
    assert answer.status_code == 202, answer.text
    return {one["execution_id"]: one["outcome"] for one in answer.json()["items"]}


async def test_what_failed_is_run_again_once(
    client: Client, people: People, owner: AsyncSession, task: Task, account: AWSAccount
) -> None:
    older = await failed(owner, task, account)
    last = await failed(owner, task, account)
    olga = client(people.olga)
    answer = await olga.post(RERUN, json={"task_id": str(task.id)})
    assert outcomes(answer) == {str(last): "started"}
    [item] = answer.json()["items"]
    new = (await olga.get(f"/api/v1/executions/{item['new_execution_id']}")).json()
    assert (new["status"], new["run_id"], new["trigger"]) == (
        "queued",
        item["run_id"],
        "manual",
    )
    both: Asked = {"execution_ids": [str(older), str(last)]}
    other = await olga.post(RERUN, json=both | {"category": "AWSServiceError"})
    assert set(outcomes(other).values()) == {"filtered_out"}
    again = await olga.post(RERUN, json=both)
    assert set(outcomes(again).values()) == {"superseded"}


@pytest.mark.parametrize(
    ("of_first", "of_last"), [(DAY, timedelta()), (timedelta(), -DAY)]
)
@pytest.mark.parametrize("are_named", [False, True])
async def test_what_came_last_is_run_again_though_a_clock_was_wrong_by_a_day(
    client: Client,
    people: People,
    owner: AsyncSession,
    task: Task,
    account: AWSAccount,
    of_first: timedelta,
    of_last: timedelta,
    are_named: bool,
) -> None:
    with clock_wrong_by(of_first):
        first = await failed(owner, task, account)
    with clock_wrong_by(of_last):
        last = await failed(owner, task, account)
    assert last < first, "else their ids told the right order"
    wanted: Asked = {"task_id": str(task.id)}
    became = {str(last): "started"}
    if are_named:
        wanted = {"execution_ids": [str(first), str(last)]}
        became[str(first)] = "superseded"
    answer = await client(people.olga).post(RERUN, json=wanted)
    assert outcomes(answer) == became


async def test_each_that_is_named_is_answered(
    client: Client,
    people: People,
    owner: AsyncSession,
    account: AWSAccount,
) -> None:
    made = {}
    for name, status in {
        "started": Status.CANCELLED,
        "succeeded": Status.SUCCEEDED,
        "unfinished": Status.RUNNING,
        "unresolved": Status.INTERRUPTED,
    }.items():
        task = await make_task(
            owner, account.organization_id, name=name, accounts=(account,)
        )
        made[str(await failed(owner, task, account, status))] = name
    elsewhere = await make_task(owner, account.organization_id, name="elsewhere")
    made[str(await failed(owner, elsewhere, account))] = "not_targeted"
    gone = await make_task(
        owner, account.organization_id, name="gone", accounts=(account,)
    )
    made[str(await failed(owner, gone, account))] = "task_deleted"
    paused = await make_account(
        owner, account.organization_id, account_id="210987654321", name="Paused"
    )
    paused.paused_at = now()
    beyond = await make_task(
        owner, account.organization_id, name="beyond", accounts=(account, paused)
    )
    made[str(await failed(owner, beyond, paused))] = "account_paused"
    olga = client(people.olga)
    await olga.delete(f"/api/v1/tasks/{gone.id}")
    answer = await olga.post(RERUN, json={"execution_ids": list(made)})
    assert outcomes(answer) == made


async def test_all_that_one_cause_broke_is_run_again(
    client: Client, people: People, owner: AsyncSession, account: AWSAccount
) -> None:
    broken = set()
    for name in ("one", "two"):
        task = await make_task(
            owner, account.organization_id, name=name, accounts=(account,)
        )
        broken.add(str(await failed(owner, task, account)))
    other = await make_task(
        owner, account.organization_id, name="other", accounts=(account,)
    )
    elsewhere = DENIED | {"missing_action": "rds:DescribeDBInstances"}
    await failed(owner, other, account, error=elsewhere)
    recorded = await problems.record_failure(
        owner,
        organization_id=account.organization_id,
        aws_account_id=account.id,
        execution_id=UUID(next(iter(broken))),
        error=DENIED,
    )
    await owner.commit()
    wanted = {"problem_id": str(recorded.problem_id)}
    answer = await client(people.olga).post(RERUN, json=wanted)
    assert outcomes(answer) == dict.fromkeys(broken, "started")


async def test_a_task_at_work_is_not_started_a_second_time(
    client: Client, people: People, owner: AsyncSession, task: Task, account: AWSAccount
) -> None:
    other = await make_account(
        owner, account.organization_id, account_id="222222222222", name="Other"
    )
    last = await failed(owner, task, account)
    await make_execution(owner, task, other, status=Status.RUNNING)
    await owner.commit()
    answer = await client(people.olga).post(RERUN, json={"task_id": str(task.id)})
    assert outcomes(answer) == {str(last): "already_running"}


async def test_requests_at_the_same_moment_run_it_again_once(
    client: Client, people: People, owner: AsyncSession, task: Task, account: AWSAccount
) -> None:
    await owner.execute(update(Task).values(overlap=Overlap.QUEUE))
    await failed(owner, task, account)
    olga, wanted = client(people.olga), {"task_id": str(task.id)}
    answers = await asyncio.gather(*(olga.post(RERUN, json=wanted) for _ in range(8)))
    said = [one for answer in answers for one in outcomes(answer).values()]
    assert said.count("started") == 1
    assert set(said) <= {"started", "superseded"}


async def test_the_same_key_answers_the_same(
    client: Client, people: People, owner: AsyncSession, task: Task, account: AWSAccount
) -> None:
    await failed(owner, task, account)
    olga, key = client(people.olga), {"Idempotency-Key": "again"}
    wanted: Asked = {"task_id": str(task.id)}
    first = await olga.post(RERUN, json=wanted, headers=key)
    assert (await olga.post(RERUN, json=wanted, headers=key)).text == first.text
    other = wanted | {"status": ["cancelled"]}
    assert (await olga.post(RERUN, json=other, headers=key)).status_code == 409


async def test_more_than_one_request_may_hold_are_counted(
    client: Client, people: People, owner: AsyncSession, account: AWSAccount
) -> None:
    for number in range(MOST_RERUN + 3):
        task = await make_task(owner, account.organization_id, name=f"t{number}")
        await make_execution(owner, task, account, status=Status.FAILED, error=DENIED)
    await owner.commit()
    answer = await client(people.olga).post(
        RERUN, json={"category": "AWSPermissionError"}
    )
    assert len(outcomes(answer)) == MOST_RERUN
    assert answer.json()["not_shown"] == 3


@pytest.mark.parametrize(
    ("wanted", "pointer"),
    [
        ({}, "/"),
        ({"status": ["failed"]}, "/"),
        ({"execution_ids": []}, "/execution_ids"),
        ({"execution_ids": [str(uuid4())]}, "/execution_ids/0"),
        ({"problem_id": str(uuid4())}, "/problem_id"),
        ({"task_id": str(uuid4())}, "/task_id"),
        ({"account_id": str(uuid4())}, "/account_id"),
        ({"task_id": str(uuid4()), "status": ["running"]}, "/status/0"),
        ({"task_id": str(uuid4()), "unknown": 1}, "/unknown"),
        ({"since": "0001-01-01T00:00:00+14:00"}, "/since"),
        ({"until": "9999-12-31T23:59:59-14:00"}, "/until"),
    ],
)
async def test_a_filter_that_says_nothing_or_too_much_is_refused(
    client: Client, people: People, wanted: Asked, pointer: str
) -> None:
    answer = await client(people.olga).post(RERUN, json=wanted)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_a_scoped_member_reruns_only_what_is_seen(
    client: Client, people: People, owner: AsyncSession, task: Task, account: AWSAccount
) -> None:
    hidden = await make_account(
        owner,
        account.organization_id,
        account_id="333333333333",
        name="Hidden",
        labels={"client": "south"},
    )
    other = await make_task(
        owner, account.organization_id, name="hidden", accounts=(hidden,)
    )
    secret = await failed(owner, other, hidden)
    seen = await failed(owner, task, account)
    clara = client(people.clara)
    wanted = {"category": "AWSPermissionError"}
    answer = await clara.post(RERUN, json=wanted)
    if answer.status_code == 202:
        assert outcomes(answer) == {str(seen): "started"}
    named = await clara.post(RERUN, json={"execution_ids": [str(secret)]})
    assert named.status_code in {403, 422}


# ── resolutions ──────────────────────────────────────────────────────────────────

FOUND = {"outcome": "not_done", "note": "Nothing was stopped."}


async def test_an_interrupted_one_is_resolved_once_and_may_then_run_again(
    client: Client, people: People, owner: AsyncSession, task: Task, account: AWSAccount
) -> None:
    id = await failed(owner, task, account, Status.INTERRUPTED, None)
    olga = client(people.olga)
    path = f"/api/v1/executions/{id}"
    assert (await olga.get(path)).json()["resolution"] is None
    answer = await olga.post(f"{path}/resolve", json=FOUND)
    assert answer.status_code == 200
    assert answer.json()["detail"] == FOUND
    assert answer.json()["actor"] == f"user:{people.olga.user_id}"
    again = await olga.post(f"{path}/resolve", json=FOUND)
    assert (again.status_code, again.json()["code"]) == (409, "already-resolved")
    events = (await olga.get(f"{path}/events")).json()["items"]
    assert [event["kind"] for event in events] == ["resolved"]
    read = (await olga.get(path)).json()
    assert read["status"] == "interrupted"
    said = {"by": str(people.olga.user_id), "at": answer.json()["at"]}
    assert read["resolution"] == FOUND | said
    listed = (await olga.get("/api/v1/executions")).json()["items"]
    assert [one["resolution"] for one in listed] == [read["resolution"]]
    rerun = await olga.post(RERUN, json={"execution_ids": [str(id)]})
    assert outcomes(rerun) == {str(id): "started"}


async def test_two_resolutions_at_once_leave_one(
    client: Client, people: People, owner: AsyncSession, task: Task, account: AWSAccount
) -> None:
    id = await failed(owner, task, account, Status.INTERRUPTED, None)
    path = f"/api/v1/executions/{id}/resolve"
    olga = client(people.olga)
    answers = await asyncio.gather(*(olga.post(path, json=FOUND) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]


async def test_what_has_an_outcome_is_not_resolved(
    client: Client, people: People, owner: AsyncSession, task: Task, account: AWSAccount
) -> None:
    id = await failed(owner, task, account)
    answer = await client(people.olga).post(
        f"/api/v1/executions/{id}/resolve", json=FOUND
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "illegal-transition")
