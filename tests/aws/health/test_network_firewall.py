"""Network Firewall: its verdicts, its reasons, its words."""

from typing import Any

from app.aws.services.health import network_firewall
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing


def firewall(
    status: str = "READY", sync: str = "IN_SYNC", endpoint: str = "READY"
) -> dict[str, Any]:
    zone = {"Attachment": {"Status": endpoint}}
    told = {"Status": status, "ConfigurationSyncStateSummary": sync}
    return {"FirewallStatus": {**told, "SyncStates": {"eu-west-1a": zone}}}


VERDICTS: list[VerdictRow] = [
    (
        "network-firewall:firewall",
        firewall(),
        "healthy",
        "The firewall's status is READY.",
    ),
    (
        "network-firewall:firewall",
        firewall(status="PROVISIONING"),
        "in_transition",
        "The firewall's status is PROVISIONING.",
    ),
    (
        "network-firewall:firewall",
        firewall(status="FAILED"),
        "unhealthy",
        "The firewall's status is FAILED.",
    ),
    (
        "network-firewall:firewall",
        firewall(sync="PENDING"),
        "degraded",
        "The firewall's configuration is PENDING.",
    ),
    (
        "network-firewall:firewall",
        firewall(endpoint="SCALING"),
        "degraded",
        "The endpoint's status in eu-west-1a is SCALING.",
    ),
    (
        "network-firewall:firewall",
        firewall(endpoint="FAILED"),
        "unhealthy",
        "The endpoint's status in eu-west-1a is FAILED.",
    ),
    (
        "network-firewall:firewall",
        firewall(sync="Odd"),
        "unknown",
        "The firewall's configuration 'Odd' is not known.",
    ),
    ("network-firewall:firewall", {}, "unknown", "AWS states no firewall's status."),
]
WORDS: list[WordRow] = [
    (
        "network-firewall",
        "DescribeFirewall",
        "FirewallStatus",
        "Status",
        network_firewall.STATES,
    ),
    (
        "network-firewall",
        "DescribeFirewall",
        "FirewallStatus",
        "ConfigurationSyncStateSummary",
        network_firewall.SYNC_STATES,
    ),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
