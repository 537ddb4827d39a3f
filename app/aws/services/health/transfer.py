"""Transfer Family: servers and certificates."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

SERVER_STATES: Mapping[str, Verdict] = {
    "ONLINE": "healthy",
    "STARTING": "in_transition",
    "STOPPING": "in_transition",
    "OFFLINE": "inactive",  # somebody stopped it
    "START_FAILED": "unhealthy",
    "STOP_FAILED": "unhealthy",
}
CERTIFICATE_STATES: Mapping[str, Verdict] = {
    "ACTIVE": "healthy",
    "PENDING_ROTATION": "degraded",
    "INACTIVE": "inactive",
}


def server(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("server's state", item.get("State"), SERVER_STATES)


def certificate(item: Mapping[str, Any], now: datetime) -> Judgement:
    found = by_word("certificate's status", item.get("Status"), CERTIFICATE_STATES)
    ends = item.get("InactiveDate")
    if found.verdict == "healthy" and ends is not None and ends < now:
        return Judgement("unhealthy", f"The certificate ended on {ends:%Y-%m-%d}.")
    return found


CHECKS = (
    HealthCheck(
        key="transfer:server",
        title="Servers",
        listing="transfer:ListServers",
        actions=("transfer:ListServers",),
        judge=server,
        facts={"state": "State", "endpoint_type": "EndpointType"},
    ),
    HealthCheck(
        key="transfer:certificate",
        title="Certificates",
        listing="transfer:ListCertificates",
        actions=("transfer:ListCertificates",),
        judge=certificate,
        facts={"status": "Status", "inactive_at": "InactiveDate"},
    ),
)
