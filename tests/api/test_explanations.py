"""Why did this not run? For each reason there is a sentence, in the order of time."""

from datetime import timedelta

import pytest
from fastapi import FastAPI

from app.core.clock import now
from app.core.db import Database, Login
from app.core.settings import Settings
from app.models.aws_account import AWSAccount
from app.models.outbox import OutboxMessage
from app.models.run import ExecutionEvent, Status
from app.models.task import ActionKind, Overlap
from app.services import reaping
from tests.api.explaining import MoveClock, a_task, asked, change, claim, queued
from tests.builders import make_account
from tests.builders_runs import an_error
from tests.conftest import Client
from tests.personae import People


@pytest.fixture
async def account(database: Database, people: People) -> AWSAccount:
    async with database.unit_of_work(Login.OWNER) as session:
        tenant = people.alice.organization_id
        return await make_account(session, tenant, labels={"client": "north"})


async def test_what_may_start_waits_for_a_worker(
    client: Client, people: People, database: Database, account: AWSAccount
) -> None:
    task = await a_task(database, account)
    id = await queued(database, task, account, hinted_at=now())
    told = await asked(client, people.alice, "executions", id)
    assert list(told) == ["manual", "worker", "hinted"]
    assert "no execution of the organization was begun" in told["worker"]
    other = await a_task(database, account, name="Other")
    await queued(database, other, account)
    await claim(database)
    await claim(database)
    third = await queued(
        database, await a_task(database, account, name="Third"), account
    )
    told = await asked(client, people.alice, "executions", third)
    assert "was begun at 20" in told["worker"]


async def test_what_waits_for_its_instant_says_which(
    client: Client, people: People, database: Database, account: AWSAccount
) -> None:
    task = await a_task(database, account)
    later = now() + timedelta(hours=1)
    id = await queued(database, task, account, not_before=later)
    told = await asked(client, people.alice, "executions", id)
    assert told["not_before"] == (
        f"It waits until {later:%Y-%m-%d %H:%M:%S} UTC for the schedule's jitter."
    )
    await change(database, id, reason="retry")
    told = await asked(client, people.alice, "executions", id)
    assert "for its retry" in told["not_before"]


async def test_the_same_task_at_work_is_named(
    client: Client, people: People, database: Database, account: AWSAccount
) -> None:
    task = await a_task(database, account, overlap=Overlap.QUEUE)
    first = await queued(database, task, account)
    await claim(database)
    second = await queued(database, task, account)
    told = await asked(client, people.alice, "executions", second)
    assert list(told) == ["manual", "same_task"]
    assert str(first) in told["same_task"]
    assert "since 20" in told["same_task"]


async def test_the_share_of_the_organization_is_told_in_numbers(
    client: Client,
    app: FastAPI,
    configured: Settings,
    people: People,
    database: Database,
    account: AWSAccount,
) -> None:
    app.state.settings = configured.model_copy(update={"organization_running_cap": 2})
    for number in range(2):
        task = await a_task(database, account, name=f"At work {number}")
        await queued(database, task, account)
        await claim(database)
    waiting = [
        await queued(
            database, await a_task(database, account, name=f"Waiting {n}"), account
        )
        for n in range(3)
    ]
    told = await asked(client, people.alice, "executions", waiting[-1])
    assert told["running_cap"].startswith("2 executions of the organization run, of 2")
    assert told["ahead"].startswith("2 executions of the same priority")


async def test_who_is_limited_to_some_accounts_learns_nothing_of_the_others(
    client: Client, people: People, database: Database, account: AWSAccount
) -> None:
    id = await queued(database, await a_task(database, account), account)
    told = await asked(client, people.clara, "executions", id)
    assert list(told) == ["manual", "turn"]


async def test_a_lost_worker_a_release_and_a_retry_are_told(
    client: Client,
    people: People,
    database: Database,
    account: AWSAccount,
    move_clock: MoveClock,
) -> None:
    id = await queued(database, await a_task(database, account), account)
    await claim(database)
    told = await asked(client, people.alice, "executions", id)
    assert "0 of 0 units have ended" in told["at_work"]
    await move_clock("2 minutes")
    told = await asked(client, people.alice, "executions", id)
    assert "the next beat takes it away" in told["lease_ran_out"]
    async with database.system_session("reap") as session:
        assert await reaping.reap(session, limit=10) == 1
    told = await asked(client, people.alice, "executions", id)
    assert told["worker_lost"] == (
        "Its worker was lost: the lease ran out, and it was queued again."
    )
    assert "worker" in told
    async with database.unit_of_work(Login.OWNER) as session:
        for reason, kind in (("released", "status"), (None, "retried")):
            detail = {
                "reason": reason,
                "retry_no": 1,
                "not_before": now().isoformat(),
                "error": an_error(),
            }
            session.add(
                ExecutionEvent(
                    organization_id=account.organization_id,
                    execution_id=id,
                    kind=kind,
                    from_status="running",
                    to_status="queued",
                    fence=2,
                    actor="worker:w",
                    detail=detail,
                )
            )
    told = await asked(client, people.alice, "executions", id)
    assert "asked to stop" in told["released"]
    assert "AWSPermissionError UnauthorizedOperation" in told["retried"]
    assert "ec2:DescribeInstances is not allowed" in told["retried"]
    assert "retry 1, not before 20" in told["retried"]


async def test_who_cancelled_is_named(
    client: Client, people: People, database: Database, account: AWSAccount
) -> None:
    id = await queued(database, await a_task(database, account), account)
    answer = await client(people.olga).post(f"/api/v1/executions/{id}/cancel")
    assert answer.status_code < 300
    told = await asked(client, people.alice, "executions", id)
    assert told["cancel_requested"] == "Olga asked to cancel it."
    assert told["cancelled"].startswith("It was cancelled")


async def test_a_failure_says_its_error_and_what_is_still_to_be_written(
    client: Client, people: People, database: Database, account: AWSAccount
) -> None:
    id = await queued(database, await a_task(database, account), account)
    await claim(database)
    await change(
        database, id, status=Status.FAILED, error=an_error(), finished_at=now()
    )
    async with database.unit_of_work(Login.OWNER) as session:
        session.add(
            OutboxMessage(
                organization_id=account.organization_id,
                kind="execution.settle",
                subject_id=id,
                dedupe_key=f"settle:{id}",
            )
        )
    told = await asked(client, people.alice, "executions", id)
    assert list(told) == ["manual", "claimed", "failed", "error", "outbox"]
    assert "Allow it in the role's policy." in told["error"]


async def test_an_interrupted_change_says_what_was_under_way_and_who_resolved_it(
    client: Client, people: People, database: Database, account: AWSAccount
) -> None:
    task = await a_task(database, account, kind=ActionKind.MUTATE)
    id = await queued(database, task, account)
    async with database.unit_of_work(Login.OWNER) as session:
        session.add(
            ExecutionEvent(
                organization_id=account.organization_id,
                execution_id=id,
                kind="intended",
                fence=1,
                actor="worker:w",
                detail={"unit": "sqs:SendMessage#1", "region": "eu-central-1"},
            )
        )
    await change(database, id, status=Status.RUNNING)
    await change(
        database,
        id,
        status=Status.INTERRUPTED,
        reason="worker_lost",
        finished_at=now(),
    )
    told = await asked(client, people.alice, "executions", id)
    assert told["intended"] == (
        "A worker was about to do sqs:SendMessage#1 in eu-central-1."
    )
    assert "unresolved" in told
    body = {"outcome": "done", "note": "The message is in the queue."}
    answer = await client(people.olga).post(
        f"/api/v1/executions/{id}/resolve", json=body
    )
    assert answer.status_code < 300, answer.text
    told = await asked(client, people.alice, "executions", id)
    assert told["resolved"] == (
        "Olga found that it was done: The message is in the queue."
    )
    assert "unresolved" not in told
