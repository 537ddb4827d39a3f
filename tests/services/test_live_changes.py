"""What is told of a change: once a statement, with it, and nothing secret."""

import json
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import insert, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.aws.unit import Verdict
from app.core.db import Database, Login
from app.core.ids import new_id
from app.models.aws_account import AWSCredentials, CredentialsStatus
from app.models.live_event import EventKind
from app.models.run import Status, TaskExecution, UnitStatus
from app.schemas.events import change_as_json
from app.services import live_events, problems
from app.services.event_frames import change
from app.services.live_events import Cursor, Event
from tests.api.events_ground import Ground, make_ground
from tests.builders import make_credentials, make_task
from tests.builders_runs import an_error, make_run, make_unit
from tests.personae import People
from tests.services.ears import Ear, ear_of
from tests.services.reading import LISTING, instance, judged, make_reader


@pytest.fixture
async def ground(database: Database, people: People) -> Ground:
    return await make_ground(database, people)


@pytest.fixture
async def ear(database: Database, people: People, ground: Ground) -> Ear:
    return await ear_of(database, people.alice)


def worker(ground: Ground) -> Any:
    return ground.database.unit_of_work(
        Login.WORKER, organization_id=ground.executions["north"].organization_id
    )


async def test_tells_of_many_executions_of_an_account_at_once(
    ear: Ear, ground: Ground, owner: AsyncSession
) -> None:
    """A tick records a thousand in one statement: one event of each account, with a
    count instead of their ids."""
    like = ground.executions["north"]
    accounts = [ground.accounts[name].id for name in ("north", "south")]
    async with ground.database.unit_of_work(Login.OWNER) as session:
        task = await make_task(session, like.organization_id, name="Many")
        runs = [(await make_run(session, task)).id for _ in range(21)]
        rows = [
            {
                "id": new_id(),
                "organization_id": like.organization_id,
                "task_id": task.id,
                "run_id": run_id,
                "aws_account_id": account_id,
                "kind": like.kind,
                "priority": like.priority,
                "timeout_seconds": 900,
            }
            for run_id in runs
            for account_id in accounts[: 1 if run_id == runs[0] else 2]
        ]
        await session.execute(insert(TaskExecution).values(rows))
    told = {one["aws_account_id"]: one for one in await ear.facts()}
    many, few = (told[str(account_id)] for account_id in accounts)
    assert (many["count"], many["ids"]) == (21, [])
    assert (few["count"], len(few["ids"])) == (20, 20)
    assert (many["status"], many["task_id"], many["run_id"]) == (
        "queued",
        str(task.id),
        None,
    )


async def test_tells_nothing_of_a_change_that_nobody_sees(
    ear: Ear, ground: Ground
) -> None:
    """A heartbeat extends a lease; a statement may find no row, or change none."""
    await ground.start("north")
    assert len(await ear.facts()) == 1
    await ground.change("north", lease_until=datetime.fromisoformat("2030-01-01T00Z"))
    await ground.change("north", status=Status.RUNNING)
    async with worker(ground) as session:
        await session.execute(
            update(TaskExecution)
            .where(TaskExecution.id == new_id())
            .values(status=Status.FAILED)
        )
    assert await ear.facts() == []


async def test_tells_of_the_wish_to_stop(ear: Ear, ground: Ground) -> None:
    async with ground.database.unit_of_work(Login.OWNER) as session:
        await session.execute(
            text("UPDATE task_executions SET cancel_requested_at = app_now()")
        )
    told = await ear.facts()
    assert [one["cancel_requested"] for one in told] == [True, True]
    assert {one["status"] for one in told} == {"queued"}


async def test_tells_of_units_by_their_status(ear: Ear, ground: Ground) -> None:
    execution = ground.executions["north"]
    async with ground.database.unit_of_work(Login.OWNER) as session:
        units = [
            await make_unit(session, execution, region=region, status=status)
            for region, status in (
                ("eu-west-1", UnitStatus.RUNNING),
                ("eu-west-2", UnitStatus.PENDING),
                ("eu-west-3", UnitStatus.PENDING),
            )
        ]
    assert await ear.facts() == []
    async with worker(ground) as session:
        await session.execute(
            text(
                "UPDATE execution_units SET reason = 'timed_out', status = CASE status"
                " WHEN 'running' THEN 'failed' ELSE 'not_attempted' END"
            )
        )
    told = {one["status"]: one for one in await ear.facts()}
    failed, skipped = told["failed"], told["not_attempted"]
    assert failed["ids"] == [str(units[0].id)]
    assert failed["aws_account_id"] == str(execution.aws_account_id)
    assert failed["execution_id"] == str(execution.id)
    assert (failed["region"], failed["service"]) == ("eu-west-1", "ec2")
    assert (failed["key"], failed["of"]) == ("ec2:DescribeInstances", "list")
    assert failed["reason"] == "timed_out"
    assert set(skipped["ids"]) == {str(unit.id) for unit in units[1:]}
    assert (skipped["count"], skipped["region"]) == (2, None)


async def test_tells_of_problems(ear: Ear, ground: Ground, people: People) -> None:
    execution = ground.executions["north"]
    for _ in range(2):
        async with worker(ground) as session:
            await problems.record_failure(
                session,
                organization_id=execution.organization_id,
                aws_account_id=execution.aws_account_id,
                execution_id=execution.id,
                error=an_error(),
            )
    first, again = await ear.facts()
    assert (first["status"], first["occurrences"]) == ("open", 1)
    assert (again["ids"], again["occurrences"]) == (first["ids"], 2)
    assert first["category"] == "AWSPermissionError"
    assert first["code"] == "UnauthorizedOperation"
    assert first["missing_action"] == "ec2:DescribeInstances"
    async with ground.database.unit_of_work(
        Login.APP, organization_id=execution.organization_id
    ) as session:
        await problems.edit(
            session,
            people.alice.actor,
            first["ids"][0],
            changes={"status": "acknowledged", "note": "a canary"},
        )
    (edited,) = await ear.facts()
    assert edited["status"] == "acknowledged"
    assert "canary" not in json.dumps(edited)


async def test_tells_of_credentials(ear: Ear, ground: Ground, people: People) -> None:
    tenant = people.alice.organization_id
    async with ground.database.unit_of_work(Login.OWNER) as session:
        made = await make_credentials(
            session,
            tenant,
            ground.accounts["north"],
            status=CredentialsStatus.PENDING,
        )
    async with worker(ground) as session:
        await session.execute(
            update(AWSCredentials)
            .where(AWSCredentials.id == made.id)
            .values(status=CredentialsStatus.REFUSED, reason="external_id_not_enforced")
        )
    added, refused = await ear.facts()
    assert added["ids"] == refused["ids"] == [str(made.id)]
    assert (added["status"], added["of"], added["purpose"]) == (
        "pending",
        "role",
        "read",
    )
    assert (refused["status"], refused["reason"]) == (
        "refused",
        "external_id_not_enforced",
    )
    assert "role_arn" not in json.dumps([added, refused])


async def test_tells_of_resources_that_a_listing_found_otherwise(
    database: Database, people: People
) -> None:
    """And not of one that says nothing new."""
    reader = await make_reader(database, people.alice)
    ear = await ear_of(database, people.alice)
    found = []
    for items in ([instance("i-1")], [instance("i-1")], [instance("i-2")], []):
        await reader.list(*items)
        found.append(
            [one for one in await ear.facts() if one["kind"] == "resources.changed"]
        )
    (first,), unchanged, (other,), (none,) = found
    assert unchanged == []
    assert first["counts"]["new"] == 1
    assert (other["counts"]["new"], other["counts"]["gone"]) == (1, 1)
    assert none["counts"]["gone"] == 1
    assert first["aws_account_id"] == str(reader.account.id)
    assert (first["of"], first["key"], first["verdict"]) == ("list", LISTING, None)


async def test_tells_of_findings_also_where_their_counts_are_the_same(
    database: Database, people: People
) -> None:
    reader = await make_reader(database, people.alice)
    ear = await ear_of(database, people.alice)
    found = []
    verdicts: tuple[tuple[Verdict, Verdict], ...] = (
        ("healthy", "unhealthy"),
        ("healthy", "unhealthy"),
        ("unhealthy", "healthy"),
    )
    for one, other in verdicts:
        await reader.check(judged("i-1", one), judged("i-2", other))
        found.append(
            [one for one in await ear.facts() if one["kind"] == "resources.changed"]
        )
    (first,), unchanged, (swapped,) = found
    assert unchanged == []
    assert first["counts"] == swapped["counts"] == {"healthy": 1, "unhealthy": 1}
    assert (first["verdict"], first["of"]) == ("unhealthy", "health")


def test_every_kind_has_a_shape_and_a_permission() -> None:
    assert set(live_events.PERMISSIONS) == set(EventKind)
    for kind in EventKind:
        with pytest.raises(ValueError, match=kind.value):
            change_as_json({"kind": kind.value})


def test_a_member_that_no_shape_knows_is_left_out() -> None:
    facts: dict[str, Any] = {
        "of": "list",
        "service": "ec2",
        "region": "eu-west-1",
        "key": LISTING,
        "verdict": None,
        "counts": {},
        "document": "a canary",
    }
    at = datetime.fromisoformat("2026-01-01T00:00Z")
    told = change(Event(Cursor(1, 1, 1), EventKind.RESOURCES, at, None, facts))
    assert b"ec2" in told
    assert b"canary" not in told
