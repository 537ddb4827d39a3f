"""GameLift: fleets, builds and game server groups."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

FLEET_STATES: Mapping[str, Verdict] = {
    "ACTIVE": "healthy",
    "NEW": "in_transition",
    "DOWNLOADING": "in_transition",
    "VALIDATING": "in_transition",
    "BUILDING": "in_transition",
    "ACTIVATING": "in_transition",
    "DELETING": "in_transition",
    "TERMINATED": "inactive",
    "EXPIRED": "inactive",
    "ERROR": "unhealthy",
    "NOT_FOUND": "unknown",
}
BUILD_STATES: Mapping[str, Verdict] = {
    "READY": "healthy",
    "INITIALIZED": "in_transition",
    "FAILED": "unhealthy",
}
GROUP_STATES: Mapping[str, Verdict] = {
    "ACTIVE": "healthy",
    "NEW": "in_transition",
    "ACTIVATING": "in_transition",
    "DELETE_SCHEDULED": "in_transition",
    "DELETING": "in_transition",
    "DELETED": "inactive",
    "ERROR": "unhealthy",
}


def fleet(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("fleet's state", item.get("Status"), FLEET_STATES)


def build(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("build's state", item.get("Status"), BUILD_STATES)


def game_server_group(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("group's state", item.get("Status"), GROUP_STATES)


CHECKS = (
    HealthCheck(
        key="gamelift:fleet",
        title="Fleets",
        listing="gamelift:DescribeFleetAttributes",
        actions=("gamelift:DescribeFleetAttributes",),
        judge=fleet,
        facts={"state": "Status", "stopped_actions": "StoppedActions"},
    ),
    HealthCheck(
        key="gamelift:build",
        title="Builds",
        listing="gamelift:ListBuilds",
        actions=("gamelift:ListBuilds",),
        judge=build,
        facts={"state": "Status"},
    ),
    HealthCheck(
        key="gamelift:game_server_group",
        title="Game server groups",
        listing="gamelift:ListGameServerGroups",
        actions=("gamelift:ListGameServerGroups",),
        judge=game_server_group,
        facts={"state": "Status", "reason": "StatusReason"},
    ),
)
