"""Refresh tokens used by several at once, with signing out and reuse in between. What
is answered must be what some order of the requests would have been (rotation_model.py),
and the session must stand or be ended as that order leaves it."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from http.cookiejar import DefaultCookiePolicy
from uuid import UUID

import httpx
from sqlalchemy import func, select

from app.core.clock import monotonic
from app.core.db import Database, Login
from app.core.ids import new_id
from app.core.tokens import hash_token
from app.models.audit import AuditEvent
from app.models.user import UserSession
from app.services.refresh_tokens import RefreshToken
from app.tasks.publisher import RedisPublisher
from tests.attack.ground import Ground
from tests.attack.report import Figures, say
from tests.attack.rotation_model import LOGOUT, Chain, Pair, State, outcomes
from tests.personae import Persona

_RACES, _LONG_RACES = 1_000, 5_000
_AT_ONCE = 6
_COOKIE = "cloudrota_refresh"
_CSRF = {"X-Cloudrota-CSRF": "1"}
_GRACE = 10.0  # seconds
_REUSED = "refresh_token_reused"


@dataclass(frozen=True)
class Race:
    """A session as it is before, and what is asked of it at once, each by a client of
    its own; the first so many `chains` go on with what they are given."""

    session_id: UUID
    user_id: UUID
    begin: State
    asks: Sequence[int]
    chains: int

    def token(self, ground: Ground, generation: int) -> str:
        made = RefreshToken(self.session_id, self.user_id, generation)
        return made.text(ground.settings)


@dataclass(frozen=True)
class Run:
    """What was answered; `access` are the access tokens that were handed out. `slow`:
    the grace may have been over in the middle of it."""

    race: Race
    chains: Counter[Chain]
    access: Sequence[str]
    strangers: int
    slow: bool


@dataclass(frozen=True)
class Stored:
    generation: int
    ended: str | None
    token_hash: bytes
    reuses: int


def run(ground: Ground, *, long: bool) -> Figures:
    """`refresh_race_failures` are races that ended as no order of them would."""
    user = ground.found().viewer
    chance = random.Random(ground.seed)  # noqa: S311 — no secret
    races = [_race(user, chance) for _ in range(_LONG_RACES if long else _RACES)]
    failures = asyncio.run(_run(ground, user, races))
    for sentence in failures[:20]:
        say(sentence)
    return {"refresh_races": len(races), "refresh_race_failures": len(failures)}


def _race(user: Persona, chance: random.Random) -> Race:
    """Two to eight requests, most of them with the present token."""
    generation = chance.randint(0, 3)
    begin = State(generation, graced=chance.random() < 0.8)
    asks = [generation] * chance.randint(2, 8)
    kind = chance.random()
    if kind < 0.2:
        asks[0] = LOGOUT
    elif kind < 0.4 and generation:
        asks[: chance.randint(1, len(asks))] = [generation - 1]
    elif kind < 0.55 and generation > 1:
        asks[0] = chance.randrange(generation - 1)
    elif kind < 0.6 and generation:
        asks[:2] = [generation - 1, LOGOUT]
    chance.shuffle(asks)
    chains = chance.randint(1, 4) if chance.random() < 0.3 else 0
    return Race(new_id(), user.user_id, begin, tuple(asks), chains)


async def _run(ground: Ground, user: Persona, races: Sequence[Race]) -> list[str]:
    publisher = RedisPublisher(ground.settings)
    database = Database(ground.settings, publisher)
    gate = asyncio.Semaphore(_AT_ONCE)
    # The server closes what is idle after five seconds; nothing is sent into that.
    limits = httpx.Limits(max_connections=64, keepalive_expiry=2)
    try:
        async with httpx.AsyncClient(
            base_url=ground.base_url, trust_env=False, timeout=30, limits=limits
        ) as client:
            nothing_kept = DefaultCookiePolicy(allowed_domains=[])
            client.cookies.jar.set_policy(nothing_kept)

            async def play(race: Race) -> list[str]:
                async with gate:
                    await _sign_in(ground, database, user, race)
                    ran = await _ask_all(client, ground, race)
                    stored = await _stored(database, race)
                    return await _judge(client, ground, ran, stored)

            found = await asyncio.gather(*(play(race) for race in races))
            return [sentence for sentences in found for sentence in sentences]
    finally:
        await database.close()
        await publisher.close()


async def _sign_in(
    ground: Ground, database: Database, user: Persona, race: Race
) -> None:
    """As if it had been refreshed so often, just now or longer ago than the grace."""
    generation = race.begin.generation
    before = hash_token(race.token(ground, generation - 1)) if generation else None
    age = timedelta(seconds=0 if race.begin.graced else _GRACE + 1)
    async with database.unit_of_work(Login.OWNER) as session:
        session.add(
            UserSession(
                id=race.session_id,
                user_id=race.user_id,
                organization_id=user.organization_id,
                generation=generation,
                token_hash=hash_token(race.token(ground, generation)),
                previous_token_hash=before,
                rotated_at=func.app_now() - age,
                expires_at=func.app_now() + timedelta(days=1),
            )
        )


async def _ask_all(client: httpx.AsyncClient, ground: Ground, race: Race) -> Run:
    by_text = {race.token(ground, each): each for each in range(64)}
    access: list[str] = []
    strangers: list[str] = []

    async def ask(number: int, first: int) -> Chain:
        """One after the other, as long as there is a successor."""
        chain: list[Pair] = []
        now: int | None = first
        while now is not None and len(chain) < (3 if number < race.chains else 1):
            answer = await _ask(client, ground, race, now)
            # Signing out removes the cookie.
            text = None if now == LOGOUT else answer.cookies.get(_COOKIE)
            given = by_text.get(text or "")
            strangers.extend([text] if text and given is None else [])
            access.extend([answer.json()["access_token"]] if text else [])
            chain.append((now, (answer.status_code, given)))
            now = given
        return tuple(chain)

    began = monotonic()
    chains = await asyncio.gather(*(ask(*one) for one in enumerate(race.asks)))
    is_slow = monotonic() - began > _GRACE / 2
    return Run(race, Counter(chains), access, len(strangers), is_slow)


async def _ask(
    client: httpx.AsyncClient, ground: Ground, race: Race, ask: int
) -> httpx.Response:
    """Signing out is done with the present token."""
    is_logout = ask == LOGOUT
    text = race.token(ground, race.begin.generation if is_logout else ask)
    headers = {**_CSRF, "Cookie": f"{_COOKIE}={text}"}
    path = "/api/v1/auth/logout" if is_logout else "/api/v1/auth/refresh"
    return await client.post(path, headers=headers)


async def _stored(database: Database, race: Race) -> Stored:
    events = select(func.count()).where(
        AuditEvent.action == "session.revoke",
        AuditEvent.subject_id == race.session_id,
    )
    async with database.unit_of_work(Login.OWNER) as session:
        row = (
            await session.scalars(
                select(UserSession).where(UserSession.id == race.session_id)
            )
        ).one()
        reuses = (await session.scalars(events)).one()
        return Stored(row.generation, row.revoked_reason, row.token_hash, reuses)


async def _judge(
    client: httpx.AsyncClient, ground: Ground, ran: Run, stored: Stored
) -> list[str]:
    """What is wrong with the race, as sentences."""
    race = ran.race
    what = f"{race.begin}, {dict(ran.chains)}, then {stored}"
    if ran.slow:
        return []  # the grace may have ended meanwhile; another run tells
    wrong = []
    if ran.strangers:
        wrong.append("a successor is none of the session's")
    possible = outcomes(race.begin, ran.chains)
    if (stored.generation, stored.ended) not in {
        (state.generation, state.ended) for state in possible
    }:
        wrong.append("no order of the requests has these answers and this end")
    if stored.token_hash != hash_token(race.token(ground, stored.generation)):
        wrong.append("the stored token is not its generation's")
    if stored.reuses != (stored.ended == _REUSED):
        wrong.append(f"the reuse is recorded {stored.reuses} times")
    wrong += await _afterwards(client, ground, ran, stored)
    return [f"{sentence}: {what}" for sentence in wrong]


async def _afterwards(
    client: httpx.AsyncClient, ground: Ground, ran: Run, stored: Stored
) -> list[str]:
    """A session that stands can be used, with every token that was handed out for it;
    one that has ended cannot, with none."""
    stands = stored.ended is None
    wrong = []
    for access in {*ran.access[:1], *ran.access[-1:]}:
        answer = await client.get(
            "/api/v1/auth/me", headers={"Authorization": f"Bearer {access}"}
        )
        if answer.is_success != stands:
            wrong.append(f"an access token is answered {answer.status_code}")
    answer = await _ask(client, ground, ran.race, stored.generation)
    if answer.is_success != stands:
        wrong.append(f"its present token is answered {answer.status_code}")
    return wrong
