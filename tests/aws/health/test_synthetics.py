"""Synthetics: a canary that runs is as well as its last run."""

from typing import Any

from app.aws.services.health import synthetics
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing

CANARY = "synthetics:canary"


def canary(state: str, *runs: str) -> dict[str, Any]:
    last = [{"LastRun": {"Status": {"State": run}}} for run in runs]
    return {"Status": {"State": state}, "LastRuns": {"CanariesLastRun": last}}


VERDICTS: list[VerdictRow] = [
    (
        CANARY,
        canary("RUNNING", "PASSED"),
        "healthy",
        "The canary's last run is PASSED.",
    ),
    (
        CANARY,
        canary("RUNNING", "FAILED"),
        "unhealthy",
        "The canary's last run is FAILED.",
    ),
    (
        CANARY,
        canary("RUNNING", "RUNNING"),
        "in_transition",
        "The canary's last run is RUNNING.",
    ),
    (
        CANARY,
        canary("RUNNING"),
        "unknown",
        "The canary runs; AWS states no last run.",
    ),
    (
        CANARY,
        canary("RUNNING", "ODD"),
        "unknown",
        "The canary's last run 'ODD' is not known.",
    ),
    (
        CANARY,
        canary("STOPPED", "FAILED"),
        "inactive",
        "The canary's state is STOPPED.",
    ),
    (CANARY, canary("ERROR"), "unhealthy", "The canary's state is ERROR."),
    (CANARY, {}, "unknown", "AWS states no canary's state."),
]
WORDS: list[WordRow] = [
    ("synthetics", "DescribeCanaries", "Canaries[]", "Status.State", synthetics.STATES),
    (
        "synthetics",
        "DescribeCanariesLastRun",
        "CanariesLastRun[]",
        "LastRun.Status.State",
        synthetics.RUNS,
    ),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
