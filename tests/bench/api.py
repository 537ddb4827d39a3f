"""`make bench-api`: what a request costs one API process, beside a floor made of
asyncpg alone, a peer as FastAPI's template has it, and FastAPI's hello, all in one run
and in turns. CPU is that of the serving process alone. The last line is JSON; the exit
code is 1 where a ratio is not reached."""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from statistics import median, quantiles

from app.core.clock import now
from app.core.db import Database, Login
from app.core.passwords import hash_password, verify_password
from app.core.permissions import Role
from app.core.settings import Settings
from app.models.user import User
from app.tasks.publisher import RedisPublisher
from tests.bench.api_process import FLOOR, PEER, APIProcess, api_process
from tests.bench.schedule_ground import add_accounts, add_tasks, owner
from tests.personae import Persona, make_organization, make_persona
from tests.tasks.processes import ROOT
from tests.truth.ground import servers

CONNECTIONS = 32
LOGINS = 8  # at a time
TENANTS = 5
TASKS = 1_000  # of each
_PASSWORD = "a walk along the river"
_LIST = "GET /api/v1/tasks?limit=50"
_BARE_LIST = "GET /tasks"
_HEALTH = "GET /healthz"
_LEAST = {"api_vs_floor": 0.5, "api_vs_peer": 4.0, "health_vs_hello": 0.7}
_MOST = {
    "api_p99_vs_peer": 0.5,
    "api_cpu_ms": 1.0,
    "login_vs_hash": 1.1,
    "p99_beside_logins": 3.0,
}


@dataclass
class Measured:
    """Of each round: milliseconds of CPU an answer, answers a second, milliseconds of
    the median answer and of the slowest in a hundred, MiB at its end."""

    name: str
    cpu: list[float] = field(default_factory=list)
    rate: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    mib: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.name:26}{min(self.cpu):9.2f}{median(self.cpu):9.2f}"
            f"{max(self.rate):9.0f}{median(self.rate):9.0f}"
            f"{median(self.p50):9.1f}{median(self.p99):9.1f}{max(self.mib):7.0f}"
        )


_COLUMNS = ("CPU ms", "median", "best/s", "median", "p50 ms", "p99 ms")
_HEAD = f"{'':26}{''.join(f'{name:>9}' for name in _COLUMNS)}{'MiB':>7}"


@dataclass(frozen=True)
class Case:
    """`beside` is asked at the same time, and not counted."""

    api: APIProcess
    requests: list[str]
    into: Measured
    beside: list[str] = field(default_factory=list)


def request(line: str, *headers: str, body: str = "") -> str:
    told = [f"{line} HTTP/1.1", "Host: bench", *headers]
    if body:
        told += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*told, "", body])


async def load(case: Case, seconds: float) -> None:
    """One round of it."""
    groups = [group for group in (case.requests, case.beside) if group]
    asked = {"port": case.api.port, "seconds": seconds, "groups": groups}
    before = case.api.cpu()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.api_load"),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    told, _ = await process.communicate(json.dumps(asked).encode())
    cpu = case.api.cpu() - before
    answers = json.loads(told)
    for one in answers:
        if one["wrong"]:
            raise RuntimeError(f"{case.into.name}: {one['wrong']}")
    of_case = answers[0]
    hundredths = quantiles(of_case["seconds"], n=100, method="inclusive")
    case.into.cpu.append(cpu / len(of_case["seconds"]) * 1000)
    case.into.rate.append(len(of_case["seconds"]) / of_case["took"])
    case.into.p50.append(hundredths[49] * 1000)
    case.into.p99.append(hundredths[98] * 1000)
    case.into.mib.append(case.api.mib())


async def make_tenants(settings: Settings) -> list[Persona]:
    """Several tenants with as many tasks each; the people of one of them."""
    publisher = RedisPublisher(settings)
    database = Database(settings, publisher)
    hashed = await hash_password(_PASSWORD)
    people = []
    async with database.unit_of_work(Login.OWNER) as session:
        tenants = [await make_organization(session, f"{n}") for n in range(TENANTS)]
        for number in range(CONNECTIONS):
            people.append(
                await make_persona(
                    session, settings, f"user-{number}", tenants[0], Role.MEMBER
                )
            )
            user = await session.get_one(User, people[-1].user_id)
            user.password_hash = hashed
    await database.close()
    await publisher.close()
    async with owner(settings) as connection:
        await add_accounts(connection)
        await add_tasks(
            connection, TENANTS * TASKS, next_run_at=now() + timedelta(days=365)
        )
        await connection.execute("VACUUM (ANALYZE)")
    return people


async def hash_once(into: Measured) -> None:
    """The hash that a sign-in cannot do without, some times."""
    hashed = await hash_password(_PASSWORD)
    began, before = time.perf_counter(), time.process_time()
    for _ in range(times := 10):
        assert await verify_password(_PASSWORD, hashed)
    into.cpu.append((time.process_time() - before) / times * 1000)
    took = (time.perf_counter() - began) / times
    into.rate.append(1 / took)
    into.p50.append(took * 1000)
    into.p99.append(took * 1000)
    into.mib.append(0)


def of_everybody(line: str, people: Sequence[Persona]) -> list[str]:
    return [request(line, f"Authorization: Bearer {one.token}") for one in people]


def logins(people: Sequence[Persona]) -> list[str]:
    """Each from an address of its own."""
    return [
        request(
            "POST /api/v1/auth/login",
            f"X-Forwarded-For: 198.51.100.{number}",
            body=json.dumps(
                {"email": f"user-{number}@example.com", "password": _PASSWORD}
            ),
        )
        for number, _ in enumerate(people[:LOGINS])
    ]


async def _measure(settings: Settings, rounds: int, seconds: float) -> list[Measured]:
    people = await make_tenants(settings)
    async with AsyncExitStack() as stack:
        ours, floor, peer = [
            await stack.enter_async_context(started)
            for started in (
                api_process(settings, TRUSTED_PROXIES="1"),
                api_process(settings, FLOOR),
                api_process(settings, PEER),
            )
        ]
        bare_list = of_everybody(_BARE_LIST, people)
        hello = [request(_HEALTH)] * CONNECTIONS
        listing = of_everybody(_LIST, people)
        cases = [
            Case(ours, listing, Measured("list")),
            Case(floor, bare_list, Measured("list, asyncpg floor")),
            Case(peer, bare_list, Measured("list, template's way")),
            Case(ours, hello, Measured("health")),
            Case(floor, hello, Measured("health, FastAPI hello")),
            Case(ours, listing, Measured("list beside 8 logins"), logins(people)),
            Case(ours, logins(people), Measured("login")),
        ]
        hashing = Measured("one bare hash")
        for case in cases:
            # What is cold is not measured.
            await load(replace(case, into=Measured(case.into.name)), 1)
        for _ in range(rounds):
            for case in cases:
                await load(case, seconds)
            await hash_once(hashing)
    return [*(case.into for case in cases), hashing]


def ratios(found: Sequence[Measured]) -> dict[str, float]:
    """Of CPU an answer the best of the rounds; of waiting their median."""
    ours, floor, peer, health, hello, beside, login, hashing = found
    return {
        "api_vs_floor": min(floor.cpu) / min(ours.cpu),
        "api_vs_peer": min(peer.cpu) / min(ours.cpu),
        "api_p99_vs_peer": median(ours.p99) / median(peer.p99),
        "api_cpu_ms": min(ours.cpu),
        "health_vs_hello": min(hello.cpu) / min(health.cpu),
        "login_vs_hash": min(login.cpu) / min(hashing.cpu),
        "p99_beside_logins": median(beside.p99) / median(ours.p99),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true")
    rounds, seconds = (2, 1.5) if parser.parse_args().short else (5, 5.0)
    with servers() as settings:
        found = asyncio.run(_measure(settings, rounds, seconds))
    reached = {name: round(ratio, 2) for name, ratio in ratios(found).items()}
    missed = [
        *(name for name, least in _LEAST.items() if reached[name] < least),
        *(name for name, most in _MOST.items() if reached[name] > most),
    ]
    figures = {"bench": "api", **reached, "missed": missed}
    lines = [_HEAD, *map(str, found), json.dumps(figures)]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
