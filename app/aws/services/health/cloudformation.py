"""CloudFormation: stacks with their drift, and the instances of stack sets."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word, worst
from app.aws.unit import Verdict

STATES: Mapping[str, Verdict] = {
    "CREATE_COMPLETE": "healthy",
    "UPDATE_COMPLETE": "healthy",
    "IMPORT_COMPLETE": "healthy",
    "CREATE_IN_PROGRESS": "degraded",
    "DELETE_IN_PROGRESS": "degraded",
    "IMPORT_IN_PROGRESS": "degraded",
    "REVIEW_IN_PROGRESS": "degraded",
    "ROLLBACK_IN_PROGRESS": "degraded",
    "UPDATE_IN_PROGRESS": "degraded",
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS": "degraded",
    "UPDATE_ROLLBACK_IN_PROGRESS": "degraded",
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS": "degraded",
    "UPDATE_ROLLBACK_COMPLETE": "degraded",
    "IMPORT_ROLLBACK_IN_PROGRESS": "degraded",
    "IMPORT_ROLLBACK_COMPLETE": "degraded",
    "DELETE_COMPLETE": "inactive",
    "CREATE_FAILED": "unhealthy",
    "DELETE_FAILED": "unhealthy",
    "UPDATE_FAILED": "unhealthy",
    "ROLLBACK_FAILED": "unhealthy",
    "ROLLBACK_COMPLETE": "unhealthy",  # it was never created, and can only be deleted
    "UPDATE_ROLLBACK_FAILED": "unhealthy",
    "IMPORT_ROLLBACK_FAILED": "unhealthy",
}
INSTANCE_STATES: Mapping[str, Verdict] = {
    "CURRENT": "healthy",
    "OUTDATED": "degraded",
    "INOPERABLE": "unhealthy",
}


def stack(item: Mapping[str, Any], _now: datetime) -> Judgement:
    state = by_word("stack's state", item.get("StackStatus"), STATES)
    drift = item.get("DriftInformation", {}).get("StackDriftStatus")
    return worst(state, *_drifted(drift))


def stack_instance(item: Mapping[str, Any], _now: datetime) -> Judgement:
    state = by_word("stack instance's state", item.get("Status"), INSTANCE_STATES)
    return worst(state, *_drifted(item.get("DriftStatus")))


def _drifted(status: object) -> list[Judgement]:
    """Drift is known only where somebody asked for its detection."""
    if status != "DRIFTED":
        return []
    return [Judgement("degraded", "Its resources have drifted from the template.")]


CHECKS = (
    HealthCheck(
        key="cloudformation:stack",
        title="Stacks: state and drift",
        listing="cloudformation:DescribeStacks",
        actions=("cloudformation:DescribeStacks",),
        judge=stack,
        facts={
            "state": "StackStatus",
            "state_reason": "StackStatusReason",
            "drift": "DriftInformation.StackDriftStatus",
        },
    ),
    HealthCheck(
        key="cloudformation:stack_instance",
        title="Stack sets: their instances",
        listing="cloudformation:ListStackInstances",
        actions=("cloudformation:ListStackSets", "cloudformation:ListStackInstances"),
        judge=stack_instance,
        facts={
            "state": "Status",
            "state_reason": "StatusReason",
            "drift": "DriftStatus",
        },
    ),
)
