"""Direct Connect: its verdicts, its reasons, its words."""

from typing import Any

from app.aws.services.health import directconnect
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing, worded


def peering(*states: str) -> dict[str, Any]:
    peers = [{"bgpStatus": state} for state in states]
    return {"virtualInterfaceState": "available", "bgpPeers": peers}


VERDICTS: list[VerdictRow] = [
    *worded(
        "directconnect:connection",
        "connection's state",
        "connectionState",
        {
            "available": "healthy",
            "ordering": "in_transition",
            "rejected": "inactive",
            "down": "unhealthy",
            "unknown": "unknown",
        },
    ),
    *worded(
        "directconnect:lag",
        "LAG's state",
        "lagState",
        {
            "available": "healthy",
            "pending": "in_transition",
            "deleted": "inactive",
            "down": "unhealthy",
        },
    ),
    *worded(
        "directconnect:virtual_interface",
        "virtual interface's state",
        "virtualInterfaceState",
        {
            "testing": "degraded",
            "confirming": "in_transition",
            "rejected": "inactive",
            "down": "unhealthy",
        },
    ),
    (
        "directconnect:virtual_interface",
        peering("up", "up"),
        "healthy",
        "The virtual interface's state is available.",
    ),
    (
        "directconnect:virtual_interface",
        peering("up", "down"),
        "degraded",
        "1 of 2 BGP peers are healthy.",
    ),
    (
        "directconnect:virtual_interface",
        peering("down", "down"),
        "unhealthy",
        "0 of 2 BGP peers are healthy.",
    ),
    (
        "directconnect:virtual_interface",
        peering("unknown"),
        "unknown",
        "0 of 1 BGP peers are healthy.",
    ),
    ("directconnect:virtual_interface", peering(), "inactive", "It has no BGP peers."),
    *worded(
        "directconnect:direct_connect_gateway",
        "gateway's state",
        "directConnectGatewayState",
        {"available": "healthy", "pending": "in_transition", "deleted": "inactive"},
    ),
]
WORDS: list[WordRow] = [
    (
        "directconnect",
        "DescribeConnections",
        "connections[]",
        "connectionState",
        directconnect.CONNECTION_STATES,
    ),
    ("directconnect", "DescribeLags", "lags[]", "lagState", directconnect.LAG_STATES),
    (
        "directconnect",
        "DescribeVirtualInterfaces",
        "virtualInterfaces[]",
        "virtualInterfaceState",
        directconnect.INTERFACE_STATES,
    ),
    (
        "directconnect",
        "DescribeVirtualInterfaces",
        "virtualInterfaces[].bgpPeers[]",
        "bgpStatus",
        directconnect.PEER_STATES,
    ),
    (
        "directconnect",
        "DescribeDirectConnectGateways",
        "directConnectGateways[]",
        "directConnectGatewayState",
        directconnect.GATEWAY_STATES,
    ),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
