"""Amazon Managed Grafana: workspaces."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

STATES: Mapping[str, Verdict] = {
    "ACTIVE": "healthy",
    "CREATING": "in_transition",
    "UPDATING": "in_transition",
    "UPGRADING": "in_transition",
    "VERSION_UPDATING": "in_transition",
    "DELETING": "in_transition",
    "DEGRADED": "degraded",
    "LICENSE_REMOVAL_FAILED": "degraded",
    "VERSION_UPDATE_FAILED": "degraded",
    "FAILED": "unhealthy",
    "CREATION_FAILED": "unhealthy",
    "UPDATE_FAILED": "unhealthy",
    "UPGRADE_FAILED": "unhealthy",
    "DELETION_FAILED": "unhealthy",
}


def workspace(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("workspace's state", item.get("status"), STATES)


CHECKS = (
    HealthCheck(
        key="grafana:workspace",
        title="Workspaces",
        listing="grafana:ListWorkspaces",
        actions=("grafana:ListWorkspaces",),
        judge=workspace,
        facts={"state": "status"},
    ),
)
