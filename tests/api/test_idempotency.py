"""`Idempotency-Key`: what is one act, and what are two."""

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.models.artifact import Artifact
from app.models.audit import AuditEvent
from app.models.aws_account import AWSAccount, AWSCredentials
from app.models.outbox import IdempotencyKey, OutboxMessage
from app.models.run import Status, TaskRun
from app.models.task import Overlap, Task
from tests.builders import make_account, make_task
from tests.builders_runs import make_execution, make_run
from tests.conftest import Client
from tests.personae import People

KEY = {"Idempotency-Key": "a-key-of-ours"}


@pytest.fixture
async def account(owner: AsyncSession, people: People) -> AWSAccount:
    account = await make_account(owner, people.alice.organization_id)
    await owner.commit()
    return account


@pytest.fixture
async def task(owner: AsyncSession, account: AWSAccount) -> Task:
    task = await make_task(
        owner, account.organization_id, accounts=(account,), overlap=Overlap.QUEUE
    )
    await owner.commit()
    return task


async def runs(owner: AsyncSession) -> int:
    return await owner.scalar(select(func.count()).select_from(TaskRun)) or 0


CREATES = {
    "task": ("/api/v1/tasks", {"name": "Nightly"}, {"name": "Weekly"}),
    "role": (
        "/api/v1/aws-credentials",
        {"role_arn": "arn:aws:iam::123456789012:role/A"},
        {"role_arn": "arn:aws:iam::123456789012:role/B"},
    ),
    "key": (
        "/api/v1/aws-credentials",
        {"secret_access_key": "a" * 40},
        {"secret_access_key": "b" * 40},
    ),
    "artifact": (
        "/api/v1/executions/{execution}/artifacts",
        {"format": "csv"},
        {"format": "json"},
    ),
}
TABLES = (Task, AWSCredentials, Artifact, OutboxMessage, AuditEvent)


def _whole(kind: str, changes: dict[str, str], account: AWSAccount) -> dict[str, Any]:
    task: dict[str, Any] = {
        "type": "resource_list",
        "services": ["ec2"],
        "regions": ["eu-central-1"],
        "targets": {"account_ids": [str(account.id)]},
        "schedule": {"kind": "on_demand"},
    }
    key = {"kind": "access_key", "name": "N", "access_key_id": "AKIA" + "A" * 16}
    role = {"kind": "role", "name": "N"}
    bodies: dict[str, dict[str, Any]] = {
        "task": task,
        "role": role,
        "key": key,
        "artifact": {"part": "resources"},
    }
    return bodies[kind] | changes


async def _counts(owner: AsyncSession) -> list[int]:
    await owner.rollback()
    return [
        await owner.scalar(select(func.count()).select_from(table)) or 0
        for table in TABLES
    ]


@pytest.mark.parametrize("kind", CREATES)
async def test_what_is_created_is_created_once_for_a_key(
    client: Client, people: People, owner: AsyncSession, account: AWSAccount, kind: str
) -> None:
    broken = await make_task(
        owner, account.organization_id, name="Broken", accounts=(account,)
    )
    run = await make_run(owner, broken, status=Status.FAILED)
    execution = await make_execution(
        owner, broken, account, run=run, status=Status.FAILED
    )
    await owner.commit()
    path, changes, others = CREATES[kind]
    path = path.format(execution=execution.id)
    body, other = (_whole(kind, each, account) for each in (changes, others))
    alice = client(people.alice)
    first = await alice.post(path, json=body, headers=KEY)
    assert first.status_code in {201, 202}, first.text
    made = await _counts(owner)
    again = await alice.post(path, json=body, headers=KEY)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    refused = await alice.post(path, json=other, headers=KEY)
    assert refused.json()["code"] == "idempotency-key-reused"
    assert await _counts(owner) == made, "of rows, jobs and records there are no more"
    named = {"name": "Fresh"} if "name" in other else {}
    another = {"Idempotency-Key": "another"}
    fresh = await alice.post(path, json=other | named, headers=another)
    assert fresh.status_code == first.status_code
    assert fresh.json()["id"] != first.json()["id"]


async def test_what_is_kept_for_a_key_holds_no_secret(
    client: Client, people: People, owner: AsyncSession, account: AWSAccount
) -> None:
    path, changes, _ = CREATES["key"]
    body = _whole("key", changes, account)
    await client(people.alice).post(path, json=body, headers=KEY)
    (kept,) = await owner.scalars(select(IdempotencyKey))
    assert "a" * 16 not in str(kept.response)


async def test_the_same_key_of_two_members_is_two_acts(
    client: Client, people: People, owner: AsyncSession, task: Task
) -> None:
    path = f"/api/v1/tasks/{task.id}/execute"
    olga, alice = client(people.olga), client(people.alice)
    hers = await olga.post(path, headers=KEY)
    others = await alice.post(path, headers=KEY)
    assert (hers.status_code, others.status_code) == (202, 202)
    assert hers.json()["run_id"] != others.json()["run_id"]
    assert (await olga.post(path, headers=KEY)).text == hers.text
    assert (await alice.post(path, headers=KEY)).text == others.text
    assert await runs(owner) == 2


async def test_the_same_key_of_another_member_never_conflicts(
    client: Client, people: People, owner: AsyncSession, task: Task
) -> None:
    other = await make_task(
        owner, task.organization_id, name="Other", selector={"client": ["nobody"]}
    )
    await owner.commit()
    olga, alice = client(people.olga), client(people.alice)
    first = await olga.post(f"/api/v1/tasks/{task.id}/execute", headers=KEY)
    assert first.status_code == 202
    # The task itself refuses it, not what the key was used for by Olga.
    answer = await alice.post(f"/api/v1/tasks/{other.id}/execute", headers=KEY)
    assert (answer.status_code, answer.json()["code"]) == (409, "no-targets")


async def test_the_same_key_on_two_routes_is_two_acts(
    client: Client,
    people: People,
    owner: AsyncSession,
    account: AWSAccount,
    task: Task,
) -> None:
    broken = await make_task(
        owner, account.organization_id, name="Broken", accounts=(account,)
    )
    run = await make_run(owner, broken, status=Status.FAILED)
    await make_execution(owner, broken, account, run=run, status=Status.FAILED)
    await owner.commit()
    olga, rerun = client(people.olga), {"task_id": str(broken.id)}
    execute, again = f"/api/v1/tasks/{task.id}/execute", "/api/v1/executions/rerun"
    started = await olga.post(execute, headers=KEY)
    assert started.status_code == 202, started.text
    repeated = await olga.post(again, json=rerun, headers=KEY)
    assert repeated.status_code == 202, repeated.text
    [item] = repeated.json()["items"]
    assert item["outcome"] == "started"
    assert item["run_id"] != started.json()["run_id"]
    assert (await olga.post(execute, headers=KEY)).text == started.text
    assert (await olga.post(again, json=rerun, headers=KEY)).text == repeated.text
    assert await runs(owner) == 3
