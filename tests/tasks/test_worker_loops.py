"""What a worker's loops do for the executions it holds: they keep leases, hear of
cancels, and let go of what is lost."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from functools import partial
from itertools import count

import pytest
from pydantic import SecretStr
from sqlalchemy import func, select, update

from app.core.clock import monotonic
from app.core.db import Database, Login
from app.models.run import Status, TaskExecution, UnitStatus
from app.services.claims import LEASE, Claim
from app.services.reaping import reap
from app.tasks import worker as worker_module
from app.tasks.publisher import RedisPublisher
from app.tasks.stopping import Stop, StopReason
from app.tasks.worker import Worker
from tests.aws.fake_aws import Asked
from tests.builders_runs import make_execution, make_run
from tests.claiming import claim_one
from tests.conftest import Client
from tests.personae import People
from tests.services.test_turns import MoveClock
from tests.tasks.faked import Faked
from tests.tasks.test_units_at_once import wait_for_stop

LISTING = "sns:ListTopics"
PATIENCE_SECONDS = 30
NEVER = 3600


class Clock:
    """The worker's: as far ahead as it is told, and else it moves with each look."""

    ahead = 0.0

    def __init__(self) -> None:
        self._looks = count(monotonic(), 1e-6)

    def __call__(self) -> float:
        return next(self._looks) + self.ahead


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(worker_module, "monotonic", made)
    return made


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each beat extends all leases, and beats and polls follow one another at once."""
    monkeypatch.setattr(worker_module, "LOOK_FOR_CANCELS_SECONDS", 0.01)
    monkeypatch.setattr(worker_module, "HEARTBEAT_SECONDS", 0.01)
    monkeypatch.setattr(worker_module, "POLL_SECONDS", 0.01)


@pytest.fixture
def only_looks(fast: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """No beat extends a lease: each looks for cancels."""
    monkeypatch.setattr(worker_module, "HEARTBEAT_SECONDS", NEVER)


@pytest.fixture
async def nowhere(faked: Faked, publisher: RedisPublisher) -> AsyncIterator[Database]:
    """A database that cannot be reached."""
    away = SecretStr("postgresql+asyncpg://cloudrota_system:x@127.0.0.1:1/none")
    settings = faked.worker.settings.model_copy(update={"database_system_url": away})
    database = Database(settings, publisher)
    yield database
    await database.close()


@asynccontextmanager
async def going(loop: Awaitable[None]) -> AsyncIterator[None]:
    """One of the worker's loops, until the end; if it dies, its error is the test's."""
    task = asyncio.ensure_future(loop)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def at_work(worker: Worker, claim: Claim) -> AsyncIterator[Stop]:
    """A claimed execution that is at work until the end, whatever it is asked."""
    begun: asyncio.Future[Stop] = asyncio.get_running_loop().create_future()
    end = asyncio.Event()

    async def run(_worker: Worker, _claim: Claim, stop: Stop) -> None:
        begun.set_result(stop)
        await end.wait()

    work = asyncio.create_task(worker.work(claim, run))
    try:
        yield await begun
    finally:
        end.set()
        await work


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not is_so():  # noqa: ASYNC110 — what is waited for sets no event
            await asyncio.sleep(0.005)


async def turns(worker: Worker, times: int = 3) -> None:
    """Until the loops have gone round so many times."""
    for _ in range(times):
        before = worker.looped_at
        await until(partial(_is_beyond, worker, before))


def _is_beyond(worker: Worker, moment: float) -> bool:
    return worker.looped_at > moment


async def claimed(faked: Faked) -> Claim:
    """An execution of a task of its own, taken by the worker."""
    task = await faked.make_task(LISTING)
    async with faked.database.unit_of_work(Login.OWNER) as session:
        run = await make_run(session, task)
        await make_execution(
            session, task, faked.account, run=run, status=Status.QUEUED
        )
    claim = await claim_one(faked.worker)
    assert claim is not None
    return claim


async def let_be_reaped(faked: Faked, claim: Claim) -> None:
    """Its lease runs out, and a beat takes it away."""
    async with faked.database.unit_of_work(Login.OWNER) as session:
        await session.execute(
            update(TaskExecution)
            .where(TaskExecution.id == claim.execution_id)
            .values(lease_until=func.app_now() - timedelta(seconds=1))
        )
    async with faked.database.system_session("test") as session:
        assert await reap(session, limit=10) == 1


async def until_extended(faked: Faked, claim: Claim) -> None:
    """Until its lease is almost whole."""
    extended = select(func.count()).where(
        TaskExecution.id == claim.execution_id,
        TaskExecution.fence == claim.fence,
        TaskExecution.lease_until > func.app_now() + LEASE - timedelta(seconds=5),
    )
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            async with faked.database.unit_of_work(Login.OWNER) as session:
                if await session.scalar(extended):
                    return


# ── cancels ──────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("only_looks")
async def test_the_heartbeat_hears_that_what_is_at_work_was_cancelled(
    faked: Faked, people: People, client: Client
) -> None:
    async def cancel() -> None:
        async with faked.database.unit_of_work(Login.OWNER) as session:
            [id] = await session.scalars(select(TaskExecution.id))
        answer = await client(people.alice).post(f"/api/v1/executions/{id}/cancel")
        assert answer.status_code == 202

    def judge(asked: Asked) -> None:
        if asked.operation == "ListTopics":
            faked.now_do(cancel())
            wait_for_stop(faked)

    faked.fake.judge = judge
    task = await faked.make_task(LISTING)
    async with going(faked.worker.heartbeat()):
        execution = await faked.run(task)
    assert faked.stop is not None
    assert faked.stop.reason is StopReason.CANCELLED
    assert (execution.status, execution.reason) == (Status.CANCELLED, "cancelled")
    units = await faked.units(execution.id)
    assert units[LISTING].status == UnitStatus.CANCELLED


@pytest.mark.usefixtures("only_looks")
async def test_what_nobody_cancelled_goes_on_beside_what_was(faked: Faked) -> None:
    cancelled, other = await claimed(faked), await claimed(faked)
    async with (
        at_work(faked.worker, cancelled) as stop,
        at_work(faked.worker, other) as not_asked,
        going(faked.worker.heartbeat()),
    ):
        async with faked.database.unit_of_work(Login.OWNER) as session:
            execution = await session.get_one(TaskExecution, cancelled.execution_id)
            execution.cancel_requested_at = await session.scalar(select(func.app_now()))
        await until(lambda: stop.reason is StopReason.CANCELLED)
        assert not_asked.reason is None


# ── leases ───────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("fast")
async def test_a_lease_that_is_extended_is_neither_reaped_nor_given_up(
    faked: Faked, move_clock: MoveClock, clock: Clock
) -> None:
    claim = await claimed(faked)
    async with (
        at_work(faked.worker, claim) as stop,
        going(faked.worker.heartbeat()),
    ):
        for seconds in (25, 50, 75):
            clock.ahead = seconds
            await move_clock(f"{seconds} seconds")
            await until_extended(faked, claim)
        async with faked.database.system_session("test") as session:
            assert await reap(session, limit=10) == 0
        assert stop.reason is None


@pytest.mark.usefixtures("fast")
async def test_an_execution_that_was_reaped_stops_and_the_others_go_on(
    faked: Faked,
) -> None:
    lost, kept = await claimed(faked), await claimed(faked)
    async with (
        at_work(faked.worker, lost) as stop,
        at_work(faked.worker, kept) as not_asked,
    ):
        await let_be_reaped(faked, lost)
        async with going(faked.worker.heartbeat()):
            await until(lambda: stop.reason is StopReason.LEASE_LOST)
            await turns(faked.worker)
        assert not_asked.reason is None


@pytest.mark.usefixtures("fast")
async def test_what_was_reaped_and_claimed_again_here_keeps_its_new_lease(
    faked: Faked, move_clock: MoveClock
) -> None:
    """As after a pause of the machine: the worker polls before its heartbeat tells."""
    lost = await claimed(faked)
    async with AsyncExitStack() as earlier:
        stop = await earlier.enter_async_context(at_work(faked.worker, lost))
        await let_be_reaped(faked, lost)
        again = await claim_one(faked.worker)
        assert again is not None
        assert again.execution_id == lost.execution_id
        async with (
            at_work(faked.worker, again) as new_stop,
            going(faked.worker.heartbeat()),
        ):
            await until(lambda: stop.reason is StopReason.LEASE_LOST)
            await earlier.aclose()
            await move_clock("50 seconds")
            await until_extended(faked, again)
            assert new_stop.reason is None


@pytest.mark.usefixtures("fast")
async def test_leases_are_given_up_before_they_end_if_the_database_is_away(
    faked: Faked, nowhere: Database, clock: Clock
) -> None:
    claim = await claimed(faked)
    async with faked.database.unit_of_work(Login.OWNER) as session:
        before = await session.get_one(TaskExecution, claim.execution_id)
    leases, faked.worker.leases = faked.worker.leases, nowhere
    async with (
        at_work(faked.worker, claim) as stop,
        going(faked.worker.heartbeat()),
    ):
        clock.ahead = 50
        await turns(faked.worker)
        assert stop.reason is None
        clock.ahead = 56
        await until(lambda: stop.reason is StopReason.LEASE_LOST)
    faked.worker.leases = leases
    async with faked.database.unit_of_work(Login.OWNER) as session:
        after = await session.get_one(TaskExecution, claim.execution_id)
    assert before.lease_until == after.lease_until


# ── liveness ─────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("fast")
async def test_a_poll_is_a_sign_of_life_only_if_postgres_answers(
    faked: Faked, nowhere: Database
) -> None:
    """A heartbeat that has nothing to ask is none beside it."""

    async def never(_worker: Worker, _claim: Claim, _stop: Stop) -> None:
        raise AssertionError("nothing waits")

    worker = faked.worker
    worker.database = nowhere
    before = worker.alive_at
    async with going(worker.poll(never)), going(worker.heartbeat()):
        await turns(worker, 10)
        assert worker.alive_at == before
        worker.database = faked.database
        await until(lambda: worker.alive_at > before)


@pytest.mark.parametrize("each_beat", ["fast", "only_looks"])
async def test_a_heartbeat_is_a_sign_of_life_only_if_postgres_answers(
    faked: Faked, nowhere: Database, each_beat: str, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue(each_beat)
    worker, claim = faked.worker, await claimed(faked)
    leases, worker.leases = worker.leases, nowhere
    before = worker.alive_at
    async with at_work(worker, claim), going(worker.heartbeat()):
        await turns(worker)
        assert worker.alive_at == before
        worker.leases = leases
        await until(lambda: worker.alive_at > before)
