"""Retention: what is over goes, what holds or waits stays, and each history says where
it begins."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.db import Database, Login
from app.models.artifact import Artifact, ArtifactStatus
from app.models.outbox import IdempotencyKey, OutboxMessage, OutboxStatus
from app.models.purge import Purge, PurgeKind
from app.models.run import (
    ExecutionEvent,
    ExecutionUnit,
    Status,
    TaskExecution,
    TaskResult,
    TaskRun,
    Trigger,
)
from app.services import problems, retention
from app.services.resolutions import RESOLVED
from tests.builders import make_account, make_task
from tests.builders_runs import an_error, make_execution, make_run
from tests.conftest import Client
from tests.personae import People
from tests.services.purging import MoveClock, an_end, ids_of, purge, total


async def test_an_execution_goes_with_all_that_belongs_to_it_and_is_told(
    database: Database,
    people: People,
    owner: AsyncSession,
    client: Client,
    free: None,
    move_clock: MoveClock,
) -> None:
    id = await an_end(database, people.alice)
    url = "/api/v1/executions"
    assert (await client(people.alice).get(url)).json()["purged_until"] is None
    await move_clock("8 days")
    await purge(database, people.alice)
    of_it = (ExecutionUnit, TaskResult, ExecutionEvent, TaskExecution, TaskRun)
    assert await total(owner, *of_it) == 0
    await move_clock("0 days")  # in which her session lives
    told = (await client(people.alice).get(url)).json()
    assert told["items"] == []
    age = now() + timedelta(days=8) - datetime.fromisoformat(told["purged_until"])
    assert timedelta(days=7) <= age < timedelta(days=7, hours=1)
    task = (await client(people.alice).get("/api/v1/tasks")).json()["items"][0]["id"]
    for of_task in ("runs", "executions"):
        page = await client(people.alice).get(f"/api/v1/tasks/{task}/{of_task}")
        assert page.json()["purged_until"] is not None
    assert (await client(people.alice).get(f"{url}/{id}")).status_code == 404
    mallory = (await client(people.mallory).get(url)).json()
    assert mallory["purged_until"] is None


async def test_nothing_younger_than_the_plan_keeps_goes_nor_of_another_tenant(
    database: Database,
    people: People,
    owner: AsyncSession,
    free: None,
    move_clock: MoveClock,
) -> None:
    old = await an_end(database, people.alice)
    young = await an_end(database, people.alice, age=timedelta(days=-2), number=1)
    foreign = await an_end(database, people.mallory)
    await move_clock("6 days")
    await purge(database, people.alice)
    assert await ids_of(owner, TaskExecution) == {old, young, foreign}
    await move_clock("8 days")
    await purge(database, people.alice)
    assert await ids_of(owner, TaskExecution) == {young, foreign}
    assert await total(owner, TaskRun) == 2


async def test_a_plan_without_a_limit_keeps_everything(
    database: Database,
    people: People,
    owner: AsyncSession,
    free: None,
    move_clock: MoveClock,
) -> None:
    await owner.execute(
        text("UPDATE subscription_plans SET limits = limits - 'history_days'")
    )
    await owner.commit()
    id = await an_end(database, people.alice)
    await move_clock("4000 days")
    await purge(database, people.alice)
    assert await ids_of(owner, TaskExecution) == {id}


@pytest.mark.parametrize(
    "table",
    [
        *("task_executions", "execution_units", "task_results", "execution_events"),
        *("task_runs", "problems", "resource_versions", "findings", "scope_reads"),
        *("resources", "artifacts", "outbox", "idempotency_keys", "deliveries"),
    ],
)
async def test_the_database_lets_no_worker_delete_what_is_young(
    table: str, database: Database, people: People, owner: AsyncSession, free: None
) -> None:
    """Whatever the rule asks for: the login itself may not."""
    command = await owner.scalar(
        text(
            "SELECT permissive || cmd FROM pg_policies"
            " WHERE tablename = :table AND policyname = 'retention'"
        ),
        {"table": table},
    )
    assert command == "RESTRICTIVEDELETE"


async def test_a_worker_that_asks_for_too_much_deletes_nothing(
    database: Database, people: People, owner: AsyncSession, free: None
) -> None:
    await an_end(database, people.alice, age=timedelta(days=6))
    async with database.unit_of_work(
        Login.WORKER, organization_id=people.alice.organization_id
    ) as session:
        for table in ("execution_units", "task_results", "execution_events"):
            await session.execute(text(f"DELETE FROM {table}"))  # noqa: S608 — our own
    assert await total(owner, ExecutionUnit, TaskResult) == 2
    with pytest.raises(DBAPIError, match="permission denied"):
        async with database.unit_of_work(
            Login.APP, organization_id=people.alice.organization_id
        ) as session:
            await session.execute(text("DELETE FROM execution_units"))


async def test_what_is_unfinished_or_waits_for_a_person_stays(
    database: Database,
    people: People,
    owner: AsyncSession,
    free: None,
    move_clock: MoveClock,
) -> None:
    alice = people.alice
    interrupted = await an_end(database, alice, status=Status.INTERRUPTED)
    resolved = await an_end(database, alice, status=Status.INTERRUPTED, number=1)
    problem = await an_end(database, alice, status=Status.FAILED, number=2)
    file = await an_end(database, alice, number=3)
    async with database.unit_of_work(Login.OWNER) as session:
        account = await make_account(
            session, alice.organization_id, account_id="999999999999", credentials=None
        )
        task = await make_task(
            session, alice.organization_id, accounts=(account,), name="Waiting"
        )
        queued = await make_execution(session, task, account, status=Status.QUEUED)
        session.add(
            ExecutionEvent(
                organization_id=alice.organization_id,
                execution_id=resolved,
                kind=RESOLVED,
                fence=1,
                actor=f"user:{alice.user_id}",
            )
        )
        await problems.record_failure(
            session,
            organization_id=alice.organization_id,
            aws_account_id=account.id,
            execution_id=problem,
            error=an_error(),
        )
        session.add(
            Artifact(
                organization_id=alice.organization_id,
                execution_id=file,
                part="resources",
                format="csv",
                requested_by=alice.user_id,
            )
        )
    await move_clock("30 days")
    await purge(database, alice)
    left = {interrupted, problem, file, queued.id}
    assert await ids_of(owner, TaskExecution) == left
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(
            text("UPDATE problems SET status = 'closed', closed_at = now()")
        )
        await session.execute(update(Artifact).values(status=ArtifactStatus.FAILED))
    await purge(database, alice)
    assert await ids_of(owner, TaskExecution) == {interrupted, queued.id}
    assert await total(owner, Artifact) == 0


async def test_a_root_stays_until_its_chain_has_gone(
    database: Database,
    people: People,
    owner: AsyncSession,
    free: None,
    move_clock: MoveClock,
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        first, second = [
            await make_task(session, people.alice.organization_id, name=name)
            for name in ("First", "Second")
        ]
        root, follower = [await make_run(session, task) for task in (first, second)]
        follower.trigger, follower.root_run_id = Trigger.CHAINED, root.id
        for run, age in ((root, timedelta(days=3)), (follower, timedelta())):
            run.status, run.finished_at = Status.SUCCEEDED, now() - age
    await move_clock("5 days")
    await purge(database, people.alice)
    assert await ids_of(owner, TaskRun) == {root.id, follower.id}
    await move_clock("8 days")
    await purge(database, people.alice)
    await purge(database, people.alice)
    assert await ids_of(owner, TaskRun) == set()


async def test_it_goes_on_where_it_was_interrupted(
    database: Database,
    people: People,
    owner: AsyncSession,
    free: None,
    move_clock: MoveClock,
) -> None:
    for number in range(5):
        await an_end(database, people.alice, number=number)
    await move_clock("8 days")
    organization_id = people.alice.organization_id
    async with database.unit_of_work(
        Login.WORKER, organization_id=organization_id
    ) as session:
        await retention.purge_batch(
            session, organization_id, PurgeKind.EXECUTIONS, most=2
        )
        await session.rollback()  # as when its process is killed
    assert await total(owner, TaskExecution) == 5
    assert await total(owner, Purge) == 0, "what was not deleted is not told either"
    async with database.unit_of_work(
        Login.WORKER, organization_id=organization_id
    ) as session:
        batch = await retention.purge_batch(
            session, organization_id, PurgeKind.EXECUTIONS, most=2
        )
    assert batch.rows == 2
    assert await total(owner, TaskExecution) == 3
    await purge(database, people.alice)
    told = {one.kind: one.rows for one in await owner.scalars(select(Purge))}
    assert told[PurgeKind.EXECUTIONS] == 5
    assert told[PurgeKind.RUNS] == 5


async def test_many_units_do_not_make_a_batch_long(
    database: Database,
    people: People,
    owner: AsyncSession,
    free: None,
    move_clock: MoveClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retention, "MOST_UNITS", 2)
    for number in range(3):
        await an_end(database, people.alice, number=number)
    await move_clock("8 days")
    async with database.unit_of_work(
        Login.WORKER, organization_id=people.alice.organization_id
    ) as session:
        batch = await retention.purge_batch(
            session, people.alice.organization_id, PurgeKind.EXECUTIONS
        )
    assert batch.rows == 2


async def test_two_that_purge_one_tenant_do_not_meet(
    database: Database,
    people: People,
    owner: AsyncSession,
    free: None,
    move_clock: MoveClock,
) -> None:
    await an_end(database, people.alice)
    await move_clock("8 days")
    mine = func.hashtextextended(f"retention:{people.alice.organization_id}", 0)
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(select(func.pg_advisory_xact_lock(mine)))
        await purge(database, people.alice)
        assert await total(owner, TaskExecution) == 1
    await purge(database, people.alice)
    assert await total(owner, TaskExecution) == 0


async def test_messages_and_keys_go_after_a_time_of_their_own(
    database: Database,
    people: People,
    owner: AsyncSession,
    move_clock: MoveClock,
) -> None:
    organization_id = people.alice.organization_id
    async with database.unit_of_work(Login.OWNER) as session:
        for number, status in enumerate(OutboxStatus):
            session.add(
                OutboxMessage(
                    organization_id=organization_id,
                    kind="mail.verify_email",
                    subject_id=people.alice.user_id,
                    dedupe_key=f"{number}",
                    status=status,
                )
            )
        session.add(
            IdempotencyKey(
                organization_id=organization_id,
                actor="user:1",
                route="tasks.execute",
                key="key",
                request_hash=b"",
                response={},
            )
        )
    await move_clock("2 days")
    await purge(database, people.alice)
    assert await total(owner, OutboxMessage, IdempotencyKey) == 4
    await move_clock("31 days")
    await purge(database, people.alice)
    assert await total(owner, IdempotencyKey) == 0
    [left] = await owner.scalars(select(OutboxMessage))
    assert left.status is OutboxStatus.PENDING
