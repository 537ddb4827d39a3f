"""Chains: what runs after what, told by the runs that are recorded when a run ends."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from app.core.clock import now
from app.core.db import Login
from app.models.run import Status, TaskExecution, TaskRun, Trigger
from app.models.subscription import Subscription
from app.models.task import Overlap, TaskDependency
from app.services import chains, runs
from app.services.claims import Claim
from app.services.dispatch import dispatch_due
from app.services.reaping import reap
from app.tasks import outbox
from app.tasks.worker import Worker
from tests.builders import make_account
from tests.claiming import claim_one, take_one
from tests.conftest import Client
from tests.personae import People
from tests.tasks.chained import Rota
from tests.tasks.faked import Faked

MoveClock = Callable[[str], Awaitable[None]]


@pytest.fixture
def rota(faked: Faked, people: People) -> Rota:
    return Rota(faked.database, faked.worker, faked.account, people, {})


SKIPPED = ("skipped", "chain_interrupted")
QUEUED = ("queued", None)


async def test_what_follows_starts_on_its_own_accounts_when_all_succeeded(
    rota: Rota,
) -> None:
    async with rota.database.unit_of_work(Login.OWNER) as session:
        other = await make_account(
            session,
            rota.account.organization_id,
            account_id="222222222222",
            name="Other",
            labels={"client": "north"},
        )
    selector = {"accounts": (), "selector": {"client": ["north"]}}
    await rota.make("a>b", "a>c", c=selector)
    root = await rota.start("a")
    assert await rota.advances() == []
    await rota.end("a")
    await rota.deliver()
    assert await rota.told() == {"a": ("succeeded", None), "b": QUEUED, "c": QUEUED}
    for name, account in (("b", rota.account), ("c", other)):
        [run] = await rota.runs_of(name)
        assert (run.trigger, run.root_run_id) == (Trigger.CHAINED, root)
        async with rota.database.unit_of_work(Login.OWNER) as session:
            of_run = TaskExecution.run_id == run.id
            [execution] = await session.scalars(select(TaskExecution).where(of_run))
        assert execution.aws_account_id == account.id
    assert await claim_one(rota.worker) is not None


async def test_an_error_interrupts_the_chain_and_the_rest_is_recorded(
    rota: Rota,
) -> None:
    await rota.make("a>b", "b>c", "c.d", "a!x", "x>y", "a.z")
    await rota.start("a")
    await rota.end("a", Status.FAILED)
    await rota.deliver()
    assert await rota.told() == {
        "a": ("failed", None),
        **dict.fromkeys("bcd", SKIPPED),
        "x": QUEUED,
        "z": QUEUED,
    }
    await rota.end("x")
    await rota.end("z")
    await rota.deliver()
    assert (await rota.told())["y"] == QUEUED


async def test_both_that_it_follows_must_have_ended(rota: Rota) -> None:
    await rota.make("a>b", "a>c", "b>d", "c>d")
    await rota.start("a")
    await rota.end("a")
    await rota.deliver()
    await rota.end("b")
    await rota.deliver()
    assert "d" not in await rota.told()
    await rota.end("c")
    await rota.deliver()
    assert (await rota.told())["d"] == QUEUED


async def test_two_that_end_at_once_start_what_follows_them_once(rota: Rota) -> None:
    await rota.make("a>b", "a>c", "b>d", "c>d")
    await rota.start("a")
    await rota.end("a")
    await rota.deliver()
    await asyncio.gather(rota.end("b"), rota.end("c"))
    messages = await rota.advances()
    assert len(messages) == 2
    await asyncio.gather(*(outbox.deliver(rota.worker, one) for one in messages))
    assert len(await rota.runs_of("d")) == 1


async def test_to_be_delivered_twice_does_no_harm(rota: Rota) -> None:
    await rota.make("a>b")
    root = await rota.start("a")
    await rota.end("a")

    async def advance() -> int:
        async with rota.database.system_session("chain.advance") as session:
            return await chains.advance(session, rota.account.organization_id, root)

    assert sorted(await asyncio.gather(advance(), advance(), advance())) == [0, 0, 1]
    assert len(await rota.runs_of("b")) == 1


async def test_the_database_holds_one_run_of_a_task_in_a_chain(rota: Rota) -> None:
    await rota.make("a>b")
    await rota.start("a")
    await rota.end("a")
    await rota.deliver()
    [run] = await rota.runs_of("b")
    columns = ("organization_id", "task_id", "task_version_id", "root_run_id")
    again = {name: getattr(run, name) for name in columns}
    with pytest.raises(IntegrityError, match="root_run_id"):
        async with rota.database.unit_of_work(Login.OWNER) as session:
            await session.execute(insert(TaskRun).values(trigger="chained", **again))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"enabled": False}, "disabled"),
        ({"selector": {"client": ["nobody"]}}, "no_targets"),
    ],
)
async def test_a_follower_that_cannot_run_is_recorded_and_interrupts_its_branch(
    rota: Rota, changes: dict[str, Any], reason: str
) -> None:
    await rota.make("a>b", "b.c", "a>d")
    await rota.change("b", **changes)
    await rota.start("a")
    await rota.end("a")
    await rota.deliver()
    assert await rota.told() == {
        "a": ("succeeded", None),
        "b": ("skipped", reason),
        "c": SKIPPED,
        "d": QUEUED,
    }


@pytest.mark.parametrize(
    ("overlap", "second"),
    [(Overlap.SKIP, ("skipped", "overlap")), (Overlap.QUEUE, QUEUED)],
)
async def test_a_follower_that_is_at_work_skips_or_queues_as_for_slots(
    rota: Rota, overlap: Overlap, second: tuple[str, str | None]
) -> None:
    await rota.make("a>b", "b>c", b={"overlap": overlap})
    await rota.start("b")
    root = await rota.start("a")
    await rota.end("a")
    await rota.deliver()
    told = await rota.told(root)
    assert told["b"] == second
    if overlap is Overlap.SKIP:
        assert told["c"] == SKIPPED
    else:
        assert "c" not in told


async def test_a_start_by_hand_in_the_middle_is_a_chain_of_its_own(
    rota: Rota,
) -> None:
    """It does not wait for what takes no part in it."""
    await rota.make("a>c", "b>c", "c>d")
    root = await rota.start("b")
    await rota.end("b")
    await rota.deliver()
    assert await rota.told(root) == {"b": ("succeeded", None), "c": QUEUED}


async def test_what_failed_is_run_again_as_the_root_of_another_chain(
    rota: Rota, client: Client
) -> None:
    await rota.make("a>b")
    first = await rota.start("a")
    await rota.end("a", Status.FAILED)
    await rota.deliver()
    asked = {"task_id": str(rota.tasks["a"].id)}
    olga = client(rota.people.olga)
    answer = await olga.post("/api/v1/executions/rerun", json=asked)
    second = UUID(answer.json()["items"][0]["run_id"])
    await rota.end("a")
    await rota.deliver()
    assert (await rota.told(first))["b"] == SKIPPED
    assert (await rota.told(second))["b"] == QUEUED


async def test_a_cancelled_run_lets_only_those_go_on_that_ask_for_any_end(
    rota: Rota, client: Client
) -> None:
    await rota.make("a>b", "a!c", "a.d")
    await rota.start("a")
    async with rota.database.unit_of_work(Login.OWNER) as session:
        [id] = await session.scalars(select(TaskExecution.id))
    answer = await client(rota.people.olga).post(f"/api/v1/executions/{id}/cancel")
    assert answer.status_code == 202
    await rota.deliver()
    told = await rota.told()
    assert told == {"a": ("cancelled", None), "b": SKIPPED, "c": SKIPPED, "d": QUEUED}


async def test_a_run_that_is_lost_for_good_ends_too(
    rota: Rota, move_clock: MoveClock
) -> None:
    await rota.make("a!b")
    await rota.start("a")
    for minutes in (2, 4, 6):
        claim = await claim_one(rota.worker)
        assert claim is not None
        await move_clock(f"{minutes} minutes")
        async with rota.database.system_session("reap") as session:
            assert await reap(session, limit=10) == 1
    await rota.deliver()
    assert await rota.told() == {"a": ("failed", None), "b": QUEUED}


async def test_slots_that_are_made_up_for_start_chains_and_those_missed_start_none(
    rota: Rota,
) -> None:
    slot = now().replace(second=0, microsecond=0) - timedelta(hours=1)
    minutely = {"kind": "cron", "expression": "* * * * *", "timezone": "UTC"}
    scheduled = {
        "schedule": minutely,
        "next_run_at": slot,
        "misfire_grace_seconds": 90,
        "overlap": Overlap.QUEUE,
    }
    await rota.make("a>b", a=scheduled, b={"overlap": Overlap.QUEUE})
    async with rota.database.system_session("tick") as session:
        await dispatch_due(session, limit=10)
    gap, *late = await rota.runs_of("a")
    assert (gap.reason, gap.slots > 50) == ("scheduler_down", True)
    assert len(late) in {1, 2}
    assert await rota.advances() == []
    await rota.end("a")
    await rota.deliver()
    followers = await rota.runs_of("b")
    assert {run.root_run_id for run in followers} == {run.id for run in late}
    assert {run.status for run in followers} == {Status.QUEUED}


async def test_a_chain_does_not_grow_while_it_runs(rota: Rota) -> None:
    """What is made to follow later waits for the next chain; what is let go drops out,
    and what waited for it goes on."""
    await rota.make("a>b", "a>c", "b>d", "c>d")
    root = await rota.start("a")
    await rota.make("a>e", "e>d")
    await rota.end("a")
    await rota.deliver()
    assert "e" not in await rota.told(root)
    await rota.end("b")
    await rota.deliver()
    async with rota.database.unit_of_work(Login.OWNER) as session:
        for task, before in (("c", "a"), ("d", "c")):
            row = await session.get_one(
                TaskDependency,
                (
                    rota.account.organization_id,
                    rota.tasks[task].id,
                    rota.tasks[before].id,
                ),
            )
            await session.delete(row)
    await rota.end("c", Status.FAILED)
    await rota.deliver()
    assert (await rota.told(root))["d"] == QUEUED


async def test_a_follower_deleted_meanwhile_drops_out(
    rota: Rota, client: Client
) -> None:
    await rota.make("a>b")
    await rota.start("a")
    olga = client(rota.people.olga)
    assert (await olga.delete(f"/api/v1/tasks/{rota.tasks['b'].id}")).status_code == 204
    await rota.end("a")
    await rota.deliver()
    assert await rota.told() == {"a": ("succeeded", None)}


async def test_a_run_that_is_tried_again_has_not_ended(rota: Rota) -> None:
    await rota.make("a>b")
    run_id = await rota.start("a")

    async def go_back(worker: Worker, claim: Claim, _stop: Any) -> None:
        async with worker.database.unit_of_work(
            Login.WORKER, organization_id=claim.organization_id
        ) as session:
            of_execution = TaskExecution.id == claim.execution_id
            again = update(TaskExecution).where(of_execution)
            await session.execute(again.values(status=Status.QUEUED, reason="retry"))
            await runs.settle(session, claim.organization_id, claim.run_id)

    assert await take_one(rota.worker, go_back)
    assert await rota.advances() == []
    assert (await rota.told(run_id))["a"] == QUEUED


async def test_what_is_posted_is_as_much_part_of_the_end_as_the_status(
    rota: Rota,
) -> None:
    await rota.make("a>b")
    await rota.start("a")
    async with rota.database.unit_of_work(Login.OWNER) as session:
        of_all = update(TaskExecution)
        await session.execute(of_all.values(status=Status.RUNNING))
        await session.execute(of_all.values(status=Status.SUCCEEDED))
        run_id = (await session.scalars(select(TaskRun.id))).one()

    async def settle_and_die() -> None:
        async with rota.database.unit_of_work(
            Login.WORKER, organization_id=rota.account.organization_id
        ) as session:
            await runs.settle(session, rota.account.organization_id, run_id)
            raise RuntimeError("it dies before its commit")

    with pytest.raises(RuntimeError, match="dies"):
        await settle_and_die()
    assert (await rota.told(), await rota.advances()) == ({"a": QUEUED}, [])


async def test_a_task_deleted_while_it_runs_ends_as_if_it_were_not(
    rota: Rota, client: Client
) -> None:
    await rota.make("a>b")
    run_id = await rota.start("b")
    olga = client(rota.people.olga)
    assert (await olga.delete(f"/api/v1/tasks/{rota.tasks['b'].id}")).status_code == 204
    await rota.end("b")
    read = (await olga.get(f"/api/v1/runs/{run_id}")).json()
    assert (read["status"], read["task_id"]) == ("succeeded", str(rota.tasks["b"].id))


async def test_what_was_queued_before_a_downgrade_is_run(
    rota: Rota,
) -> None:
    """It was within the plan when it was recorded; limits are asked about at slots."""
    await rota.make("a>b", a={"parameters": {"operations": ["ec2:DescribeVpcs"]}})
    run_id = await rota.start("a")
    async with rota.database.unit_of_work(Login.OWNER) as session:
        await session.execute(update(Subscription).values(plan_code="free"))
    assert await take_one(rota.worker)
    assert await rota.told(run_id) == {"a": ("succeeded", None)}
    await rota.deliver()
    assert (await rota.told(run_id))["b"] == QUEUED
