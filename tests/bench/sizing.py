"""Computes the tables of docs/scaling.md and docs/cost.md from what was measured
(`measured.json`), from the Terraform's sizes and from list prices: `python -m
tests.bench.sizing` writes them, with `--check` it only says whether they are fresh."""

import json
import re
import sys
from math import ceil
from pathlib import Path
from typing import Any

import hcl2

ROOT = Path(__file__).parents[2]
SCALING, COST = ROOT / "docs/scaling.md", ROOT / "docs/cost.md"
MEASURED: dict[str, Any] = json.loads(
    Path(__file__).with_name("measured.json").read_text()
)

# What the tables assume; both documents say so.
CALLS = 20  # of one execution
SECONDS = 3.0  # that one execution takes; most of them it waits for AWS
AT_ONCE = 16  # executions of one worker process
WORKER_BUSY, DATABASE_BUSY = 0.6, 0.5
HISTORY_DAYS = 90
HOURS = 730  # of a month
GIB = 2**30

# US dollars, on demand, US East (N. Virginia), x86, June 2026; docs/cost.md says which
# of them were compared with what is published.
FARGATE_VCPU, FARGATE_GB = 0.04048, 0.004445
DATABASE = {"db.t4g.medium": 0.065, "db.r7g.xlarge": 0.478}
DATABASE_GIB = 0.115  # a month; like the instance, twice with a standby
CACHE = {"cache.t4g.small": 0.0256, "cache.m7g.large": 0.1264}
NAT, BALANCER, ENDPOINT = 0.045, 0.0225, 0.01
ZONES = 2


def size_of(environment: str) -> dict[str, Any]:
    """The Terraform's own."""
    path = ROOT / f"infrastructure/environments/{environment}/main.tf"
    size: dict[str, Any] = hcl2.loads(path.read_text())["module"][0]['"product"'][
        "size"
    ]
    return size


def endpoints() -> int:
    """Endpoints in the network, in each zone."""
    text = (ROOT / "infrastructure/modules/network/endpoints.tf").read_text()
    found = re.search(r"interfaces\s*=\s*toset\(\[([^\]]*)\]", text)
    assert found is not None
    return found[1].count('"') // 2


def _cpu_of_execution() -> float:
    """Seconds of a worker's CPU."""
    fixed: float = MEASURED["per_1000_executions"]["worker_cpu_seconds"] / 1000
    return fixed + CALLS * float(MEASURED["per_call"]["worker_cpu_ms"]) / 1000


def scaling() -> str:
    spent = MEASURED["per_1000_executions"]
    rows = [
        (
            "| Tasks, each | executions a second | worker vCPUs | worker processes |"
            " PostgreSQL vCPUs | hints of all at once | WAL a day | stored a day |"
            f" {HISTORY_DAYS} days |"
        ),
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for tasks in (10_000, 100_000, 1_000_000):
        for words, runs in (("once a day", 1), ("once an hour", 24)):
            a_day = tasks * runs
            rate = a_day / 86_400
            cpus = rate * _cpu_of_execution() / WORKER_BUSY
            processes = max(ceil(cpus), ceil(rate * SECONDS / AT_ONCE))
            database = rate * spent["postgres_cpu_seconds"] / 1000 / DATABASE_BUSY
            hints = tasks / 8 * MEASURED["hint_bytes"] / 2**20
            stored = a_day / 1000 * spent["stored_bytes"] / GIB
            logged = a_day / 1000 * spent["logged_bytes"] / GIB
            rows.append(
                f"| {tasks:,}, {words} | {rate:.2f} | {cpus:.1f} | {processes} |"
                f" {database:.2f} | {hints:.0f} MiB | {logged:.1f} GiB |"
                f" {stored:.1f} GiB | {stored * HISTORY_DAYS:,.0f} GiB |"
            )
    return "\n".join(rows)


def worst_minute() -> str:
    """All tasks due in one minute: how long until the last has run."""
    size = size_of("production")["workers"]
    beat = MEASURED["per_1000_executions"]["beat_cpu_seconds"]
    rows = [
        (
            "| Tasks due at once | one beat's CPU | all run, with"
            f" {size['least']} workers | with {size['most']} |"
        ),
        "|---|---|---|---|",
    ]
    for tasks in (10_000, 100_000, 1_000_000):
        took = [
            tasks * max(_cpu_of_execution(), SECONDS / AT_ONCE) / count / 60
            for count in (size["least"], size["most"])
        ]
        rows.append(
            f"| {tasks:,} | {tasks / 1000 * beat:,.0f} s |"
            f" {took[0]:,.0f} min | {took[1]:,.0f} min |"
        )
    return "\n".join(rows)


def _fargate(size: dict[str, Any], count: int) -> float:
    vcpus, gigabytes = size["cpu"] / 1024, size["memory"] / 1024
    an_hour: float = vcpus * FARGATE_VCPU + gigabytes * FARGATE_GB
    return count * HOURS * an_hour


def _parts(environment: str, which: str) -> dict[str, float]:
    """Dollars a month of each part, at `least` or at `most` processes."""
    size = size_of(environment)
    database = {key: _plain(value) for key, value in size["database"].items()}
    nodes = 1 + size["cache"]["replicas"]
    standby = 2 if database["multi_az"] else 1
    stored = database["storage_gib" if which == "least" else "max_storage_gib"]
    nats = ZONES if size["nat_in_each_zone"] else 1
    kinds = ("api", "workers", "mutating_workers", "beats")
    return {
        **{
            kind.replace("_", " "): _fargate(size[kind], size[kind][which])
            for kind in kinds
        },
        "PostgreSQL": standby * HOURS * DATABASE[database["instance_class"]],
        "its storage": standby * stored * DATABASE_GIB,
        "Valkey": nodes * HOURS * CACHE[_plain(size["cache"]["node_type"])],
        "NAT, balancer, endpoints": HOURS
        * (nats * NAT + BALANCER + endpoints() * ZONES * ENDPOINT),
    }


def _plain(value: Any) -> Any:
    return value.strip('"') if isinstance(value, str) else value


def monthly() -> str:
    columns = [
        (environment, which)
        for environment in ("staging", "production")
        for which in ("least", "most")
    ]
    costs = [_parts(*column) for column in columns]
    head = " | ".join(f"{environment}, {which}" for environment, which in columns)
    rows = [f"| US dollars a month | {head} |", "|---|" + "---|" * len(columns)]
    for part in costs[0]:
        said = " | ".join(f"{cost[part]:,.0f}" for cost in costs)
        rows.append(f"| {part} | {said} |")
    totals = " | ".join(f"**{sum(cost.values()):,.0f}**" for cost in costs)
    return "\n".join([*rows, f"| together | {totals} |"])


def marginal() -> str:
    """What 1,000 executions add, where everything else is there already."""
    spent = MEASURED["per_1000_executions"]
    size = size_of("production")["workers"]
    an_hour = _fargate(size, 1) / HOURS / (size["cpu"] / 1024)
    worker = 1000 * _cpu_of_execution() / WORKER_BUSY / 3600 * an_hour
    stored = spent["stored_bytes"] / GIB * DATABASE_GIB * 2 * HISTORY_DAYS / 30
    return "\n".join(
        [
            "| Of 1,000 executions | much | US dollars |",
            "|---|---|---|",
            (
                f"| worker's CPU, {CALLS} calls each |"
                f" {1000 * _cpu_of_execution():.0f} s | {worker:.4f} |"
            ),
            (
                f"| PostgreSQL's CPU | {spent['postgres_cpu_seconds']:.1f} s | its"
                " instance's |"
            ),
            (
                f"| stored for {HISTORY_DAYS} days, with a standby |"
                f" {spent['stored_bytes'] / 2**20:.1f} MiB | {stored:.4f} |"
            ),
        ]
    )


def measured() -> str:
    spent = MEASURED["per_1000_executions"]
    names = {
        "worker_cpu_seconds": "CPU of the worker, without calls to AWS",
        "beat_cpu_seconds": "CPU of the beat",
        "postgres_cpu_seconds": "CPU of PostgreSQL",
        "database_seconds": "time in statements",
    }
    rows = [f"| {said} | {spent[name]:.2f} s |" for name, said in names.items()]
    return "\n".join(
        [
            "| Of 1,000 executions | `make bench-cost` |",
            "|---|---|",
            *rows,
            f"| stored, indexes included | {spent['stored_bytes'] / 2**20:.1f} MiB |",
            f"| write-ahead log | {spent['logged_bytes'] / 2**20:.1f} MiB |",
        ]
    )


def render(path: Path) -> str:
    """The document with its tables as they must be."""
    text = path.read_text()
    tables = (scaling, worst_minute, monthly, marginal, measured)
    for table in tables:
        name = table.__name__
        begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        pattern = re.compile(f"{begin}.*?{end}", re.DOTALL)
        if begin in text:
            text = pattern.sub(f"{begin}\n{table()}\n{end}", text)
    return text


def main(arguments: list[str]) -> int:
    stale = [path for path in (SCALING, COST) if path.read_text() != render(path)]
    for path in stale:
        if "--check" not in arguments:
            path.write_text(render(path))
    if not stale or "--check" not in arguments:
        return 0
    sys.stderr.write("stale: python -m tests.bench.sizing\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
