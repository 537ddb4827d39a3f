"""Users' URLs that lead inside: every form by every way of resolving, and names that
move between being judged and being connected to. Nothing inside may be reached."""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence

from app.core.outbound_addresses import is_public
from app.integrations.outbound import Outbound, Resolve, TargetAway, resolving
from app.integrations.outbound_target import UnsafeTarget
from tests.attack.ground import Ground
from tests.attack.names import Names, like_the_c_library, name_server
from tests.attack.outbound_forms import ALIASES, NAMES, forms
from tests.attack.receivers import (
    PUBLIC,
    Receiver,
    connections,
    receiver,
    something_inside,
)
from tests.attack.report import Figures, say

_INSIDE = ("127.0.0.1", "::1", "::ffff:127.0.0.1", "169.254.169.254", "10.0.0.1")
_REBOUND = "hooks.example"
_REBINDINGS, _LONG_REBINDINGS = 200, 2_000


def run(ground: Ground, *, long: bool) -> Figures:
    """`ssrf_connections` is what was connected to and is not public, or was refused
    and connected to all the same."""
    rounds = _LONG_REBINDINGS if long else _REBINDINGS
    return asyncio.run(_run(random.Random(ground.seed), rounds))  # noqa: S311 — no secret


async def _run(chance: random.Random, rounds: int) -> Figures:
    async with (
        something_inside() as inside,
        receiver() as public,
        name_server(NAMES, ALIASES) as names,
    ):
        tried, by_form = await _try_forms(names, inside.port)
        asked, by_moving = await _move(names, public, chance, rounds)
    say(f"{tried} URLs and {rounds} moving names; {asked} of these were asked in time")
    if not 0 < asked < rounds:
        raise RuntimeError("of moving names some are asked, and some not")
    reached = by_form + by_moving + inside.reached
    return {"ssrf_connections": reached, "ssrf_forms": tried}


async def _try_forms(names: Names, port: int) -> tuple[int, int]:
    """How many URLs, and how many connections."""
    ways: Mapping[str, Resolve] = {
        "the C library": like_the_c_library(names),
        "DNS": resolving(names.resolver),
    }
    tried = 0
    with connections() as begun:
        for way, resolve in ways.items():
            for url in sorted({url for at in (443, 8443, port) for url in forms(at)}):
                outbound = Outbound(resolve=resolve, ports=frozenset({443, 8443, port}))
                tried += 1
                try:
                    await outbound.post(url, b"{}", {})
                except UnsafeTarget:
                    continue
                except TargetAway as away:
                    say(f"{url!r} by {way} was asked: {away.reason}")
                else:
                    say(f"{url!r} by {way} was answered")
    return tried, len(begun)


async def _move(
    names: Names, public: Receiver, chance: random.Random, rounds: int
) -> tuple[int, int]:
    """A name whose every answer is another one; how often it was asked, and how many
    connections there were to anything else than its public address."""
    outbound = Outbound(
        resolve=resolving(names.resolver),
        permits=lambda address: address == PUBLIC or is_public(address),
        ports=frozenset({public.port}),
        trust=public.trust(),
    )
    names.addresses[_REBOUND] = _whatever(chance)
    with connections() as begun:
        for _ in range(rounds):
            try:
                await outbound.post(f"https://{_REBOUND}:{public.port}/", b"{}", {})
            except (UnsafeTarget, TargetAway):
                continue
    return len(public.asked), sum(address != PUBLIC for address in begun)


def _whatever(chance: random.Random) -> Callable[[], Sequence[str]]:
    def answer() -> Sequence[str]:
        bad = chance.choice(_INSIDE)
        return chance.choice(([], [PUBLIC], [PUBLIC], [bad], [PUBLIC, bad]))

    return answer
