"""The faults: each is begun at a seeded moment, lasts as long as chance says, and is
healed by itself; several may be under way at once, but one at a time for each
victim."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from redis.asyncio import Redis

from app.core.clock import monotonic
from tests.chaos.processes import Process, Role
from tests.chaos.proxy import FaultProxy
from tests.chaos.scene import Scene

WORKERS: tuple[Role, ...] = ("reader", "changer")


@dataclass
class Faults:
    """Injects faults into a scene until it is told to stop. `longest` bounds how long
    one lasts, in seconds."""

    scene: Scene
    chance: random.Random
    longest: float
    counts: Counter[str] = field(default_factory=Counter)
    _busy: set[str] = field(default_factory=set)
    _under_way: set[asyncio.Task[None]] = field(default_factory=set)

    async def inject(self, until: float, every: float) -> None:
        """One fault each `every` seconds or so, until the instant `until` of the
        monotonic clock; then those under way are waited for."""
        weights = {
            name: weight
            for name, (weight, _) in KINDS.items()
            if LEAST.get(name, 0) <= self.longest
        }
        while monotonic() < until:
            await asyncio.sleep(self.chance.expovariate(1 / every))
            [name] = self.chance.choices(list(weights), list(weights.values()))
            self.begin(name)
        await asyncio.gather(*self._under_way)

    def begin(self, name: str) -> None:
        _, act = KINDS[name]
        task = asyncio.create_task(self._one(name, act))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _one(self, name: str, act: "Act") -> None:
        if await act(self):
            self.counts[name] += 1

    # ── what the kinds below need ────────────────────────────────────────────────

    def lasting(self, least: float, most: float) -> float:
        return self.chance.uniform(min(least, self.longest), min(most, self.longest))

    @asynccontextmanager
    async def victim(self, *names: str) -> AsyncIterator[bool]:
        """Whether they are free; nobody else hurts them meanwhile."""
        if self._busy & set(names):
            yield False
            return
        self._busy.update(names)
        try:
            yield True
        finally:
            self._busy.difference_update(names)

    def any_of(self, *roles: Role) -> Process:
        return self.chance.choice(self.scene.of(*roles))


Act = Callable[[Faults], Awaitable[bool]]


def _killing(*roles: Role, everyone: bool = False, down: float = 3) -> Act:
    async def act(faults: Faults) -> bool:
        chosen = faults.scene.of(*roles) if everyone else [faults.any_of(*roles)]
        async with faults.victim(*(one.name for one in chosen)) as free:
            if not free:
                return False
            for one in chosen:
                one.is_wanted = False
                one.kill()
            await asyncio.sleep(faults.lasting(0.1, down))
            for one in chosen:
                one.start()
            return True

    return act


def _pausing(least: float, most: float, *roles: Role) -> Act:
    async def act(faults: Faults) -> bool:
        one = faults.any_of(*roles)
        async with faults.victim(one.name) as free:
            if not free or not one.is_running:
                return False
            one.pause()
            await asyncio.sleep(faults.lasting(least, most))
            one.go_on()
            return True

    return act


async def _terminate(faults: Faults) -> bool:
    """As a deployment does: SIGTERM, and SIGKILL for what has not ended in 30 s."""
    one = faults.any_of(*WORKERS)
    async with faults.victim(one.name) as free:
        if not free or not one.is_running:
            return False
        await asyncio.to_thread(one.stop, within=30)
        one.start()
        return True


async def _flush(faults: Faults) -> bool:
    async with faults.victim("valkey") as free:
        if free:
            async with Redis.from_url(faults.scene.ground.valkey_server.url) as redis:
                await redis.flushall()
        return free


async def _stop_valkey(faults: Faults) -> bool:
    async with faults.victim("valkey") as free:
        if free:
            await faults.scene.ground.kill_valkey()
            await asyncio.sleep(faults.lasting(2, 60))
            await faults.scene.ground.revive_valkey()
        return free


async def _kill_postgres(faults: Faults) -> bool:
    async with faults.victim("postgres") as free:
        if free:
            await faults.scene.ground.kill_postgres()
            await asyncio.sleep(faults.lasting(0, 60))
            await faults.scene.ground.revive_postgres()
        return free


async def _jump(faults: Faults) -> bool:
    """The database's clock, and so every lease and schedule, jumps by a minute: all
    that is at work is taken from its workers at once."""
    async with faults.victim("postgres", "clock") as free:
        if free:
            await faults.scene.move_clock(61)
        return free


async def _more_beats(faults: Faults) -> bool:
    """Eight more, for a while: then there are ten or so."""
    scene = faults.scene
    async with faults.victim("more beats") as free:
        if not free:
            return False
        names = [f"extra beat {number}" for number in range(8)]
        for name in names:
            (await scene.add(name, "beat")).start()
        await asyncio.sleep(faults.lasting(20, 40))
        for name in names:
            scene.processes[name].is_wanted = False
            scene.processes[name].kill()
            await scene.processes.pop(name).close()
        return True


def _network(
    which: str, hurt: Callable[[FaultProxy], None], *, least: float, most: float
) -> Act:
    async def act(faults: Faults) -> bool:
        one = faults.any_of("reader", "changer", "beat", "api")
        async with faults.victim(f"{one.name} to {which}") as free:
            if free:
                proxy = one.to_postgres if which == "postgres" else one.to_valkey
                hurt(proxy)
                await asyncio.sleep(faults.lasting(least, most))
                proxy.flow()
            return free

    return act


# Seconds that one lasts at least: a run with shorter ones goes without.
LEAST = {"SIGSTOP of a worker, longer than its lease": 62, "eight more beats": 20}
_P, _V = "postgres", "valkey"
KINDS: dict[str, tuple[float, Act]] = {
    "kill -9 of a worker": (10, _killing(*WORKERS)),
    "kill -9 of all workers": (2, _killing(*WORKERS, everyone=True, down=5)),
    "kill -9 of a beat": (5, _killing("beat")),
    "kill -9 of all beats": (1, _killing("beat", everyone=True, down=15)),
    "kill -9 of the API": (3, _killing("api")),
    "SIGSTOP of a worker, short": (3, _pausing(1, 20, *WORKERS)),
    "SIGSTOP of a worker, longer than its lease": (2, _pausing(62, 90, *WORKERS)),
    "SIGSTOP of a beat": (1, _pausing(5, 60, "beat")),
    "SIGTERM of a worker": (3, _terminate),
    "FLUSHALL": (5, _flush),
    "Valkey killed, away up to 60 s": (1.5, _stop_valkey),
    "postmaster kill -9, away up to 60 s": (1.5, _kill_postgres),
    "the database's clock jumps 61 s": (0.7, _jump),
    "eight more beats": (0.15, _more_beats),
    "cut from PostgreSQL": (5, _network(_P, FaultProxy.cut, least=0, most=0.1)),
    "cut from Valkey": (5, _network(_V, FaultProxy.cut, least=0, most=0.1)),
    "half open to PostgreSQL": (
        *(4, _network(_P, FaultProxy.half_open, least=0, most=0.1)),
    ),
    "half open to Valkey": (4, _network(_V, FaultProxy.half_open, least=0, most=0.1)),
    "stalled to PostgreSQL": (3, _network(_P, FaultProxy.stall, least=1, most=90)),
    "stalled to Valkey": (3, _network(_V, FaultProxy.stall, least=1, most=90)),
}
