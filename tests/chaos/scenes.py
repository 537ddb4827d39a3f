"""The scenes of the planted faults: each brings the product to where the fault that is
planted would do harm."""

import asyncio
import subprocess
import sys

import asyncpg
from redis.asyncio import Redis

from app.core.clock import monotonic
from app.core.db import Login, database_url
from tests.chaos.ground import ROOT
from tests.chaos.planted import Planted, SceneFailed
from tests.chaos.processes import Process
from tests.chaos.scene import Scene
from tests.tasks.processes import environment

_BY = (
    "SELECT count(*) > 0 FROM task_executions WHERE lease_owner LIKE '%:' || $1 || ':%'"
)
_NOBODYS = "SELECT count(*) = 0 FROM task_executions WHERE status = 'running'"
_RECORDED = "SELECT count(*) >= $1 FROM task_runs"
_PATIENCE = 40
_QUIET = 20  # where nothing is wrong it takes a few


async def _must(made: Scene, question: str, *arguments: object) -> None:
    if not await made.until(question, *arguments, within=_PATIENCE):
        raise SceneFailed(f"never true: {question} {arguments}")


async def _start(*workers: Process) -> None:
    """Start them, and wait until they have looked for work."""
    for worker in workers:
        worker.start()
    deadline = monotonic() + _PATIENCE
    while not all(worker.to_postgres.is_used for worker in workers):
        if monotonic() > deadline:
            raise SceneFailed("a worker did not start")
        await asyncio.sleep(0.1)
    await asyncio.sleep(1)


async def _end(made: Scene) -> None:
    await made.cloud.steer()
    await made.heal()
    await made.wait_until_quiet(_QUIET)


async def offer_slots_again(made: Scene, _: Planted) -> None:
    """Slots that were recorded come up again, as after a row was restored."""
    made.start_all()
    slots = made.world.plan.slots
    await _must(made, _RECORDED, slots)
    await made.run("UPDATE tasks SET next_run_at = (schedule->>'anchor')::timestamptz")
    await _must(made, "SELECT count(*) = 0 FROM tasks WHERE next_run_at IS NOT NULL")
    await _end(made)


async def _raise_a_zombie(made: Scene) -> None:
    """The worker `first` is stopped at work, its lease runs out, `second` takes over
    what it had, and AWS lets neither of them go on."""
    first, second = made.processes["first"], made.processes["second"]
    await made.cloud.steer(hold="*")
    await _start(first, second)
    second.pause()
    made.processes["beat"].start()
    await _must(made, _RECORDED, made.world.plan.slots)
    await _must(made, _BY, str(first.pid))
    await asyncio.sleep(1)  # until it asks AWS
    first.pause()
    second.go_on()
    await made.move_clock(61)
    await _must(made, _BY, str(second.pid))


async def let_the_zombie_record(made: Scene, _: Planted) -> None:
    """AWS answers the zombie while who has its work now is stopped, too: else that one
    may be done first, and nothing is left to be recorded wrongly."""
    await _raise_a_zombie(made)
    made.processes["second"].pause()
    await made.cloud.steer(before=0.3, after=0.3)
    made.processes["first"].go_on()
    await asyncio.sleep(5)  # it asks AWS, and records or does not
    made.processes["second"].go_on()
    await made.wait_until_quiet(_QUIET)


async def let_the_zombie_extend(made: Scene, _: Planted) -> None:
    await _raise_a_zombie(made)
    made.processes["second"].pause()
    made.processes["first"].go_on()
    await asyncio.sleep(5)  # two heartbeats
    await _end(made)


async def let_the_zombie_release(made: Scene, _: Planted) -> None:
    await _raise_a_zombie(made)
    made.processes["first"].go_on()
    made.processes["first"].terminate()
    await asyncio.sleep(0.5)
    await made.cloud.steer(before=0.5, after=0.5)
    await made.wait_until_quiet(_QUIET)


async def just_run(made: Scene, _: Planted) -> None:
    made.start_all()
    await made.wait_until_quiet(_QUIET)


async def lose_the_hints(made: Scene, _: Planted) -> None:
    """The hints are lost while the worker cannot hear them."""
    worker = made.processes["worker"]
    await _start(worker)
    worker.pause()
    worker.to_valkey.cut()
    made.processes["beat"].start()
    await _must(made, _RECORDED, made.world.plan.slots)
    async with Redis.from_url(made.settings.redis_url.get_secret_value()) as redis:
        await redis.flushdb()
    worker.go_on()
    await made.wait_until_quiet(_QUIET)


async def kill_in_the_middle(made: Scene, _: Planted) -> None:
    """The worker dies after AWS did what it was asked, and before it could say so."""
    first = made.processes["first"]
    await made.cloud.steer(hold="SendMessage")
    made.processes["beat"].start()
    first.start()
    await _until_done(made)
    first.is_wanted = False
    first.kill()
    await made.move_clock(61)
    await _must(made, _NOBODYS)
    made.processes["second"].start()
    await _end(made)


async def _until_done(made: Scene) -> None:
    """Until the ledger says that something was done."""
    deadline = monotonic() + _PATIENCE
    while not made.cloud.effects:
        if monotonic() > deadline:
            raise SceneFailed("nothing was done")
        await asyncio.sleep(0.1)


async def stop_before_the_intent(made: Scene, _: Planted) -> None:
    """A worker is stopped before it says what it is about to do; another one has done
    it by the time it goes on."""
    first, second = made.processes["first"], made.processes["second"]
    await made.cloud.steer(hold="GetCallerIdentity")
    await _start(first, second)
    second.pause()
    made.processes["beat"].start()
    await _must(made, _BY, str(first.pid))
    await asyncio.sleep(1)  # until it asks AWS
    first.pause()
    second.go_on()
    await made.move_clock(61)
    await _must(made, _BY, str(second.pid))
    await asyncio.sleep(1)
    second.pause()
    await made.cloud.steer(hold="SendMessage")
    first.go_on()
    await asyncio.sleep(3)  # if it may act, it has
    second.go_on()
    await asyncio.sleep(3)
    await _end(made)


async def keep_answers(made: Scene, _: Planted) -> None:
    """AWS does what it is asked and the connection breaks before the answer."""
    await made.cloud.steer(drop=True)
    made.start_all()
    await made.wait_until_quiet(_QUIET)


async def miss_slots(made: Scene, _: Planted) -> None:
    """Nobody ticks for two slots, which are still within their grace."""
    made.start_all()
    tasks = len(made.world.plan.tasks)
    await _must(made, _RECORDED, tasks)
    made.processes["beat"].is_wanted = False
    made.processes["beat"].kill()
    await made.move_clock(130)
    await _end(made)


async def go_half_open(made: Scene, _: Planted) -> None:
    """PostgreSQL is gone for the beat's connections, and nobody tells it; it is there
    for whoever connects again."""
    made.start_all()
    plan = made.world.plan
    await _must(made, _RECORDED, len(plan.tasks))
    await _must(made, _NOBODYS)
    made.processes["beat"].to_postgres.half_open()
    await made.move_clock(61)
    await made.until(_RECORDED, plan.slots, within=_QUIET)
    await made.wait_until_quiet(_QUIET)


async def serve_nobody(made: Scene, planted: Planted) -> None:
    """What does nobody see on the connection on which a tenant was served?"""
    options = [f"--plant={planted.plant}"] if planted.plant else []
    found = await asyncio.to_thread(
        subprocess.run,
        [
            *(sys.executable, "-m", "tests.chaos.launch", *options),
            *("probe", str(made.world.organizations[0])),
        ],
        cwd=ROOT,
        env=environment(made.settings),
        capture_output=True,
        text=True,
        check=True,
    )
    made.leaked = int(found.stdout)


async def refer_to_a_stranger(made: Scene, _: Planted) -> None:
    """The API's own login, as one tenant, names an account of another."""
    ours, theirs = made.world.organizations
    dsn = database_url(made.settings, Login.APP).replace("+asyncpg", "")
    task = await made.ask("SELECT id FROM tasks WHERE organization_id = $1", ours)
    account = await made.ask(
        "SELECT id FROM aws_accounts WHERE organization_id = $1", theirs
    )
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            await connection.execute(
                "SELECT set_config('app.organization_id', $1, true)", str(ours)
            )
            await connection.execute(
                "INSERT INTO task_targets (organization_id, task_id, aws_account_id)"
                " VALUES ($1, $2, $3)",
                *(ours, task, account),
            )
    except asyncpg.ForeignKeyViolationError:
        pass  # as it must be
    finally:
        await connection.close()
