"""The schedulers of Celery that keep their entries where we keep ours, each as a real
process on the servers of the run: entries that are all due at once."""

import asyncio
import os
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from redis.asyncio import Redis

from app.core.clock import monotonic
from app.core.settings import Settings
from tests.bench.peer import SCRIPTS, LeftOut, PeerFailed, environment_of
from tests.bench.schedule_ground import plain
from tests.bench.schedule_servers import cpu_of_servers
from tests.bench.spent import cpu_of, most_mib_of

REDBEAT = "redbeat"
SCHEDULERS = {
    REDBEAT: "redbeat.RedBeatScheduler",
    "sqlalchemy-celery-beat": "sqlalchemy_celery_beat.schedulers:DatabaseScheduler",
}
LEAST_BY_REDBEAT = 5
PATIENCE = 20  # seconds that are measured at most; one of them slows down with entries
_START_SECONDS = 120
_LOOK_SECONDS = 0.02
_QUEUE = _SCHEMA = "peer"


@dataclass(frozen=True)
class PeerBurst:
    """Messages a second while so many of the stored entries were sent; microseconds of
    CPU for each, in the process and the servers together; its most MiB."""

    stored: int
    sent: int
    per_second: float
    cpu_us: float
    most_mib: float


@dataclass(frozen=True)
class Beside:
    """The best round of each peer by its name, or why it was left out."""

    peers: Mapping[str, PeerBurst | LeftOut]

    def lines(self) -> Iterable[str]:
        for name, peer in self.peers.items():
            if isinstance(peer, LeftOut):
                yield f"  {name}: left out, {peer}"
                continue
            yield (
                f"  {name:22} {peer.per_second:8,.0f}/s {peer.cpu_us:6.0f} µs CPU each"
                f" {peer.most_mib:5.0f} MiB, {peer.sent:,} of {peer.stored:,} due"
            )

    def ratios(self, ours_per_second: float) -> dict[str, float]:
        """How many times as many as each peer that was measured."""
        return {
            _figure(name): round(ours_per_second / peer.per_second, 1)
            for name, peer in self.peers.items()
            if isinstance(peer, PeerBurst)
        }

    def is_as_promised(self, ours_per_second: float) -> bool:
        ratio = self.ratios(ours_per_second).get(_figure(REDBEAT))
        return ratio is None or ratio >= LEAST_BY_REDBEAT


def best(rounds: Iterable[Mapping[str, PeerBurst | LeftOut]]) -> Beside:
    found: dict[str, PeerBurst | LeftOut] = {}
    for one in rounds:
        for name, peer in one.items():
            before = found.get(name)
            if not isinstance(before, PeerBurst) or (
                isinstance(peer, PeerBurst) and peer.per_second > before.per_second
            ):
                found[name] = peer
    return Beside(found)


async def measure(
    settings: Settings, connection: asyncpg.Connection, number: int
) -> Mapping[str, PeerBurst | LeftOut]:
    """One round of each, with so many entries; nothing of it stays."""
    found: dict[str, PeerBurst | LeftOut] = {}
    for name in SCHEDULERS:
        try:
            python = environment_of("beats") / "python"
        except LeftOut as why:
            found[name] = why
            continue
        found[name] = await _burst(settings, connection, name, python, number)
    return found


async def _burst(
    settings: Settings,
    connection: asyncpg.Connection,
    name: str,
    python: Path,
    number: int,
) -> PeerBurst:
    # Its own part of Valkey, where nothing of ours lies.
    url = settings.redis_url.get_secret_value().rpartition("/")[0] + "/1"
    variables = {
        "PATH": os.environ["PATH"],
        "PEER_BROKER_URL": url,
        "PEER_DATABASE_URL": plain(settings.database_owner_url),
        "PEER_QUEUE": _QUEUE,
        "PEER_SCHEMA": _SCHEMA,
    }
    scheduler = ("-m", "celery", "-A", "beats", "beat", "-S", SCHEDULERS[name])
    redis = Redis.from_url(url)
    try:
        await _fill(python, name, number, variables)
        await connection.execute("VACUUM ANALYZE")
        async with _running((str(python), *scheduler), variables) as process:
            await _until(process, redis, 1, within=_START_SECONDS)
            began, cpu = monotonic(), cpu_of(process.pid)
            servers = await cpu_of_servers(settings, connection)
            first = await redis.llen(_QUEUE)
            sent = await _until(process, redis, number, within=PATIENCE) - first
            took, cpu = monotonic() - began, cpu_of(process.pid) - cpu
            servers = await cpu_of_servers(settings, connection) - servers
            most_mib = most_mib_of(process.pid)
    finally:
        await connection.execute(f"DROP SCHEMA IF EXISTS {_SCHEMA} CASCADE")
        await redis.flushdb()
        await redis.aclose()
    each = 1_000_000 / sent
    return PeerBurst(number, sent, sent / took, (cpu + servers) * each, most_mib)


async def _fill(
    python: Path, name: str, number: int, variables: Mapping[str, str]
) -> None:
    script = str(SCRIPTS / "beats.py")
    process = await asyncio.create_subprocess_exec(
        python, script, name, str(number), env=variables
    )
    code = await process.wait()
    if code:
        raise PeerFailed(f"{name} could not store its entries: exit code {code}")


@asynccontextmanager
async def _running(
    command: tuple[str, ...], variables: Mapping[str, str]
) -> AsyncIterator[asyncio.subprocess.Process]:
    """What it wrote is told if it does not do what is wanted of it."""
    with tempfile.TemporaryFile() as log:
        process = await asyncio.create_subprocess_exec(
            *command, cwd=SCRIPTS, env=variables, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            yield process
        except PeerFailed as failed:
            log.seek(0)
            failed.add_note(log.read().decode(errors="replace")[-2000:])
            raise
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def _until(
    process: asyncio.subprocess.Process, redis: Redis, wanted: int, *, within: float
) -> int:
    """How many messages there are once there are so many, or the time is over; raises
    PeerFailed if there is none."""
    end = monotonic() + within
    while True:
        if process.returncode is not None:
            raise PeerFailed(f"it ended by itself: {process.returncode}")
        seen = int(await redis.llen(_QUEUE))
        if seen >= wanted or (seen and monotonic() >= end):
            return seen
        if monotonic() >= end:
            raise PeerFailed(f"it sent nothing within {within} seconds")
        await asyncio.sleep(_LOOK_SECONDS)


def _figure(name: str) -> str:
    return f"dispatch_vs_{name.replace('-', '_')}"
