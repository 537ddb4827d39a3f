"""EventBridge Pipes: whether each pipe runs as it should."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

STATES: Mapping[str, Verdict] = {
    "RUNNING": "healthy",
    "STOPPED": "inactive",
    "CREATING": "in_transition",
    "UPDATING": "in_transition",
    "DELETING": "in_transition",
    "STARTING": "in_transition",
    "STOPPING": "in_transition",
    "CREATE_FAILED": "unhealthy",
    "UPDATE_FAILED": "unhealthy",
    "START_FAILED": "unhealthy",
    "STOP_FAILED": "unhealthy",
    "DELETE_FAILED": "unhealthy",
    "CREATE_ROLLBACK_FAILED": "unhealthy",
    "DELETE_ROLLBACK_FAILED": "unhealthy",
    "UPDATE_ROLLBACK_FAILED": "unhealthy",
}


def pipe(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("pipe's state", item.get("CurrentState"), STATES)


CHECKS = (
    HealthCheck(
        key="pipes:pipe",
        title="Pipes",
        listing="pipes:ListPipes",
        actions=("pipes:ListPipes",),
        judge=pipe,
        facts={
            "state": "CurrentState",
            "desired": "DesiredState",
            "state_reason": "StateReason",
        },
    ),
)
