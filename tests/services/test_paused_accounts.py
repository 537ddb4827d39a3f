"""Nothing runs on an account that the plan has no room for, and that is said."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.models.aws_account import AWSAccount
from app.models.run import Status, TaskExecution
from app.models.task import Task, TaskType
from app.services import run_records
from tests.builders import a_task, make_account, make_task
from tests.conftest import Client
from tests.dispatching import MINUTELY, SLOT, runs_of, stop_clock, tick
from tests.personae import People

LABELS = {"stage": "live"}


@pytest.fixture
def acme(people: People) -> UUID:
    return people.alice.organization_id


@pytest.fixture
async def accounts(database: Database, acme: UUID) -> list[AWSAccount]:
    """One that runs, and one that is paused."""
    async with database.unit_of_work(Login.OWNER) as session:
        made = [
            await make_account(
                session, acme, account_id=f"{n:012}", name=str(n), labels=LABELS
            )
            for n in range(2)
        ]
        paused = update(AWSAccount).where(AWSAccount.id == made[1].id)
        await session.execute(paused.values(paused_at=func.app_now()))
        return made


@pytest.mark.parametrize("by", ["name", "label"])
async def test_a_slot_leaves_it_out_and_without_another_says_why(
    database: Database,
    acme: UUID,
    accounts: list[AWSAccount],
    owner: AsyncSession,
    by: str,
) -> None:
    aims: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
        "name": ({"accounts": tuple(accounts)}, {"accounts": (accounts[1],)}),
        "label": ({"selector": {"stage": ["live"]}}, {"selector": {"stage": ["live"]}}),
    }
    both_aims, none_aims = aims[by]
    due: dict[str, Any] = {"schedule": MINUTELY, "next_run_at": SLOT}
    await stop_clock(database)
    async with database.unit_of_work(Login.OWNER) as session:
        both = await make_task(session, acme, name="Both", **both_aims, **due)
    await tick(database)
    queued = select(TaskExecution.aws_account_id).where(
        TaskExecution.status == Status.QUEUED
    )
    assert list(await owner.scalars(queued)) == [accounts[0].id]
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(update(Task).values(enabled=False))
        pause_all = update(AWSAccount).values(paused_at=func.app_now())
        await session.execute(pause_all)
        none = await make_task(session, acme, name="None", **none_aims, **due)
    await tick(database)
    assert [one.status for one in await runs_of(owner, both.id)] == [Status.QUEUED]
    (run,) = await runs_of(owner, none.id)
    assert (run.status, run.reason) == (Status.SKIPPED, "plan_limit")


async def test_who_starts_a_task_on_paused_accounts_alone_is_told_why(
    client: Client,
    people: People,
    database: Database,
    acme: UUID,
    accounts: list[AWSAccount],
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        task = await make_task(session, acme, accounts=(accounts[1],))
    answer = await client(people.olga).post(f"/api/v1/tasks/{task.id}/execute")
    assert answer.status_code == 402, answer.text
    assert answer.json()["code"] == "plan-limit"


async def test_a_task_on_paused_accounts_alone_is_skipped_in_a_chain_and_says_why(
    database: Database, acme: UUID, accounts: list[AWSAccount]
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        named = await make_task(session, acme, accounts=(accounts[1],), name="Named")
        found = await make_task(
            session, acme, selector={"stage": ["live"]}, name="Found"
        )
    async with database.system_session("test") as session:
        both = await run_records.startable(session, acme, [named.id, found.id])
        targets = await run_records.targets(session, both)
        paused = await run_records.paused_targets(session, both)
    assert targets == {named.id: [], found.id: [accounts[0].id]}
    assert paused == {named.id: [accounts[1].id], found.id: [accounts[1].id]}


async def test_no_task_can_be_pointed_at_it(
    client: Client, people: People, accounts: list[AWSAccount]
) -> None:
    answer = await client(people.olga).post("/api/v1/tasks", json=a_task(*accounts))
    assert answer.status_code == 422, answer.text
    wrong = [(one["pointer"], one["code"]) for one in answer.json()["errors"]]
    assert wrong == [("/targets/account_ids/1", "paused")]


async def test_it_is_not_watched(
    client: Client,
    people: People,
    database: Database,
    acme: UUID,
    accounts: list[AWSAccount],
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        await make_task(
            session, acme, accounts=tuple(accounts), type=TaskType.HEALTH_CHECK
        )
    answer = await client(people.victor).get("/api/v1/health")
    services = [one["services"] for one in answer.json()["items"]]
    assert [bool(of_account) for of_account in services] == [True, False]
