"""The run itself: the real processes for some minutes under faults, then until all is
quiet, then judged."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import httpx

from app.core.clock import monotonic
from tests.chaos.faults import Faults
from tests.chaos.ground import Ground
from tests.chaos.judge import Verdict
from tests.chaos.processes import Role
from tests.chaos.scene import Scene, scene
from tests.chaos.world import Size, Starter

DAY = 86_400
CAST: tuple[tuple[str, Role, tuple[str, ...]], ...] = (
    ("reader 1", "reader", ()),
    ("reader 2", "reader", (f"--clock={DAY}",)),
    ("changer 1", "changer", ()),
    ("changer 2", "changer", (f"--clock=-{DAY}",)),
    ("beat 1", "beat", ()),
    ("beat 2", "beat", (f"--clock={DAY}",)),
    ("api", "api", ()),
)
_SAID_EVERY = 30


@dataclass(frozen=True, slots=True)
class Shape:
    """`every` are the seconds between two faults, `longest` how long one lasts; faults
    come for `minutes`, and `bound` seconds later all must be quiet."""

    size: Size
    minutes: float
    every: float
    longest: float
    bound: float


SHORT = Shape(
    Size(
        organizations=3, accounts=2, readers=150, changers=30, manual=6, slots=1,
        spread=timedelta(seconds=45), grace=timedelta(seconds=120),
    ),
    minutes=0.8,
    every=1.2,
    longest=8,
    # A worker whose PostgreSQL is half open hears of it after 75 seconds; then its
    # lease has 60 to run.
    bound=150,
)  # fmt: skip
MINUTES = 36


def long(minutes: int | None) -> Shape:
    """More than 20,000 slots and 500 faults; fewer in fewer minutes."""
    minutes = minutes or MINUTES
    size = Size(
        organizations=6,
        accounts=4,
        readers=540,
        changers=60,
        manual=12,
        slots=minutes,
        grace=timedelta(seconds=90),
    )
    return Shape(size, minutes, every=3, longest=90, bound=900)


@dataclass
class Outcome:
    verdict: Verdict
    faults: Counter[str]
    is_quiet: bool
    seconds: float
    died: int
    started_by_hand: int


@dataclass
class _Hands:
    """People who start tasks over the API, and ask again until they are answered."""

    scene: Scene
    chance: random.Random
    pauses: float
    _sent: int = 0

    async def start_tasks(self, until: float) -> None:
        async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
            while monotonic() < until:
                await asyncio.sleep(self.chance.expovariate(1 / self.pauses))
                starter = self.chance.choice(self.scene.world.starters)
                if starter.tasks:
                    await self._start(client, starter)

    async def _start(self, client: httpx.AsyncClient, starter: Starter) -> None:
        self._sent += 1
        key = f"chaos-{self._sent}"
        answered = self.scene.world.plan.started.setdefault(key, [])
        task = self.chance.choice(starter.tasks)
        # Somebody who was answered asks again now and then, too.
        for _ in range(self.chance.choice((1, 1, 2))):
            answered.append(await self._ask(client, starter, task, key))

    async def _ask(
        self, client: httpx.AsyncClient, starter: Starter, task: UUID, key: str
    ) -> UUID:
        [api] = self.scene.of("api")
        url = f"http://127.0.0.1:{api.port}/api/v1/tasks/{task}/execute"
        while True:
            headers = {
                "Authorization": f"Bearer {starter.token}",
                "Idempotency-Key": key,
            }
            try:
                answer = await client.post(url, headers=headers)
            except httpx.TransportError:
                await asyncio.sleep(0.3)
                continue
            if answer.status_code == httpx.codes.ACCEPTED:
                return UUID(answer.json()["run_id"])
            if answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                raise AssertionError(f"the API answered {answer.text}")
            await asyncio.sleep(0.3)


async def run(
    ground: Ground, shape: Shape, seed: int, say: Callable[[str], None]
) -> Outcome:
    """Play it and judge it; what is chosen by chance follows from the seed, though not
    the moments at which processes do what they do."""
    chance = random.Random(seed)  # noqa: S311 — picks moments, not secrets
    began = monotonic()
    async with scene(ground, "chaos", shape.size, CAST, chance) as made:
        made.start_all()
        until = monotonic() + shape.minutes * 60
        faults = Faults(made, random.Random(seed + 1), shape.longest)  # noqa: S311 — the same
        hands = _Hands(made, random.Random(seed + 2), pauses=1)  # noqa: S311 — the same
        saying = asyncio.create_task(_say_now_and_then(made, faults, say))
        await asyncio.gather(
            faults.inject(until, shape.every), hands.start_tasks(until)
        )
        say(f"{faults.counts.total()} faults; now until all is quiet")
        await made.heal()
        is_quiet = await made.wait_until_quiet(shape.bound)
        saying.cancel()
        verdict = await made.judge()
        died = sum(one.died for one in made.processes.values())
        by_hand = len(made.world.plan.started)
    seconds = monotonic() - began
    return Outcome(verdict, faults.counts, is_quiet, seconds, died, by_hand)


async def _say_now_and_then(
    made: Scene, faults: Faults, say: Callable[[str], None]
) -> None:
    while True:
        await asyncio.sleep(_SAID_EVERY)
        say(f"{faults.counts.total()} faults so far")
