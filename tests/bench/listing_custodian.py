"""The account of many calls, listed by the worker and by Cloud Custodian in turns."""

import asyncio
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

from app.core.settings import Settings
from tests.bench.cloud import REGION, Account, cloud
from tests.bench.peer import SCRIPTS, LeftOut, Spent, environment_of, run, variables_of
from tests.bench.versus import Gate, Seen, Versus
from tests.bench.worker import Cost, bench_worker, settings_for

ROUNDS = 3
GATES = (Gate("aws_vs_c7n_wall", "wall", 0.5), Gate("aws_vs_c7n_cpu", "cpu", 1.0))
# What custodian.yml calls the services of ours.
_POLICIES = {"functions": "lambda", "tables": "dynamodb"}


def compare(settings: Settings, account: Account) -> Versus:
    """On the servers that `settings` lead to."""
    title = (
        f"{account.resources:,} resources, +{account.latency * 1000:.0f} ms a call,"
        f" beside Cloud Custodian, which is started anew each time"
    )
    with cloud(account) as url:
        ours, theirs = asyncio.run(_rounds(settings_for(settings, url), url))
    return Versus(title, "Cloud Custodian", GATES, ours, theirs)


async def _rounds(
    settings: Settings, url: str
) -> tuple[list[Seen], list[Seen] | LeftOut]:
    ours: list[Seen] = []
    theirs: list[Seen] = []
    with tempfile.NamedTemporaryFile() as log:
        async with bench_worker(settings, Path(log.name)) as worker:
            await worker.run()  # its first, in which it loads what it needs
            for _ in range(ROUNDS):
                ours.append(seen(await worker.run()))
                try:
                    theirs.append(await asyncio.to_thread(custodian, url))
                except LeftOut as why:
                    return ours, why
    return ours, theirs


def seen(cost: Cost) -> Seen:
    return Seen(Spent(cost.wall, cost.cpu, cost.most_mib), cost.found)


def custodian(url: str) -> Seen:
    """One run of it. Raises LeftOut, PeerFailed."""
    program = environment_of("custodian") / "custodian"
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory)
        command = ("run", "--region", REGION, "--cache-period", "0", "-s", "found")
        spent = run(
            [str(program), *command, str(SCRIPTS / "custodian.yml")],
            variables_of(url, REGION, home),
            home,
        )
        return Seen(spent, _found(home / "found"))


def _found(directory: Path) -> Mapping[str, int]:
    return {
        service: len(json.loads((directory / policy / "resources.json").read_text()))
        for policy, service in _POLICIES.items()
    }
