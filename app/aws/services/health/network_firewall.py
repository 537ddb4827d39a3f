"""Network Firewall: firewalls, and whether each zone has its configuration."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word, worst
from app.aws.unit import Verdict

STATES: Mapping[str, Verdict] = {
    "READY": "healthy",
    "PROVISIONING": "in_transition",
    "DELETING": "in_transition",
    "FAILED": "unhealthy",
}
SYNC_STATES: Mapping[str, Verdict] = {
    "IN_SYNC": "healthy",
    "PENDING": "degraded",
    "CAPACITY_CONSTRAINED": "degraded",
}
ENDPOINT_STATES: Mapping[str, Verdict] = {
    "READY": "healthy",
    "SCALING": "degraded",
    "CREATING": "in_transition",
    "DELETING": "in_transition",
    "ERROR": "unhealthy",
    "FAILED": "unhealthy",
}


def firewall(item: Mapping[str, Any], _now: datetime) -> Judgement:
    told = item.get("FirewallStatus", {})
    return worst(
        by_word("firewall's status", told.get("Status"), STATES),
        by_word(
            "firewall's configuration",
            told.get("ConfigurationSyncStateSummary"),
            SYNC_STATES,
        ),
        *(
            by_word(
                f"endpoint's status in {zone}",
                state.get("Attachment", {}).get("Status"),
                ENDPOINT_STATES,
            )
            for zone, state in sorted(told.get("SyncStates", {}).items())
        ),
    )


CHECKS = (
    HealthCheck(
        key="network-firewall:firewall",
        title="Firewalls: status and configuration of each zone",
        listing="network-firewall:DescribeFirewall",
        actions=("network-firewall:ListFirewalls", "network-firewall:DescribeFirewall"),
        judge=firewall,
        facts={
            "status": "FirewallStatus.Status",
            "configuration": "FirewallStatus.ConfigurationSyncStateSummary",
        },
    ),
)
