"""`make bench-aws`: one account, listed by the real worker, by bare boto3 with 1 and 32
threads, with and without latency, and by Cloud Custodian; and health checks beside
Prowler. The last line is JSON: ours by each of theirs, so that less is better; the exit
code is 1 where the worker held too much, or took too long beside 32 threads or a peer.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.core.settings import Settings
from tests.bench import health_prowler, listing_custodian, loopback
from tests.bench.cloud import Account, cloud
from tests.bench.inventory import MOST_MIB
from tests.bench.versus import Versus
from tests.bench.worker import Cost, bench_worker, settings_for
from tests.truth.ground import servers

THREADS = (1, 32)
LATENCIES = (0, 0.1)
SIZES = (100, 10_000, 100_000)
# One table in a hundred resources, but never fewer than these: the calls that a table
# takes are what threads are for.
TABLES = 50
# About one call for each resource, at the latency of a region nearby.
MANY_CALLS = Account(functions=10, tables=560, latency=0.03)
# Of the wall of bare boto3 with 32 threads, where AWS takes its time and so much is
# listed that the few calls that open a session do not decide.
MOST_WALL = 1.3
GATED_RESOURCES = 10_000
PATIENCE = (
    120  # seconds that one thread may wait for latency alone; else it is left out
)


@dataclass(frozen=True)
class Bare:
    """What bare boto3 took: seconds, seconds of CPU, the most MiB."""

    wall: float
    cpu: float
    mib: float


@dataclass(frozen=True)
class Compared:
    """Ours in a warm process (its first run is told beside it) and theirs by threads;
    None where it would have taken too long."""

    account: Account
    first: Cost
    ours: Cost
    bare: dict[int, Bare | None]

    def lines(self) -> Iterable[str]:
        account = self.account
        yield (
            f"{account.resources:,} resources, {account.calls:,} calls,"
            f" +{account.latency * 1000:.0f} ms a call"
        )
        yield f"  worker, first run   {self.first}"
        yield f"  worker, second run  {self.ours}"
        for threads, bare in self.bare.items():
            told = "left out: it would only wait"
            if bare is not None:
                told = f"{bare.wall:8.2f} s {bare.cpu:8.2f} s CPU {bare.mib:24.0f} MiB"
            yield f"  boto3, {threads:2} threads   {told}"

    def figures(self) -> dict[str, Any]:
        ratios: dict[str, Any] = {
            f"{name}_by_{threads}_threads": round(ours / theirs, 2)
            for threads, bare in self.bare.items()
            if bare is not None
            for name, ours, theirs in (
                ("wall", self.ours.wall, bare.wall),
                ("cpu", self.ours.cpu, bare.cpu),
            )
        }
        return {
            "resources": self.account.resources,
            "latency_ms": round(self.account.latency * 1000),
            **ratios,
            "calls_per_second": round(self.ours.calls / self.ours.wall),
            "worker_most_mib": round(self.ours.most_mib),
            "within_limits": not self.is_too_slow and self.ours.most_mib < MOST_MIB,
        }

    @property
    def is_too_slow(self) -> bool:
        """Whether the one limit of time is broken; not every account has it."""
        bare = self.bare[THREADS[-1]]
        if not self.account.latency or self.account.resources < GATED_RESOURCES:
            return False
        return bare is not None and self.ours.wall > MOST_WALL * bare.wall


def compare(settings: Settings, account: Account) -> Compared:
    """On servers of its own, one after the other."""
    with cloud(account) as url:
        bare = {threads: _bare(account, url, threads) for threads in THREADS}
        first, ours = asyncio.run(_ours(settings_for(settings, url)))
    return Compared(account, first, ours, bare)


async def _ours(settings: Settings) -> Sequence[Cost]:
    with tempfile.NamedTemporaryFile() as log:
        async with bench_worker(settings, Path(log.name)) as worker:
            return [await worker.run(), await worker.run()]


def _bare(account: Account, url: str, threads: int) -> Bare | None:
    if threads == 1 and account.calls * account.latency > PATIENCE:
        return None
    command = [sys.executable, "-m", "tests.bench.bare", url, str(threads)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 — our own command
    cost = json.loads(told)
    assert cost["resources"] == account.resources
    return Bare(cost["wall"], cost["cpu"], cost["mib"])


def _accounts(size: int) -> Iterable[Account]:
    tables = max(TABLES, size // 100)
    return (Account(size - tables, tables, latency) for latency in LATENCIES)


def _beside(*, short: bool) -> Sequence[Versus]:
    """What the peers do on the same accounts."""
    with servers() as settings:
        custodian = listing_custodian.compare(settings, MANY_CALLS)
    with servers() as settings:
        return custodian, health_prowler.compare(settings, short=short)


def main() -> int:
    loopback.enter()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="the smaller accounts")
    short = parser.parse_args().short
    sizes = SIZES[:-1] if short else SIZES
    figures: list[dict[str, Any]] = []
    for account in (MANY_CALLS, *(of for size in sizes for of in _accounts(size))):
        with servers() as settings:
            found = compare(settings, account)
        sys.stdout.write("\n".join(found.lines()) + "\n")
        sys.stdout.flush()
        figures.append(found.figures())
    beside = _beside(short=short)
    told: dict[str, Any] = {"bench": "aws", "accounts": figures}
    for one in beside:
        sys.stdout.write("\n".join(one.lines()) + "\n")
        told |= one.ratios()
    sys.stdout.write(json.dumps(told) + "\n")
    kept = all(one["within_limits"] for one in figures)
    return 0 if kept and all(one.is_as_promised() for one in beside) else 1


if __name__ == "__main__":
    sys.exit(main())
