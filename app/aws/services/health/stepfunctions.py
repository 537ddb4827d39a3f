"""Step Functions: state machines, by how their executions of the last hour ended."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from app.aws.services.check import Detail, HealthCheck, Judgement

WINDOW = timedelta(hours=1)
FAILING = 0.1  # a larger share of failed executions is a fault
PAGE = 1000  # the most that one answer holds
BAD = frozenset({"FAILED", "TIMED_OUT"})
ENDED = BAD | {"SUCCEEDED"}
UNJUDGED = frozenset({"RUNNING", "ABORTED", "PENDING_REDRIVE"})


def state_machine(item: Mapping[str, Any], now: datetime) -> Judgement:
    if "Executions" not in item:
        reason = "AWS lists no executions of an express state machine."
        return Judgement("reachable", reason)
    recent = [
        one
        for one in item["Executions"].get("executions", [])
        if (one.get("stopDate") or now) >= now - WINDOW
    ]
    states = Counter(str(one.get("status")) for one in recent)
    if odd := sorted(states.keys() - ENDED - UNJUDGED):
        return Judgement("unknown", f"Executions are in unknown states: {odd}.")
    return _share(states, cut=len(recent) >= PAGE)


def _share(states: Counter[str], *, cut: bool) -> Judgement:
    ended = sum(states[state] for state in ENDED)
    bad = sum(states[state] for state in BAD)
    which = f"latest {PAGE}" if cut else "last hour's"
    if not bad:
        return Judgement("healthy", f"None of the {which} executions failed.")
    reason = f"{bad} of the {ended} {which} executions failed or timed out."
    return Judgement("unhealthy" if bad / ended > FAILING else "degraded", reason)


def _executions(item: Mapping[str, Any], _now: datetime) -> dict[str, Any] | None:
    if item.get("type") == "EXPRESS":
        return None
    return {"stateMachineArn": item["stateMachineArn"], "maxResults": PAGE}


CHECKS = (
    HealthCheck(
        key="stepfunctions:state_machine",
        title="State machines: failed executions of the last hour",
        listing="stepfunctions:ListStateMachines",
        actions=("states:ListStateMachines", "states:ListExecutions"),
        judge=state_machine,
        details=(
            Detail(
                into="Executions",
                service="stepfunctions",
                operation="ListExecutions",
                inputs=_executions,
                actions=("states:ListExecutions",),
                absent={"StateMachineDoesNotExist": "vanished"},
                first_page="AWS answers the latest executions first, a thousand of "
                "them; where the hour had more, the reason says so.",
            ),
        ),
        facts={
            "type": "type",
            "latest": "Executions.executions[0].{status: status, ended: stopDate}",
        },
    ),
)
