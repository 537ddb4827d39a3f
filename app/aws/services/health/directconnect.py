"""Direct Connect: connections, LAGs, virtual interfaces with BGP peers, gateways."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_parts, by_word, worst
from app.aws.unit import Verdict

LAG_STATES: Mapping[str, Verdict] = {
    "available": "healthy",
    "requested": "in_transition",
    "pending": "in_transition",
    "deleting": "in_transition",
    "deleted": "inactive",
    "down": "unhealthy",
    "unknown": "unknown",
}
CONNECTION_STATES: Mapping[str, Verdict] = {
    **LAG_STATES,
    "ordering": "in_transition",
    "rejected": "inactive",
}
INTERFACE_STATES: Mapping[str, Verdict] = {
    "available": "healthy",
    "testing": "degraded",
    "confirming": "in_transition",
    "verifying": "in_transition",
    "pending": "in_transition",
    "deleting": "in_transition",
    "deleted": "inactive",
    "rejected": "inactive",
    "down": "unhealthy",
    "unknown": "unknown",
}
PEER_STATES: Mapping[str, Verdict] = {
    "up": "healthy",
    "down": "unhealthy",
    "unknown": "unknown",
}
GATEWAY_STATES: Mapping[str, Verdict] = {
    "available": "healthy",
    "pending": "in_transition",
    "deleting": "in_transition",
    "deleted": "inactive",
}


def connection(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("connection's state", item.get("connectionState"), CONNECTION_STATES)


def lag(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("LAG's state", item.get("lagState"), LAG_STATES)


def virtual_interface(item: Mapping[str, Any], _now: datetime) -> Judgement:
    state = by_word(
        "virtual interface's state", item.get("virtualInterfaceState"), INTERFACE_STATES
    )
    if state.verdict != "healthy":
        return state
    peers = [one.get("bgpStatus") for one in item.get("bgpPeers", [])]
    return worst(state, by_parts("BGP peers", peers, PEER_STATES))


def gateway(item: Mapping[str, Any], _now: datetime) -> Judgement:
    state = item.get("directConnectGatewayState")
    return by_word("gateway's state", state, GATEWAY_STATES)


CHECKS = (
    HealthCheck(
        key="directconnect:connection",
        title="Connections",
        listing="directconnect:DescribeConnections",
        actions=("directconnect:DescribeConnections",),
        judge=connection,
        facts={"state": "connectionState", "location": "location"},
    ),
    HealthCheck(
        key="directconnect:lag",
        title="Link aggregation groups",
        listing="directconnect:DescribeLags",
        actions=("directconnect:DescribeLags",),
        judge=lag,
        facts={"state": "lagState", "connections": "connections[].connectionState"},
    ),
    HealthCheck(
        key="directconnect:virtual_interface",
        title="Virtual interfaces and their BGP peers",
        listing="directconnect:DescribeVirtualInterfaces",
        actions=("directconnect:DescribeVirtualInterfaces",),
        judge=virtual_interface,
        facts={"state": "virtualInterfaceState", "peers": "bgpPeers[].bgpStatus"},
    ),
    HealthCheck(
        key="directconnect:direct_connect_gateway",
        title="Gateways",
        listing="directconnect:DescribeDirectConnectGateways",
        actions=("directconnect:DescribeDirectConnectGateways",),
        judge=gateway,
        facts={"state": "directConnectGatewayState"},
    ),
)
