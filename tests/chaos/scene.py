"""One scene: a database of its own, a fake AWS, the processes under test, and the plain
connection through which the harness looks at what became of it."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
from pydantic import SecretStr

from app.core.clock import monotonic
from app.core.settings import Settings
from tests.chaos.fake_aws import FakeCloud, fake_cloud
from tests.chaos.ground import Ground
from tests.chaos.judge import Verdict, judge
from tests.chaos.processes import Outage, Process, Role
from tests.chaos.world import Size, World, build_world

OBSERVER = (Path(__file__).parent / "observer.sql").read_text()
SUPERVISED_EVERY = 0.5

_UNFINISHED = """
SELECT (SELECT count(*) FROM task_executions WHERE status IN ('queued', 'running'))
  + (SELECT count(*) FROM task_runs WHERE status IN ('queued', 'running'))
"""
_DUE = "SELECT count(*) FROM tasks WHERE enabled AND next_run_at IS NOT NULL"
_UNTOLD = """
SELECT count(*) FROM outbox WHERE status = 'pending' AND available_at <= app_now()
"""
_MOVE_CLOCK = """
CREATE OR REPLACE FUNCTION app_now() RETURNS timestamptz LANGUAGE sql STABLE
AS $$ SELECT clock_timestamp() + interval '{ahead} seconds' $$;
UPDATE chaos.clock SET ahead = interval '{ahead} seconds';
"""


@dataclass
class Scene:
    ground: Ground
    name: str
    directory: Path
    settings: Settings
    world: World
    processes: dict[str, Process]
    cloud: FakeCloud
    ahead: int = 0
    leaked: int = 0  # rows that somebody saw who must not
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    # ── what the harness does to it ──────────────────────────────────────────────

    def start_all(self) -> None:
        for process in self.processes.values():
            process.start()
        self._tasks.append(asyncio.create_task(self._supervise()))

    async def _supervise(self) -> None:
        while True:
            await asyncio.sleep(SUPERVISED_EVERY)
            for process in self.processes.values():
                process.supervise()

    async def add(self, name: str, role: Role, *launch: str) -> Process:
        process = Process(
            name,
            role,
            self.ground,
            self.settings,
            self.directory / f"{name}.log",
            launch,
        )
        await process.open()
        self.processes[name] = process
        return process

    def of(self, *roles: Role) -> list[Process]:
        return [one for one in self.processes.values() if one.role in roles]

    async def move_clock(self, seconds: int) -> None:
        """The database's clock jumps so far ahead."""
        self.ahead += seconds
        await self.run(_MOVE_CLOCK.format(ahead=self.ahead))

    async def run(self, statement: str, *arguments: Any) -> None:
        connection = await self.ground.connect(self.name)
        try:
            await connection.execute(statement, *arguments)
        finally:
            await connection.close()

    async def ask(self, question: str, *arguments: Any) -> Any:
        """The first value of the first row."""
        connection = await self.ground.connect(self.name)
        try:
            return await connection.fetchval(question, *arguments)
        finally:
            await connection.close()

    async def until(self, question: str, *arguments: Any, within: float = 60) -> bool:
        """Whether the answer became true in so many seconds."""
        deadline = monotonic() + within
        while monotonic() < deadline:
            try:
                if await self.ask(question, *arguments):
                    return True
            except (OSError, asyncpg.PostgresError):
                pass  # it is being killed or started
            await asyncio.sleep(0.2)
        return False

    # ── how it ends ──────────────────────────────────────────────────────────────

    async def heal(self) -> None:
        """No fault any more: what is stopped goes on, what is down comes up."""
        for process in self.processes.values():
            for proxy in (process.to_postgres, process.to_valkey):
                proxy.flow()
            process.go_on()
            process.start()

    async def wait_until_quiet(self, within: float) -> bool:
        """Every slot recorded and every execution ended; then what the outbox still
        owes is delivered, its leases of dead workers run out at once."""
        deadline = monotonic() + within
        quiet = f"SELECT ({_DUE}) + ({_UNFINISHED}) = 0"
        if not await self.until(quiet, within=within):
            return False
        if await self.until(f"SELECT ({_UNTOLD}) = 0", within=8):
            return True
        # Nothing runs, so nothing but the outbox's leases can run out.
        await self.move_clock(61)
        left = max(20.0, deadline - monotonic())
        return await self.until(f"SELECT ({_UNTOLD}) = 0", within=left)

    @property
    def outages(self) -> list[Outage]:
        return [out for one in self.processes.values() for out in one.outages]

    async def judge(self) -> Verdict:
        connection = await self.ground.connect(self.name)
        try:
            verdict = await judge(
                connection, self.world.plan, self.cloud.ledger, self.outages
            )
            if self.leaked:
                verdict.found("foreign_rows", "nobody saw a tenant's", self.leaked)
            return verdict
        finally:
            await connection.close()

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for process in self.processes.values():
            await process.close()


@asynccontextmanager
async def scene(
    ground: Ground,
    name: str,
    size: Size,
    cast: Sequence[tuple[str, Role, tuple[str, ...]]],
    chance: random.Random,
    *,
    keys: int = 0,
    sql: str = "",
) -> AsyncIterator[Scene]:
    """The stage is set and nothing runs yet. `cast` are name, role and options of each
    process; `sql` is done to the database first; `keys` is Valkey's number for it."""
    directory = ground.directory / name
    directory.mkdir()
    await ground.clone(name)
    redis = ground.valkey_server.url.removesuffix("/0")
    with fake_cloud(directory, chance.random()) as cloud:
        settings = ground.settings(
            name, aws_emulator_url=cloud.url, redis_url=SecretStr(f"{redis}/{keys}")
        )
        world = await build_world(settings, size, chance)
        made = Scene(ground, name, directory, settings, world, {}, cloud)
        try:
            await made.run(sql + OBSERVER)
            for part, role, launch in cast:
                await made.add(part, role, *launch)
            yield made
        finally:
            await made.close()
