"""WorkSpaces: desktops, pools and the directories they sign in to."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

STATES: Mapping[str, Verdict] = {
    "AVAILABLE": "healthy",
    "PENDING": "in_transition",
    "STARTING": "in_transition",
    "REBUILDING": "in_transition",
    "RESTORING": "in_transition",
    "UPDATING": "in_transition",
    "STOPPING": "in_transition",
    "TERMINATING": "in_transition",
    "MAINTENANCE": "in_transition",
    "ADMIN_MAINTENANCE": "in_transition",
    "REBOOTING": "degraded",
    "IMPAIRED": "degraded",
    "STOPPED": "inactive",
    "SUSPENDED": "inactive",
    "TERMINATED": "inactive",
    "UNHEALTHY": "unhealthy",
    "ERROR": "unhealthy",
}
POOL_STATES: Mapping[str, Verdict] = {
    "RUNNING": "healthy",
    "CREATING": "in_transition",
    "STARTING": "in_transition",
    "STOPPING": "in_transition",
    "UPDATING": "in_transition",
    "DELETING": "in_transition",
    "STOPPED": "inactive",
}
DIRECTORY_STATES: Mapping[str, Verdict] = {
    "REGISTERED": "healthy",
    "REGISTERING": "in_transition",
    "DEREGISTERING": "in_transition",
    "DEREGISTERED": "inactive",
    "ERROR": "unhealthy",
}


def workspace(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("desktop's state", item.get("State"), STATES)


def pool(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("pool's state", item.get("State"), POOL_STATES)


def directory(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("directory's state", item.get("State"), DIRECTORY_STATES)


CHECKS = (
    HealthCheck(
        key="workspaces:workspace",
        title="Desktops",
        listing="workspaces:DescribeWorkspaces",
        actions=("workspaces:DescribeWorkspaces",),
        judge=workspace,
        facts={"state": "State", "error_code": "ErrorCode"},
    ),
    HealthCheck(
        key="workspaces:pool",
        title="Pools",
        listing="workspaces:DescribeWorkspacesPools",
        actions=("workspaces:DescribeWorkspacesPools",),
        judge=pool,
        facts={"state": "State", "errors": "Errors[].ErrorCode"},
    ),
    HealthCheck(
        key="workspaces:directory",
        title="Directories",
        listing="workspaces:DescribeWorkspaceDirectories",
        actions=("workspaces:DescribeWorkspaceDirectories",),
        judge=directory,
        facts={"state": "State", "error": "ErrorMessage"},
    ),
)
