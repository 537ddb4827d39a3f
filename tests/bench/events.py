"""`make bench-events`: event streams of one API process: what they cost while nothing
happens, how soon each is told, and the same of the barest server that streams. The last
line is JSON; the exit code is 1 where a promise is not kept."""

import argparse
import asyncio
import json
import resource
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, cycle, islice
from uuid import UUID

import asyncpg
from sqlalchemy import text

from app.core.clock import monotonic
from app.core.db import Database, Login
from app.core.permissions import Role
from app.core.settings import Settings
from app.tasks.publisher import RedisPublisher
from tests.bench.api_process import BARE, APIProcess, Usage, api_process
from tests.builders import make_account, make_task
from tests.personae import make_organization, make_persona
from tests.truth.ground import servers

MOST_P99_SECONDS = 2.0
MOST_KIB = 128
MOST_IDLE_CPU = 0.15
_ID = b'"ids":["'
_CANCELLED = b'"status":"cancelled"'
# A run of its own for each, since a run has one execution of an account.
_EXECUTIONS = text(
    "WITH numbered AS (SELECT gen_random_uuid() AS id FROM generate_series(1, :many)),"
    " runs AS (INSERT INTO task_runs (id, organization_id, task_id, task_version_id,"
    " trigger, slots, status) SELECT n.id, v.organization_id, v.task_id, v.id,"
    " 'manual', 1, 'queued' FROM numbered n, task_versions v WHERE v.task_id = :task"
    " RETURNING id, organization_id, task_id)"
    " INSERT INTO task_executions (id, organization_id, task_id, run_id,"
    " aws_account_id, kind, priority, status, fence, attempt, retry_no,"
    " timeout_seconds) SELECT gen_random_uuid(), organization_id, task_id, id,"
    " :account, 'read', 'normal', 'queued', 0, 0, 0, 900 FROM runs RETURNING id"
)


@dataclass
class Ears:
    """All connections: when each execution's change was committed, and how long after
    that a connection was told of it."""

    committed_at: dict[bytes, float] = field(default_factory=dict)
    delays: list[float] = field(default_factory=list)
    opened: int = 0


class Ear(asyncio.Protocol):
    """One connection, read as cheaply as can be."""

    def __init__(self, ears: Ears, request: bytes) -> None:
        self._ears = ears
        self._request = request
        self._is_open = False
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if not self._is_open:
            assert b" 200 " in data[:16], data[:500]
            self._is_open = True
            self._ears.opened += 1
        now = monotonic()
        *frames, self._rest = (self._rest + data).split(b"\n\n")
        for frame in frames:
            if _CANCELLED in frame:
                place = frame.index(_ID) + len(_ID)
                committed_at = self._ears.committed_at[frame[place : place + 36]]
                self._ears.delays.append(now - committed_at)


@dataclass(frozen=True)
class World:
    """Who listens, and executions that wait, one organization's after another's."""

    tokens: list[str]
    waiting: list[tuple[UUID, UUID]]


async def make_world(
    settings: Settings, *, organizations: int, users: int, executions: int
) -> World:
    """One in four users sees one label only, which the accounts have."""
    publisher = RedisPublisher(settings)
    database = Database(settings, publisher)
    tokens, waiting = [], []
    for number in range(organizations):
        async with database.unit_of_work(Login.OWNER) as session:
            tenant = await make_organization(session, f"{organizations}/{number}")
            for user in range(users):
                persona = await make_persona(
                    session,
                    settings,
                    f"user-{organizations}-{number}-{user}",
                    tenant,
                    Role.MEMBER,
                    label_scope={"client": ["north"]} if user % 4 == 3 else None,
                )
                tokens.append(persona.token)
            account = await make_account(session, tenant, labels={"client": "north"})
            task = await make_task(session, tenant, accounts=(account,))
            ids = await session.scalars(
                _EXECUTIONS,
                {
                    "many": executions // organizations,
                    "task": task.id,
                    "account": account.id,
                },
            )
            waiting.append([(tenant, id) for id in ids])
    await database.close()
    await publisher.close()
    return World(tokens, list(chain.from_iterable(zip(*waiting, strict=True))))


async def listen(api: APIProcess, ears: Ears, paths: Sequence[bytes]) -> list[Ear]:
    """A connection for each, some at a time; paths with their headers."""
    loop = asyncio.get_running_loop()
    found: list[Ear] = []
    for path in paths:
        request = b"GET " + path + b"\r\n\r\n"
        _, ear = await loop.create_connection(
            partial(Ear, ears, request), "127.0.0.1", api.port
        )
        found.append(ear)
        while len(found) - ears.opened > 50:  # noqa: ASYNC110 — it is what is waited for
            await asyncio.sleep(0.005)
    while ears.opened < len(paths):  # noqa: ASYNC110 — same
        await asyncio.sleep(0.01)
    return found


async def cancel(
    settings: Settings, world: World, ears: Ears, *, rate: float, seconds: float
) -> int:
    """Change so many executions a second, each in a transaction; how many in all."""
    assert settings.database_owner_url is not None
    dsn = settings.database_owner_url.get_secret_value().replace("+asyncpg", "")
    connection = await asyncpg.connect(dsn)
    began, number = monotonic(), 0
    while (late := monotonic() - began) < seconds:
        if number < late * rate:
            _, id = world.waiting.pop()
            key = str(id).encode()
            ears.committed_at[key] = monotonic()  # where it is told before we know
            await connection.execute(
                "UPDATE task_executions SET status = 'cancelled' WHERE id = $1", id
            )
            ears.committed_at[key] = monotonic()
            number += 1
        else:
            await asyncio.sleep(0.5 / rate)
    await connection.close()
    return number


@dataclass(frozen=True)
class Told:
    """Of one load: changes, what each connection was told, and how soon."""

    changes: int
    deliveries: int
    missing: int
    p50: float
    p99: float
    usage: Usage

    def __str__(self) -> str:
        return (
            f"{self.changes:6,} changes {self.deliveries:9,} told"
            f" {self.p50 * 1000:6.0f} ms p50 {self.p99 * 1000:6.0f} ms p99"
            f" {self.usage}"
        )


async def load(
    settings: Settings,
    api: APIProcess,
    world: World,
    ears: Ears,
    *,
    rate: float,
    seconds: float,
    each: int,
) -> Told:
    """`each` change is told to so many connections."""
    ears.delays.clear()
    changing = asyncio.create_task(
        cancel(settings, world, ears, rate=rate, seconds=seconds)
    )
    usage = await api.use(seconds)
    changes = await changing
    deadline = monotonic() + 10
    while len(ears.delays) < changes * each and monotonic() < deadline:  # noqa: ASYNC110 — it is what is waited for
        await asyncio.sleep(0.05)
    delays = sorted(ears.delays)
    return Told(
        changes,
        len(delays),
        changes * each - len(delays),
        delays[len(delays) // 2],
        delays[int(len(delays) * 0.99)],
        usage,
    )


@dataclass(frozen=True)
class Found:
    """Of our server with so many connections."""

    alone: Usage
    idle: Usage
    connections_to_postgres: int
    open_seconds: float
    told: Told

    def kib_each(self, connections: int) -> float:
        return (self.idle.mib - self.alone.mib) * 1024 / connections


async def measure(
    settings: Settings,
    *,
    connections: int,
    organizations: int,
    users: int,
    rate: float,
    seconds: float,
) -> Found:
    world = await make_world(
        settings,
        organizations=organizations,
        users=users,
        executions=int(rate * seconds * 2) // organizations * organizations,
    )
    ears = Ears()
    async with api_process(settings) as api:
        await api.use(1)
        alone = await api.use(2)
        began = monotonic()
        paths = [
            b"/api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
            + token.encode()
            for token in islice(cycle(world.tokens), connections)
        ]
        listeners = await listen(api, ears, paths)
        open_seconds = monotonic() - began
        await asyncio.sleep(2)
        idle = await api.use(seconds)
        held = await _connections_to_postgres(settings)
        told = await load(
            settings,
            api,
            world,
            ears,
            rate=rate,
            seconds=seconds,
            each=connections // organizations,
        )
        for one in listeners:
            one.transport.close()
    return Found(alone, idle, held, open_seconds, told)


async def measure_bare(
    settings: Settings, connections: int, seconds: float
) -> tuple[float, Usage]:
    """KiB of a silent connection, and the use of all when each is sent a frame each
    quarter of a second."""
    ears = Ears()
    async with api_process(settings, BARE) as api:
        alone = await api.use(1)
        silent = await listen(api, ears, [b"/silent HTTP/1.1\r\nHost: x"] * connections)
        kib = (api.mib() - alone.mib) * 1024 / connections
        for one in silent:
            one.transport.close()
    ears = Ears()
    async with api_process(settings, BARE) as api:
        loud = await listen(api, ears, [b"/loud HTTP/1.1\r\nHost: x"] * connections)
        usage = await api.use(seconds)
        for one in loud:
            one.transport.close()
    return kib, usage


async def _connections_to_postgres(settings: Settings) -> int:
    assert settings.database_owner_url is not None
    dsn = settings.database_owner_url.get_secret_value().replace("+asyncpg", "")
    connection = await asyncpg.connect(dsn)
    try:
        return int(
            await connection.fetchval(
                "SELECT count(*) FROM pg_stat_activity WHERE usename = 'cloudrota_app'"
            )
        )
    finally:
        await connection.close()


@contextmanager
def many_files(number: int) -> Iterator[None]:
    """Each connection is an open file, here and in the server, which inherits this."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = max(soft, number)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, max(wanted, hard)))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, max(wanted, hard)))


async def _measure_all(settings: Settings, asked: argparse.Namespace) -> int:
    many, seconds = asked.connections, asked.seconds
    spread = await measure(
        settings,
        connections=many,
        organizations=50,
        users=4,
        rate=asked.rate,
        seconds=seconds,
    )
    crowd = await measure(
        settings,
        connections=many,
        organizations=1,
        users=50,
        rate=asked.rate / 5,
        seconds=seconds,
    )
    bare_kib, bare = await measure_bare(settings, many, seconds)
    kib = spread.kib_each(many)
    lines = [
        f"{many:,} event streams on one API process",
        f"  no stream                    {spread.alone}",
        f"  all idle                     {spread.idle}, {kib:.0f} KiB each",
        f"  the same of a bare server    {bare_kib:26.0f} KiB each",
        f"  opened in                    {spread.open_seconds:6.1f} s",
        f"  connections to Postgres      {spread.connections_to_postgres:6}",
        f"  of 50 organizations          {spread.told}",
        f"  of one organization          {crowd.told}",
        f"  a bare server, as many sends {bare.cpu:51.2f} cores",
    ]
    figures = {
        "bench": "events",
        "connections": many,
        "idle_cores": round(spread.idle.cpu, 3),
        "kib_per_connection": round(kib),
        "kib_by_bare": round(kib / bare_kib, 2),
        "connections_to_postgres": spread.connections_to_postgres,
        "p50_ms": round(spread.told.p50 * 1000),
        "p99_ms": round(spread.told.p99 * 1000),
        "crowd_p50_ms": round(crowd.told.p50 * 1000),
        "crowd_p99_ms": round(crowd.told.p99 * 1000),
        "crowd_cpu_by_bare": round(crowd.told.usage.cpu / bare.cpu, 2),
        "missing": spread.told.missing + crowd.told.missing,
    }
    sys.stdout.write("\n".join([*lines, json.dumps(figures)]) + "\n")
    is_as_promised = (
        figures["missing"] == 0
        and max(spread.told.p99, crowd.told.p99) <= MOST_P99_SECONDS
        and kib <= MOST_KIB
        and spread.idle.cpu <= MOST_IDLE_CPU
    )
    return 0 if is_as_promised else 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connections", type=int, default=1000)
    parser.add_argument("--rate", type=float, default=100, help="changes a second")
    parser.add_argument("--seconds", type=float, default=10)
    asked = parser.parse_args()
    with many_files(asked.connections * 2 + 200), servers() as settings:
        return asyncio.run(_measure_all(settings, asked))


if __name__ == "__main__":
    sys.exit(main())
