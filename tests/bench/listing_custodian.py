"""The account of many calls, listed by the worker and by Cloud Custodian."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

from app.core.settings import Settings
from tests.bench.cloud import Account
from tests.bench.cloud_place import REGION
from tests.bench.contest import Contest
from tests.bench.peer import SCRIPTS, environment_of, run, variables_of
from tests.bench.versus import Gate, Seen, Versus
from tests.bench.worker import LISTED

ROUNDS = 3
GATES = (Gate("aws_vs_c7n_wall", "wall", 0.5), Gate("aws_vs_c7n_cpu", "cpu", 1.0))
# What custodian.yml calls the services of ours.
_POLICIES = {"functions": "lambda", "tables": "dynamodb"}


def compare(settings: Settings, account: Account) -> Versus:
    """On the servers that `settings` lead to."""
    title = (
        f"{account.resources:,} resources, +{account.latency * 1000:.0f} ms a call,"
        " beside Cloud Custodian, which is started anew each time"
    )
    contest = Contest(title, "Cloud Custodian", GATES, custodian, ROUNDS, LISTED)
    return contest.hold(settings, account)


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
        return Seen(spent, found(home / "found"))


def found(directory: Path) -> Mapping[str, int]:
    """By service, from the files that it wrote."""
    return {
        service: len(json.loads((directory / policy / "resources.json").read_text()))
        for policy, service in _POLICIES.items()
    }
