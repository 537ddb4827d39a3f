"""The checks that both have, made by the worker and by Prowler."""

import json
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from app.core.settings import Settings
from app.models.task import TaskType
from tests.bench.cloud import Account
from tests.bench.cloud_place import REGION
from tests.bench.contest import Contest
from tests.bench.peer import environment_of, run, variables_of
from tests.bench.versus import Gate, Seen, Versus

ROUNDS = 2
GUARDED = Account(functions=0, tables=0, latency=0.03, keys=200, certificates=100)
SHORT = Account(functions=0, tables=0, latency=0.03, keys=50, certificates=20)
GATES = (
    Gate("prowler_wall", "wall", 0.2),
    Gate("prowler_rss", "most_mib", 0.25),
    Gate("prowler_cpu", "cpu", 0.25),
)
# By service: ours and theirs, which judge the same. Of a key whether it is about to be
# deleted, of a certificate whether it has expired, of the recorder whether it records.
SHARED = {
    "kms": ("kms:key", "kms_cmk_not_deleted_unintentionally"),
    "acm": ("acm:certificate", "acm_certificates_expiration_check"),
    "config": ("config:recorder", "config_recorder_all_regions_enabled"),
}
WANTED = {
    "type": TaskType.HEALTH_CHECK,
    "services": tuple(SHARED),
    "parameters": {"checks": [ours for ours, _ in SHARED.values()]},
}


def compare(settings: Settings, *, short: bool) -> Versus:
    """On the servers that `settings` lead to."""
    account = SHORT if short else GUARDED
    title = (
        f"{len(SHARED)} checks of {account.keys} keys, {account.certificates}"
        f" certificates and a recorder, +{account.latency * 1000:.0f} ms a call, beside"
        " Prowler, which is started anew each time"
    )
    rounds = 1 if short else ROUNDS
    contest = Contest(title, "Prowler", GATES, prowler, rounds, WANTED)
    return contest.hold(settings, account)


def prowler(url: str) -> Seen:
    """One run of it. Raises LeftOut, PeerFailed."""
    program = environment_of("prowler") / "prowler"
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory)
        output = ("--output-formats", "json-ocsf", "-o", "found", "-F", "found")
        quiet = ("--no-banner", "--no-color", "--ignore-exit-code-3")
        checks = [theirs for _, theirs in SHARED.values()]
        spent = run(
            [str(program), "aws", "-f", REGION, *quiet, *output, "-c", *checks],
            variables_of(url, REGION, home),
            home,
        )
        return Seen(spent, found((home / "found/found.ocsf.json").read_text()))


def found(report: str) -> Mapping[str, int]:
    """How many things it judged, and of how many it found fault, by our services."""
    services = {theirs: service for service, (_, theirs) in SHARED.items()}
    seen: Counter[str] = Counter()
    for one in json.loads(report):
        service = services[one["metadata"]["event_code"]]
        seen[service] += 1
        if one["status_code"] == "FAIL":
            seen[f"{service} faults"] += 1
    return dict(seen)
