"""App Runner: services and their connections to repositories."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

SERVICE_STATES: Mapping[str, Verdict] = {
    "RUNNING": "healthy",
    "OPERATION_IN_PROGRESS": "degraded",
    "PAUSED": "inactive",
    "DELETED": "inactive",
    "CREATE_FAILED": "unhealthy",
    "DELETE_FAILED": "unhealthy",
}
CONNECTION_STATES: Mapping[str, Verdict] = {
    "AVAILABLE": "healthy",
    "PENDING_HANDSHAKE": "in_transition",
    "DELETED": "inactive",
    "ERROR": "unhealthy",
}


def service(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("service's status", item.get("Status"), SERVICE_STATES)


def connection(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("connection's status", item.get("Status"), CONNECTION_STATES)


CHECKS = (
    HealthCheck(
        key="apprunner:service",
        title="Services",
        listing="apprunner:ListServices",
        actions=("apprunner:ListServices",),
        judge=service,
        facts={"status": "Status"},
    ),
    HealthCheck(
        key="apprunner:connection",
        title="Connections to repositories",
        listing="apprunner:ListConnections",
        actions=("apprunner:ListConnections",),
        judge=connection,
        facts={"status": "Status", "provider": "ProviderType"},
    ),
)
