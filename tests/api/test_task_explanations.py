"""Why did this not run? Of runs and tasks: what was in the way, and when it is due."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app.core.clock import now
from app.core.db import Database, Login
from app.models.aws_account import AWSAccount
from app.models.purge import Purge, PurgeKind
from app.models.run import Status, TaskRun, Trigger
from app.models.task import Task, TaskDependency
from app.services import dispatch
from app.services.decisions.sentences import DISABLED, REASONS
from tests.api.explaining import MINUTELY, a_task, asked
from tests.builders import make_account, make_task
from tests.builders_runs import make_execution, make_run, make_unit
from tests.conftest import Client
from tests.personae import People
from tests.wrong_clocks import DAY, clock_wrong_by


@pytest.fixture
async def account(database: Database, people: People) -> AWSAccount:
    async with database.unit_of_work(Login.OWNER) as session:
        tenant = people.alice.organization_id
        return await make_account(session, tenant, labels={"client": "north"})


# ── runs ─────────────────────────────────────────────────────────────────────────


async def test_missed_slots_are_told_from_when_to_when(
    client: Client, people: People, database: Database, account: AWSAccount
) -> None:
    slot = now().replace(second=0, microsecond=0) - timedelta(hours=3)
    task = await a_task(database, account, schedule=MINUTELY, next_run_at=slot)
    async with database.system_session("beat") as session:
        await dispatch.dispatch_due(session, limit=10)
    async with database.unit_of_work(Login.OWNER) as session:
        gap, overlap = [
            await session.scalar(
                select(TaskRun.id).where(TaskRun.reason == reason).limit(1)
            )
            for reason in ("scheduler_down", "overlap")
        ]
    assert gap is not None
    told = await asked(client, people.alice, "runs", gap)
    assert "no beat ran" in told["scheduler_down"]
    assert f"slots from {slot:%Y-%m-%d %H:%M:%S} UTC to 20" in told["scheduler_down"]
    assert overlap is not None
    told = await asked(client, people.alice, "runs", overlap)
    assert "an earlier run of the task had not ended" in told["overlap"]
    assert "has not ended yet" in told["in_the_way"]
    of_task = await asked(client, people.alice, "tasks", task.id)
    assert "overlap" in of_task


@pytest.mark.parametrize("reason", sorted(REASONS))
async def test_every_reason_of_a_skipped_run_is_a_sentence(
    reason: str,
    client: Client,
    people: People,
    database: Database,
    account: AWSAccount,
) -> None:
    task = await a_task(database, account)
    async with database.unit_of_work(Login.OWNER) as session:
        run = await make_run(session, task, status=Status.SKIPPED, reason=reason)
    told = await asked(client, people.alice, "runs", run.id)
    assert told[reason] == f"It was not run: {REASONS[reason]}."


async def test_a_run_names_its_chain_and_its_executions(
    client: Client, people: People, database: Database, account: AWSAccount
) -> None:
    task = await a_task(database, account)
    async with database.unit_of_work(Login.OWNER) as session:
        root = await make_run(session, task)
        follower = await make_task(session, account.organization_id, name="After")
        run = await make_run(session, follower)
        run.trigger, run.root_run_id = Trigger.CHAINED, root.id
        execution = await make_execution(session, task, account, run=root)
        await make_unit(session, execution)
    told = await asked(client, people.alice, "runs", run.id)
    assert str(root.id) in told["chained"]
    told = await asked(client, people.alice, "runs", root.id)
    assert told["execution"] == f"Execution {execution.id} on Production is running."


async def test_a_run_is_in_the_way_though_the_clock_that_named_it_was_ahead(
    client: Client, people: People, database: Database, account: AWSAccount
) -> None:
    task = await a_task(database, account)
    async with database.unit_of_work(Login.OWNER) as session:
        ended = await make_run(session, task, status=Status.SUCCEEDED)
        with clock_wrong_by(DAY):
            at_work = await make_run(session, task, status=Status.RUNNING)
        skipped = await make_run(session, task, status=Status.SKIPPED, reason="overlap")
        with clock_wrong_by(-DAY):
            later = await make_run(session, task)
    assert later.id < ended.id < skipped.id < at_work.id
    told = await asked(client, people.alice, "runs", skipped.id)
    assert told["in_the_way"].startswith(f"Run {at_work.id} was recorded at 20")
    assert told["in_the_way"].endswith("has not ended yet.")


# ── tasks ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({}, "on_demand"),
        (
            {"schedule": MINUTELY, "next_run_at": now() + timedelta(hours=1)},
            "not_due",
        ),
        (
            {"schedule": MINUTELY, "next_run_at": now() - timedelta(hours=1)},
            "overdue",
        ),
        ({"schedule": MINUTELY}, "no_slot"),
    ],
)
async def test_a_task_says_when_it_is_due(
    facts: dict[str, Any],
    code: str,
    client: Client,
    people: People,
    database: Database,
    account: AWSAccount,
) -> None:
    task = await a_task(database, account, **facts)
    told = await asked(client, people.alice, "tasks", task.id)
    assert list(told) == ["no_runs", code]


async def test_a_disabled_task_says_by_whom_and_why(
    client: Client, people: People, database: Database, account: AWSAccount
) -> None:
    task = await a_task(database, account)
    url = f"/api/v1/tasks/{task.id}"
    answer = await client(people.olga).patch(url, json={"enabled": False})
    assert answer.status_code == 200, answer.text
    told = await asked(client, people.alice, "tasks", task.id)
    assert told["disabled"].startswith("A member disabled it: Olga, at 20")
    assert (await client(people.olga).delete(url)).status_code < 300
    told = await asked(client, people.alice, "tasks", task.id)
    assert told["disabled"].startswith("It was deleted: Olga, at 20")


@pytest.mark.parametrize("reason", sorted(DISABLED))
async def test_every_reason_of_a_disabled_task_is_a_sentence(
    reason: str,
    client: Client,
    people: People,
    database: Database,
    account: AWSAccount,
) -> None:
    task = await a_task(database, account, enabled=False)
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(update(Task).values(disabled_reason=reason))
    told = await asked(client, people.alice, "tasks", task.id)
    assert told["disabled"] == f"{DISABLED[reason]}."


async def test_a_task_says_what_it_follows_and_where_its_history_begins(
    client: Client, people: People, database: Database, account: AWSAccount
) -> None:
    task = await a_task(database, account)
    first = await a_task(database, account, name="First")
    until = datetime.fromisoformat("2026-01-01T00:00:00Z")
    async with database.unit_of_work(Login.OWNER) as session:
        session.add(
            TaskDependency(
                organization_id=account.organization_id,
                task_id=task.id,
                after_task_id=first.id,
                run_end="succeeded",
            )
        )
        session.add(
            Purge(
                organization_id=account.organization_id,
                kind=PurgeKind.RUNS,
                until=until,
                at=now(),
                rows=1,
            )
        )
    told = await asked(client, people.alice, "tasks", task.id)
    assert told["purged"] == (
        "Of what ended before 2026-01-01 00:00:00 UTC nothing is kept."
    )
    assert "follows" in told


async def test_the_last_run_of_a_task_is_the_last_by_the_databases_clock(
    client: Client, people: People, database: Database, account: AWSAccount
) -> None:
    task = await a_task(database, account)
    async with database.unit_of_work(Login.OWNER) as session:
        with clock_wrong_by(DAY):
            first = await make_run(session, task, status=Status.FAILED)
        last = await make_run(session, task, status=Status.SUCCEEDED)
    assert last.id < first.id
    told = await asked(client, people.alice, "tasks", task.id)
    assert told["run"] == f"Of run {last.id}:"


async def test_another_tenant_is_told_nothing(
    client: Client, people: People, database: Database, account: AWSAccount
) -> None:
    task = await a_task(database, account)
    async with database.unit_of_work(Login.OWNER) as session:
        execution = await make_execution(session, task, account)
    for what, id in (
        ("tasks", task.id),
        ("executions", execution.id),
        ("runs", execution.run_id),
    ):
        url = f"/api/v1/{what}/{id}/explanation"
        assert (await client(people.mallory).get(url)).status_code == 404


async def test_a_member_who_left_is_not_named(
    client: Client, people: People, database: Database, account: AWSAccount
) -> None:
    task = await a_task(database, account)
    async with database.unit_of_work(Login.OWNER) as session:
        run = await make_run(session, task, status=Status.SKIPPED, reason="no_targets")
    told = await asked(client, people.alice, "runs", run.id)
    assert told["manual"] == "A former member started the task by hand."
