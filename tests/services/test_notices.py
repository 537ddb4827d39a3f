"""What is written down to be told: in the transaction of what happened, once."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.core.notice import NoticeEvent
from app.models.notice import NoticeWant, RecordedNotice
from app.models.run import Status, TaskExecution, TaskResult
from app.models.subscription import Subscription, SubscriptionStatus
from app.models.task import Task
from app.services import problems
from tests.api.events_ground import Ground, make_ground
from tests.builders_runs import an_error, make_execution, make_run
from tests.personae import People
from tests.services.documented import assert_documented
from tests.services.purging import MoveClock, purge
from tests.services.reading import LISTING, instance, make_reader


@pytest.fixture
async def ground(database: Database, people: People) -> Ground:
    return await make_ground(database, people)


def worker(ground: Ground) -> Any:
    return ground.database.unit_of_work(
        Login.WORKER, organization_id=ground.executions["north"].organization_id
    )


async def noted(owner: AsyncSession) -> Sequence[RecordedNotice]:
    """All that was written, in its order; each of a shape that the document of webhooks
    has."""
    statement = select(RecordedNotice).order_by(RecordedNotice.number)
    written = (await owner.scalars(statement)).all()
    await assert_documented(owner, written)
    return written


async def fail(session: AsyncSession, ground: Ground, **error: Any) -> None:
    execution = ground.executions["north"]
    await problems.record_failure(
        session,
        organization_id=execution.organization_id,
        aws_account_id=execution.aws_account_id,
        execution_id=execution.id,
        error=an_error(**error),
    )


async def test_a_problem_is_told_when_it_opens_and_not_when_it_strikes_again(
    ground: Ground, owner: AsyncSession
) -> None:
    execution = ground.executions["north"]
    for _ in range(3):
        async with worker(ground) as session:
            await fail(session, ground, missing_action="s3:ListAllMyBuckets")
    (one,) = await noted(owner)
    assert one.event == NoticeEvent.PROBLEM_OPENED
    assert one.problem_id is not None
    assert one.organization_id == execution.organization_id
    assert one.aws_account_id == execution.aws_account_id
    assert (one.task_id, one.execution_id) == (execution.task_id, execution.id)
    assert one.facts["error"]["missing_action"] == "s3:ListAllMyBuckets"
    assert one.id.version == 7
    assert one.routed_at is None


async def test_a_recovery_is_told_after_its_problem_and_counts_what_it_ends(
    ground: Ground, owner: AsyncSession
) -> None:
    execution = ground.executions["north"]
    for code in ("AccessDenied", "AccessDenied", "Throttled"):
        async with worker(ground) as session:
            await fail(session, ground, code=code)
    async with worker(ground) as session:
        await problems.record_recovery(
            session,
            organization_id=execution.organization_id,
            aws_account_id=execution.aws_account_id,
            task_id=execution.task_id,
        )
    written = await noted(owner)
    assert [one.event.value for one in written] == [
        *("problem.opened", "problem.opened"),
        *("problem.closed", "problem.closed"),
    ]
    opened, closed = written[:2], written[2:]
    counts = {one.problem_id: one.facts["count"] for one in closed}
    assert counts == {opened[0].problem_id: 2, opened[1].problem_id: 1}


async def test_what_is_rolled_back_did_not_happen(
    ground: Ground, owner: AsyncSession
) -> None:
    async with worker(ground) as session:
        await fail(session, ground)
        await session.rollback()
    assert await noted(owner) == []


# ── only where it is wanted ──────────────────────────────────────────────────────


async def want(owner: AsyncSession, ground: Ground, *events: str) -> None:
    organization_id = ground.executions["north"].organization_id
    for event in events:
        owner.add(NoticeWant(organization_id=organization_id, event=NoticeEvent(event)))
    await owner.commit()


async def rerun(ground: Ground, *, verdict: str | None = None, **end: Any) -> UUID:
    """One more execution of `north` that ends so, as a worker writes it; its id."""
    like = ground.executions["north"]
    async with ground.database.unit_of_work(Login.OWNER) as session:
        task = await session.get_one(Task, like.task_id)
        execution = await make_execution(session, task, ground.accounts["north"])
    async with worker(ground) as session:
        if verdict is not None:
            session.add(
                TaskResult(
                    organization_id=like.organization_id,
                    execution_id=execution.id,
                    verdict=verdict,
                    counts={},
                    coverage={},
                    calls=1,
                    retries=0,
                )
            )
            await session.flush()
        await session.execute(
            update(TaskExecution)
            .where(TaskExecution.id == execution.id)
            .values({"status": Status.SUCCEEDED, "finished_at": func.app_now()} | end)
        )
    return execution.id


def kinds(written: Sequence[RecordedNotice]) -> list[str]:
    return [one.event.value for one in written]


EVERY = [event.value for event in NoticeEvent]


@pytest.mark.parametrize("status", ["succeeded", "failed", "interrupted", "cancelled"])
async def test_an_end_is_told_where_it_is_wanted(
    ground: Ground, owner: AsyncSession, status: str
) -> None:
    await rerun(ground, status=Status(status))
    assert await noted(owner) == []
    await want(owner, ground, f"execution.{status}")
    id = await rerun(ground, status=Status(status))
    (one,) = await noted(owner)
    like = ground.executions["north"]
    assert one.event.value == f"execution.{status}"
    assert (one.execution_id, one.task_id) == (id, like.task_id)
    assert one.aws_account_id == like.aws_account_id


@pytest.mark.parametrize("login", [Login.APP, Login.WORKER, Login.SYSTEM])
async def test_whoever_ends_it_tells_of_it(
    ground: Ground, owner: AsyncSession, login: Login
) -> None:
    """A person cancels over the API, a worker finishes, the beat takes it away."""
    await want(owner, ground, "execution.cancelled")
    like = ground.executions["north"]
    async with ground.database.unit_of_work(
        login, organization_id=like.organization_id
    ) as session:
        await session.execute(
            update(TaskExecution)
            .where(TaskExecution.id == like.id)
            .values(status=Status.CANCELLED, finished_at=func.app_now())
        )
    (one,) = await noted(owner)
    assert one.execution_id == like.id


async def test_what_another_wants_is_not_told(
    ground: Ground, owner: AsyncSession
) -> None:
    await want(owner, ground, *EVERY)
    await ground.start("evil")
    await ground.end("evil")
    assert await noted(owner) == []


async def test_nothing_is_told_of_what_goes_on(
    ground: Ground, owner: AsyncSession
) -> None:
    await want(owner, ground, *EVERY)
    await ground.start("north")
    await ground.change("north", lease_owner="another", lease_until=func.app_now())
    await ground.change("north", status=Status.QUEUED)
    assert await noted(owner) == []


async def test_a_success_is_told_after_a_failure_and_once(
    ground: Ground, owner: AsyncSession
) -> None:
    await want(owner, ground, "execution.recovered")
    await rerun(ground)
    failed = await rerun(ground, status=Status.FAILED)
    # Somebody stopped one: that is neither a failure nor a success.
    await rerun(ground, status=Status.CANCELLED)
    again = await rerun(ground)
    await rerun(ground)
    (one,) = await noted(owner)
    assert (one.event.value, one.execution_id) == ("execution.recovered", again)
    assert (one.facts["before"], one.facts["before_id"]) == ("failed", str(failed))


async def test_a_verdict_is_told_where_it_gets_worse_or_better(
    ground: Ground, owner: AsyncSession
) -> None:
    await want(owner, ground, "health.degraded", "health.recovered")
    verdicts = (
        *("healthy", "degraded", "degraded", "unhealthy", "unknown", "unhealthy"),
        *("degraded", "in_transition", "no_resources", "healthy"),
    )
    for verdict in verdicts:
        await rerun(ground, verdict=verdict)
    told = [
        (one.event.value, one.facts["before"], one.facts["verdict"])
        for one in await noted(owner)
    ]
    assert told == [
        ("health.degraded", "healthy", "degraded"),
        ("health.degraded", "degraded", "unhealthy"),
        ("health.recovered", "degraded", "no_resources"),
    ]


async def test_what_is_ill_at_the_first_look_is_told(
    ground: Ground, owner: AsyncSession
) -> None:
    await want(owner, ground, "health.degraded", "health.recovered")
    await rerun(ground, verdict="unhealthy")
    (one,) = await noted(owner)
    assert one.facts == {"before": None, "verdict": "unhealthy"}


async def test_every_slot_that_was_not_run_is_told(
    ground: Ground, owner: AsyncSession
) -> None:
    """A tick records thousands in one statement: each is told by its own id."""
    await want(owner, ground, "execution.skipped")
    like = ground.executions["north"]
    async with ground.database.unit_of_work(Login.OWNER) as session:
        task = await session.get_one(Task, like.task_id)
        run = await make_run(session, task)
    many = text(
        "INSERT INTO task_runs (id, organization_id, task_id, task_version_id,"
        " trigger, scheduled_for, slots, status, reason) SELECT gen_random_uuid(),"
        " organization_id, task_id, task_version_id, 'schedule',"
        " created_at + n * interval '1 minute', 1,"
        " CASE WHEN n % 2 = 0 THEN 'skipped' ELSE 'queued' END, 'plan_limit'"
        " FROM task_runs, generate_series(1, 1000) n WHERE id = :id"
        " RETURNING id, status"
    )
    async with ground.database.system_session("a tick") as session:
        made = (await session.execute(many, {"id": run.id})).all()
    written = await noted(owner)
    assert {one.run_id for one in written} == {
        one.id for one in made if one.status == "skipped"
    }
    assert len(written) == 500
    assert set(kinds(written)) == {"execution.skipped"}


async def test_a_subscription_is_told_when_plan_or_status_change(
    ground: Ground, owner: AsyncSession
) -> None:
    for values in (
        {"cancel_at_period_end": True},
        {"status": SubscriptionStatus.PAUSED},
        {"status": SubscriptionStatus.PAUSED},
    ):
        async with worker(ground) as session:
            await session.execute(update(Subscription).values(values))
    (one,) = await noted(owner)
    assert one.event is NoticeEvent.SUBSCRIPTION_CHANGED
    assert one.facts["status"] == "paused"
    assert one.facts["plan"] == one.facts["plan_before"]


async def test_a_change_is_told_against_an_earlier_read_and_once_a_unit(
    database: Database, people: People, ground: Ground, owner: AsyncSession
) -> None:
    """What is there at the first look has not changed; nor has it where an earlier
    look failed."""
    await want(owner, ground, "resource.changed")
    reader = await make_reader(database, people.alice)
    await reader.fail(kind="list", key=LISTING)
    for items in (
        [instance("i-1"), instance("i-2")],
        [instance("i-1"), instance("i-2")],
        [instance("i-1", state="stopped"), instance("i-3"), instance("i-4")],
        [],
    ):
        execution, _ = await reader.list(*items)
    written = await noted(owner)
    fates = ("new", "returned", "changed", "gone")
    assert [[one.facts["counts"][fate] for fate in fates] for one in written] == [
        [2, 0, 1, 1],
        [0, 0, 0, 3],
    ]
    last = written[-1]
    assert last.event is NoticeEvent.RESOURCE_CHANGED
    assert (last.execution_id, last.task_id) == (execution.id, execution.task_id)
    assert last.aws_account_id == reader.account.id
    assert (last.facts["service"], last.facts["region"]) == ("ec2", "eu-central-1")


async def test_a_change_names_what_is_otherwise(
    database: Database, people: People, ground: Ground, owner: AsyncSession
) -> None:
    await want(owner, ground, "resource.changed")
    reader = await make_reader(database, people.alice)
    for items in (
        [instance("i-1"), instance("i-2"), instance("i-3")],
        [instance("i-1"), instance("i-2", state="stopped"), instance("i-4")],
        [instance(f"i-{n}") for n in range(30)],
    ):
        await reader.list(*items)
    first, second = [one.facts["resources"] for one in await noted(owner)]
    assert {(one["identity"], one["fate"]) for one in first} == {
        *(("i-2", "changed"), ("i-3", "gone"), ("i-4", "new"))
    }
    assert {one["type"] for one in first} == {"ec2:instance"}
    assert len(second) == 20
    fates = {one["identity"]: one["fate"] for one in second}
    assert fates.pop("i-2") == "changed"
    assert fates.pop("i-3", "returned") == "returned"
    assert {*fates.values()} == {"new"}


async def test_notices_go_by_the_plan_but_those_that_nobody_routed(
    ground: Ground,
    people: People,
    owner: AsyncSession,
    free: None,
    move_clock: MoveClock,
) -> None:
    organization_id = people.alice.organization_id
    async with worker(ground) as session:
        rows = [
            RecordedNotice(organization_id=organization_id, event=NoticeEvent.TEST)
            for _ in range(3)
        ]
        session.add_all(rows)
        await session.flush()
        for row in rows[:2]:
            row.routed_at = row.at
    await move_clock("6 days")
    await purge(ground.database, people.alice)
    ids = {row.id for row in rows}
    assert {one.id for one in await noted(owner)} >= ids
    await move_clock("8 days")
    await purge(ground.database, people.alice)
    assert ids & {one.id for one in await noted(owner)} == {rows[2].id}
