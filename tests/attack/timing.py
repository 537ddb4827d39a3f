"""Does the time of an answer tell whether somebody has an address? Signing in with a
wrong password, what is asked on the same connection right after it, and asking for a
new password: for addresses of nobody and of users of each kind, interleaved."""

import asyncio
import random
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from statistics import median
from typing import Any

import httpx
from sqlalchemy import func, update

from app.core.clock import monotonic
from app.core.db import Database, Login
from app.core.passwords import hash_password
from app.core.permissions import Role
from app.models.user import User
from app.tasks.publisher import RedisPublisher
from tests.attack.ground import PASSWORD, Ground
from tests.attack.report import EXPECTED, Figures, say
from tests.personae import make_organization, make_persona

_ROUNDS = 3  # what noise did once it does not do three times
_SAMPLES, _LONG_SAMPLES = 60, 400
_USERS_OF_A_KIND = 20  # so that none is throttled
_NOBODY = "nobody"
_TRIMMED = 0.1  # of the slowest: another process had the machine

Times = dict[str, list[float]]
Addresses = Callable[[], str]


@dataclass(frozen=True)
class Asked:
    """Seconds by kind of address: of signing in, of what came right after it on the
    same connection, and of asking for a new password."""

    login: Times
    echo: Times
    reset: Times


def run(ground: Ground, *, long: bool) -> Figures:
    """The figures of the kind that differs most from nobody. `…_ratio` is of medians,
    1 where they are the same; `…_auc` is how often a user's answer took longer than
    nobody's, 0.5 where nothing can be told."""
    chance = random.Random(ground.seed)  # noqa: S311 — no secret
    figures: Figures = {}
    for attempt in range(1, _ROUNDS + 1):
        asked = asyncio.run(_ask(ground, chance, _LONG_SAMPLES if long else _SAMPLES))
        figures = {
            "login_timing_ratio": _furthest(_ratio, asked.login, 1),
            "login_timing_auc": _furthest(_auc, asked.login, 0.5),
            "login_echo_auc": _furthest(_auc, asked.echo, 0.5),
            "reset_timing_ratio": _furthest(_ratio, asked.reset, 1),
            "reset_timing_auc": _furthest(_auc, asked.reset, 0.5),
        }
        say(f"attempt {attempt}: {figures}")
        if all(EXPECTED[name].admit(one, long=long) for name, one in figures.items()):
            break
    return figures


# ── measuring ────────────────────────────────────────────────────────────────────


async def _ask(ground: Ground, chance: random.Random, samples: int) -> Asked:
    addresses = {kind: _next_of(each) for kind, each in (await _users(ground)).items()}
    addresses[_NOBODY] = lambda: f"{secrets.token_hex(6)}-viewer@example.com"
    asked = Asked(defaultdict(list), defaultdict(list), defaultdict(list))
    async with _client(ground, connections=1) as client:
        for _ in range(samples):
            for kind in chance.sample([*addresses], len(addresses)):
                login, echo = await _login(client, addresses[kind]())
                asked.login[kind].append(login)
                asked.echo[kind].append(echo)
    async with _client(ground, connections=len(addresses)) as client:
        for _ in range(samples // 2):
            kinds = chance.sample([*addresses], len(addresses))
            each = [_forget(client, addresses[kind]()) for kind in kinds]
            for kind, seconds in zip(kinds, await asyncio.gather(*each), strict=True):
                asked.reset[kind].append(seconds)
    return asked


def _client(ground: Ground, *, connections: int) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=ground.base_url,
        trust_env=False,
        timeout=30,
        limits=httpx.Limits(max_connections=connections, keepalive_expiry=2),
    )


def _next_of(emails: Sequence[str]) -> Addresses:
    turns: Iterator[str] = cycle(emails)
    return lambda: next(turns)


async def _users(ground: Ground) -> Mapping[str, Sequence[str]]:
    """Their addresses, by kind; new ones each time, whom nobody has tried."""
    publisher = RedisPublisher(ground.settings)
    database = Database(ground.settings, publisher)
    kinds: dict[str, list[str]] = {}
    hashed = await hash_password(PASSWORD)
    values_of: Mapping[str, dict[str, Any]] = {
        "verified": {"password_hash": hashed},
        "unverified": {"password_hash": hashed, "email_verified_at": None},
        "mfa": {"password_hash": hashed, "mfa_enabled_at": func.app_now()},
        "without a password": {"password_hash": None},
    }
    try:
        async with database.unit_of_work(Login.OWNER) as session:
            for kind, values in values_of.items():
                organization_id = await make_organization(session, kind)
                kinds[kind] = []
                for _ in range(_USERS_OF_A_KIND):
                    name = f"{secrets.token_hex(6)}-viewer"
                    user = await make_persona(
                        session, ground.settings, name, organization_id, Role.VIEWER
                    )
                    changed = update(User).where(User.id == user.user_id)
                    await session.execute(changed.values(**values))
                    kinds[kind].append(f"{name}@example.com")
    finally:
        await database.close()
        await publisher.close()
    return kinds


def _elsewhere() -> dict[str, str]:
    """From an address of its own, which nobody has counted yet."""
    numbers = (secrets.randbelow(254) + 1 for _ in range(3))
    return {"X-Forwarded-For": ".".join(["100", *map(str, numbers)])}


async def _login(client: httpx.AsyncClient, email: str) -> tuple[float, float]:
    """How long a wrong password takes, and the next request on its connection."""
    await client.get("/healthz")  # so that nobody measures connecting
    began = monotonic()
    answer = await client.post(
        "/api/v1/auth/login",
        headers=_elsewhere(),
        json={"email": email, "password": "not what it was set to"},
    )
    answered = monotonic()
    await client.get("/healthz")
    echoed = monotonic()
    if answer.status_code != 401:
        raise RuntimeError(f"a wrong password was answered {answer.status_code}")
    return answered - began, echoed - answered


async def _forget(client: httpx.AsyncClient, email: str) -> float:
    await client.get("/healthz")
    began = monotonic()
    answer = await client.post(
        "/api/v1/auth/forgot-password", headers=_elsewhere(), json={"email": email}
    )
    seconds = monotonic() - began
    if answer.status_code != 202:
        raise RuntimeError(f"a forgotten password was answered {answer.status_code}")
    return seconds


# ── comparing ────────────────────────────────────────────────────────────────────


def _furthest(
    compare: Callable[[Sequence[float], Sequence[float]], float],
    times: Times,
    same: float,
) -> float:
    """Of the kinds of users, the one that differs most from nobody."""
    nobody = _trimmed(times[_NOBODY])
    found = [
        compare(_trimmed(each), nobody)
        for kind, each in times.items()
        if kind != _NOBODY
    ]
    furthest: float = max(found, key=lambda one: abs(one - same))
    return round(furthest, 3)


def _trimmed(times: Sequence[float]) -> Sequence[float]:
    return sorted(times)[: round(len(times) * (1 - _TRIMMED))]


def _ratio(some: Sequence[float], others: Sequence[float]) -> float:
    return median(some) / median(others)


def _auc(some: Sequence[float], others: Sequence[float]) -> float:
    """Mann and Whitney's U as a share: how often one of `some` is the larger."""
    larger = sum((one > other) + (one == other) / 2 for one in some for other in others)
    return larger / (len(some) * len(others))
