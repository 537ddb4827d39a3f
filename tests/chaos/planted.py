"""The planted faults: what the judge must see. Each is one sabotage of the product and
a short scene in which it does harm; the same scene without it must be clean."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from app.core.clock import monotonic
from tests.chaos.ground import Ground
from tests.chaos.judge import Verdict
from tests.chaos.processes import Role
from tests.chaos.scene import Scene, scene
from tests.chaos.world import Size

Play = Callable[["Scene", "Planted"], Awaitable[None]]
Cast = tuple[tuple[str, Role, tuple[str, ...]], ...]
LANES = 3


class SceneFailed(AssertionError):
    """The scene did not come to what it is about, so it proves nothing."""


@dataclass(frozen=True)
class Planted:
    """`seen_as` names the judge's counts of which one must not be zero."""

    name: str
    what: str
    seen_as: tuple[str, ...]
    play: Play
    cast: Cast
    size: Size
    plant: str | None = None
    sql: str = ""


@dataclass
class Proof:
    """What the judge said of one planted fault, and of its scene without it."""

    planted: Planted
    with_it: dict[str, int] = field(default_factory=dict)
    without_it: dict[str, int] = field(default_factory=dict)
    failed: str | None = None
    seconds: float = 0

    @property
    def is_caught(self) -> bool:
        seen = set(self.planted.seen_as) & self.with_it.keys()
        return self.failed is None and bool(seen) and not self.without_it


async def prove(
    ground: Ground,
    planted: list[Planted],
    seed: int,
    say: Callable[[str], None],
) -> list[Proof]:
    """Each with its sabotage and without, some scenes at a time."""
    proofs = [Proof(one) for one in planted]
    waiting = list(enumerate(proofs))

    async def lane() -> None:
        while waiting:
            number, proof = waiting.pop(0)
            began = monotonic()
            await _prove(ground, proof, number, seed)
            proof.seconds = monotonic() - began
            say(_sentence(proof))

    await asyncio.gather(*(lane() for _ in range(LANES)))
    return proofs


def _sentence(proof: Proof) -> str:
    caught = "caught" if proof.is_caught else "NOT CAUGHT"
    more = f" without it {proof.without_it}" if proof.without_it else ""
    return (
        f"{caught}: {proof.planted.name} {proof.with_it}{more}"
        f" {proof.failed or ''} ({proof.seconds:.0f} s)"
    )


async def _prove(ground: Ground, proof: Proof, number: int, seed: int) -> None:
    clean = replace(proof.planted, plant=None, sql="")
    try:
        with_it = await _play(ground, proof.planted, f"planted_{number}", number, seed)
        without = await _play(ground, clean, f"clean_{number}", number, seed)
    except SceneFailed as failed:
        proof.failed = str(failed)
        return
    proof.with_it, proof.without_it = with_it.wrong, without.wrong


async def _play(
    ground: Ground, planted: Planted, name: str, number: int, seed: int
) -> Verdict:
    chance = random.Random(seed)  # noqa: S311 — picks moments, not secrets
    options = (f"--plant={planted.plant}",) if planted.plant else ()
    cast = tuple(
        (part, role, (*options, *launch)) for part, role, launch in planted.cast
    )
    # Valkey has sixteen numbers; scenes at the same time never share one.
    keys = 1 + number % 15
    async with scene(
        ground, name, planted.size, cast, chance, keys=keys, sql=planted.sql
    ) as made:
        await planted.play(made, planted)
        return await made.judge()
