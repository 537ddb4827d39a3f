"""`make bench-api`: what a request costs one API process, beside a floor made of
asyncpg alone, FastAPI's hello, and a list as FastAPI's full-stack template has it, by
the libraries that it has, all in one run and in turns. CPU is that of the serving
process alone. The last line is JSON; the exit code is 1 where one is not reached."""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from statistics import median, quantiles

from jose import jwt

from app.core.clock import now
from app.core.db import Database, Login
from app.core.passwords import hash_password, verify_password
from app.core.permissions import Role
from app.core.settings import Settings
from app.models.user import User
from app.tasks.publisher import RedisPublisher
from tests.bench import loopback
from tests.bench.api_process import FLOOR, PEER, APIProcess, api_process
from tests.bench.peer import LeftOut, environment_of
from tests.bench.schedule_ground import add_accounts, add_tasks, owner, plain
from tests.personae import Persona, make_organization, make_persona
from tests.tasks.processes import ROOT
from tests.truth.ground import servers

CONNECTIONS = 32
LOGINS = 8  # at a time
TENANTS = 5
TASKS = 1_000  # of each
_PASSWORD = "a walk along the river"
_SECRET = "of the peer alone, and nobody else has it"
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

    cpu: list[float] = field(default_factory=list)
    rate: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    mib: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{min(self.cpu):9.2f}{median(self.cpu):9.2f}"
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
    beside: list[str] = field(default_factory=list)


def request(line: str, *headers: str, body: str = "") -> str:
    told = [f"{line} HTTP/1.1", "Host: bench", *headers]
    if body:
        told += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*told, "", body])


async def load(case: Case, into: Measured, seconds: float) -> None:
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
    for group, one in zip(groups, answers, strict=True):
        if one["wrong"]:
            raise RuntimeError(f"{group[0].splitlines()[0]}: {one['wrong']}")
    of_case = answers[0]
    hundredths = quantiles(of_case["seconds"], n=100, method="inclusive")
    into.cpu.append(cpu / len(of_case["seconds"]) * 1000)
    into.rate.append(len(of_case["seconds"]) / of_case["took"])
    into.p50.append(hundredths[49] * 1000)
    into.p99.append(hundredths[98] * 1000)
    into.mib.append(case.api.mib())


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


@asynccontextmanager
async def _peer(settings: Settings) -> AsyncIterator[APIProcess | LeftOut]:
    try:
        python = environment_of("template") / "python"
    except LeftOut as why:
        yield why
        return
    assert settings.database_owner_url is not None  # it sets no tenant
    driver, _, place = plain(settings.database_owner_url).partition("://")
    told = {"PEER_SECRET": _SECRET, "PEER_DATABASE_URL": f"{driver}+psycopg://{place}"}
    async with api_process(settings, PEER, python, **told) as process:
        yield process


def _peer_list(people: Sequence[Persona]) -> list[str]:
    whose = [
        {"sub": one.user_id, "organization": one.organization_id} for one in people
    ]
    tokens = [
        jwt.encode({name: str(id) for name, id in one.items()}, _SECRET, "HS256")
        for one in whose
    ]
    return [request(_BARE_LIST, f"Authorization: Bearer {one}") for one in tokens]


async def _measure(
    settings: Settings, rounds: int, seconds: float
) -> tuple[Mapping[str, Measured], LeftOut | None]:
    """What was measured by its name, and why the peer was left out."""
    people = await make_tenants(settings)
    listing = of_everybody(_LIST, people)
    bare_list = of_everybody(_BARE_LIST, people)
    logging_in = logins(people)
    hello = [request(_HEALTH)] * CONNECTIONS
    async with (
        api_process(settings, TRUSTED_PROXIES="1") as ours,
        api_process(settings, FLOOR) as floor,
        _peer(settings) as peer,
    ):
        cases = {
            "list": Case(ours, listing),
            "floor": Case(floor, bare_list),
            "health": Case(ours, hello),
            "hello": Case(floor, hello),
            "beside logins": Case(ours, listing, logging_in),
            "login": Case(ours, logging_in),
        }
        if not isinstance(peer, LeftOut):
            cases["template"] = Case(peer, _peer_list(people))
        for case in cases.values():
            # What is cold is not measured.
            await load(case, Measured(), 1)
        found = {name: Measured() for name in (*cases, "hash")}
        for _ in range(rounds):
            for name, case in cases.items():
                await load(case, found[name], seconds)
            await hash_once(found["hash"])
    return found, peer if isinstance(peer, LeftOut) else None


def ratios(found: Mapping[str, Measured]) -> dict[str, float]:
    """Of CPU an answer the best of the rounds; of waiting their median."""
    cpu = {name: min(one.cpu) for name, one in found.items()}
    p99 = {name: median(one.p99) for name, one in found.items()}
    ours = {
        "api_vs_floor": cpu["floor"] / cpu["list"],
        "api_cpu_ms": cpu["list"],
        "health_vs_hello": cpu["hello"] / cpu["health"],
        "login_vs_hash": cpu["login"] / cpu["hash"],
        "p99_beside_logins": p99["beside logins"] / p99["list"],
    }
    if "template" not in found:
        return ours
    return ours | {
        "api_vs_peer": cpu["template"] / cpu["list"],
        "api_p99_vs_peer": p99["list"] / p99["template"],
    }


def main() -> int:
    loopback.enter()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true")
    rounds, seconds = (2, 1.5) if parser.parse_args().short else (5, 5.0)
    with servers() as settings:
        found, left_out = asyncio.run(_measure(settings, rounds, seconds))
    reached = {name: round(ratio, 2) for name, ratio in ratios(found).items()}
    missed = [
        *(name for name, least in _LEAST.items() if reached.get(name, least) < least),
        *(name for name, most in _MOST.items() if reached.get(name, most) > most),
    ]
    figures = {"bench": "api", **reached, "missed": missed}
    lines = [_HEAD, *(f"{name:26}{one}" for name, one in found.items())]
    if left_out is not None:
        lines.append(f"template: left out, {left_out}")
    lines.append(json.dumps(figures))
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
