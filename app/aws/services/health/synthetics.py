"""CloudWatch Synthetics: canaries and how their last run ended."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import Detail, HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

LAST = "LastRuns.CanariesLastRun[0].LastRun.Status"
STATES: Mapping[str, Verdict] = {
    "RUNNING": "healthy",
    "CREATING": "in_transition",
    "STARTING": "in_transition",
    "UPDATING": "in_transition",
    "STOPPING": "in_transition",
    "DELETING": "in_transition",
    "READY": "inactive",  # created, and not started yet
    "STOPPED": "inactive",
    "ERROR": "unhealthy",
}
RUNS: Mapping[str, Verdict] = {
    "PASSED": "healthy",
    "RUNNING": "in_transition",
    "FAILED": "unhealthy",
}


def canary(item: Mapping[str, Any], _now: datetime) -> Judgement:
    state = by_word("canary's state", item.get("Status", {}).get("State"), STATES)
    if state.verdict != "healthy":
        return state
    runs = item["LastRuns"].get("CanariesLastRun", [])
    if not runs:
        return Judgement("unknown", "The canary runs; AWS states no last run.")
    last = runs[0].get("LastRun", {}).get("Status", {}).get("State")
    return by_word("canary's last run", last, RUNS)


CHECKS = (
    HealthCheck(
        key="synthetics:canary",
        title="Canaries: state and last run",
        listing="synthetics:DescribeCanaries",
        actions=("synthetics:DescribeCanaries", "synthetics:DescribeCanariesLastRun"),
        judge=canary,
        details=(
            Detail(
                into="LastRuns",
                service="synthetics",
                operation="DescribeCanariesLastRun",
                inputs=lambda item, _: {"Names": [item["Name"]]},
                actions=("synthetics:DescribeCanariesLastRun",),
                first_page="One canary has one last run.",
            ),
        ),
        facts={
            "state": "Status.State",
            "state_reason": "Status.StateReasonCode",
            "last_run": f"{LAST}.State",
            "last_run_reason": f"{LAST}.StateReasonCode",
        },
    ),
)
