"""VPC Lattice: services, target groups, and the targets behind them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

STATES: Mapping[str, Verdict] = {
    "ACTIVE": "healthy",
    "CREATE_IN_PROGRESS": "in_transition",
    "DELETE_IN_PROGRESS": "in_transition",
    "CREATE_FAILED": "unhealthy",
    "DELETE_FAILED": "unhealthy",
}
TARGET_STATES: Mapping[str, Verdict] = {
    "HEALTHY": "healthy",
    "INITIAL": "in_transition",
    "DRAINING": "in_transition",
    "UNUSED": "inactive",
    "UNAVAILABLE": "unknown",
    "UNHEALTHY": "unhealthy",
}


def service(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("service's status", item.get("status"), STATES)


def target_group(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("target group's status", item.get("status"), STATES)


def target(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("target's status", item.get("status"), TARGET_STATES)


CHECKS = (
    HealthCheck(
        key="vpc-lattice:service",
        title="Services",
        listing="vpc-lattice:ListServices",
        actions=("vpc-lattice:ListServices",),
        judge=service,
        facts={"status": "status"},
    ),
    HealthCheck(
        key="vpc-lattice:target_group",
        title="Target groups",
        listing="vpc-lattice:ListTargetGroups",
        actions=("vpc-lattice:ListTargetGroups",),
        judge=target_group,
        facts={"status": "status"},
    ),
    HealthCheck(
        key="vpc-lattice:target",
        title="Targets",
        listing="vpc-lattice:ListTargets",
        actions=("vpc-lattice:ListTargetGroups", "vpc-lattice:ListTargets"),
        judge=target,
        facts={"status": "status", "reason": "reasonCode"},
    ),
)
