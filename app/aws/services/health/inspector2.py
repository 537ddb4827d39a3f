"""Inspector: whether it scans, and which kinds of resources."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word, worst
from app.aws.unit import Verdict

STATES: Mapping[str, Verdict] = {
    "ENABLED": "healthy",
    "ENABLING": "in_transition",
    "DISABLING": "in_transition",
    "SUSPENDING": "in_transition",
    "DISABLED": "inactive",
    "SUSPENDED": "inactive",
}


def account(item: Mapping[str, Any], _now: datetime) -> Judgement:
    """An account that Inspector could not tell of comes with an error of its own."""
    if failed := item.get("errorCode"):
        return Judgement("unknown", f"Inspector does not tell its state ({failed}).")
    state = by_word("state of Inspector", item.get("state", {}).get("status"), STATES)
    return worst(state, *_failing(item.get("resourceState", {})))


def _failing(kinds: Mapping[str, Any]) -> list[Judgement]:
    """Kinds of resources that are meant to be scanned and are not."""
    return [
        Judgement("degraded", f"Scanning of {kind} has a fault ({state['errorCode']}).")
        for kind, state in sorted(kinds.items())
        if state.get("status") == "ENABLED" and state.get("errorCode") in FAULTS
    ]


# Error codes that are no answer to a change just asked for.
FAULTS = frozenset(
    {
        "ACCESS_DENIED",
        "INTERNAL_ERROR",
        "SSM_UNAVAILABLE",
        "SSM_THROTTLED",
        "EVENTBRIDGE_UNAVAILABLE",
        "EVENTBRIDGE_THROTTLED",
        "ACCOUNT_IS_ISOLATED",
        "EC2_SSM_RESOURCE_DATA_SYNC_LIMIT_EXCEEDED",
        "EC2_SSM_ASSOCIATION_VERSION_LIMIT_EXCEEDED",
        "BLOCKED_BY_ORGANIZATION_POLICY",
    }
)
CHECKS = (
    HealthCheck(
        key="inspector2:account",
        title="Inspector itself: what it scans",
        listing="inspector2:BatchGetAccountStatus",
        actions=("inspector2:BatchGetAccountStatus",),
        judge=account,
        facts={"state": "state.status", "kinds": "resourceState"},
    ),
)
