"""Elastic Beanstalk: environments and the colour of their health."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

STATES: Mapping[str, Verdict] = {
    "Ready": "healthy",
    "Updating": "degraded",
    "Aborting": "degraded",
    "LinkingFrom": "degraded",
    "LinkingTo": "degraded",
    "Launching": "in_transition",
    "Terminating": "in_transition",
    "Terminated": "inactive",
}
COLOURS: Mapping[str, Verdict] = {
    "Green": "healthy",
    "Yellow": "degraded",
    "Red": "unhealthy",
    "Grey": "unknown",  # there is not enough to tell by
}


def environment(item: Mapping[str, Any], _now: datetime) -> Judgement:
    """While it is updated, its colour says nothing better than degraded."""
    state = by_word("environment's status", item.get("Status"), STATES)
    if state.verdict not in {"healthy", "degraded"}:
        return state
    colour = by_word("environment's health", item.get("Health"), COLOURS)
    if state.verdict == "degraded":
        return colour if colour.verdict == "unhealthy" else state
    return colour


CHECKS = (
    HealthCheck(
        key="elasticbeanstalk:environment",
        title="Environments",
        listing="elasticbeanstalk:DescribeEnvironments",
        actions=("elasticbeanstalk:DescribeEnvironments",),
        judge=environment,
        facts={
            "status": "Status",
            "health": "Health",
            "health_status": "HealthStatus",
        },
    ),
)
