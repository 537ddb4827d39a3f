"""Systems Manager: agents that report, associations, and syncs of inventory data."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

PINGS: Mapping[str, Verdict] = {
    "Online": "healthy",
    "Inactive": "degraded",
    "ConnectionLost": "unhealthy",
}
# The model lists no words for it; these are documented.
ASSOCIATIONS: Mapping[str, Verdict] = {
    "Success": "healthy",
    "Pending": "in_transition",
    "Failed": "unhealthy",
}
SYNCS: Mapping[str, Verdict] = {
    "Successful": "healthy",
    "InProgress": "in_transition",
    "Failed": "unhealthy",
}


def managed_node(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("agent's connection", item.get("PingStatus"), PINGS)


def association(item: Mapping[str, Any], _now: datetime) -> Judgement:
    status = item.get("Overview", {}).get("Status")
    return by_word("association's status", status, ASSOCIATIONS)


def data_sync(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("last sync", item.get("LastStatus"), SYNCS)


CHECKS = (
    HealthCheck(
        key="ssm:managed_node",
        title="Managed nodes: the agent's connection",
        listing="ssm:DescribeInstanceInformation",
        actions=("ssm:DescribeInstanceInformation",),
        judge=managed_node,
        facts={
            "connection": "PingStatus",
            "last_ping_at": "LastPingDateTime",
            "agent": "AgentVersion",
        },
    ),
    HealthCheck(
        key="ssm:association",
        title="State Manager associations",
        listing="ssm:ListAssociations",
        actions=("ssm:ListAssociations",),
        judge=association,
        facts={"status": "Overview.Status", "details": "Overview.DetailedStatus"},
    ),
    HealthCheck(
        key="ssm:resource_data_sync",
        title="Resource data syncs",
        listing="ssm:ListResourceDataSync",
        actions=("ssm:ListResourceDataSync",),
        judge=data_sync,
        facts={"status": "LastStatus", "message": "LastSyncStatusMessage"},
    ),
)
