"""EC2: instances, volumes, and the networks they are in."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word, reachable, worst
from app.aws.unit import Verdict

INSTANCE_STATES: Mapping[str, Verdict] = {
    "running": "healthy",
    "pending": "in_transition",
    "stopping": "in_transition",
    "shutting-down": "in_transition",
    "stopped": "inactive",
    "terminated": "inactive",
}
STATUS_WORDS: Mapping[str, Verdict] = {
    "ok": "healthy",
    "initializing": "degraded",
    "insufficient-data": "degraded",
    "warning": "degraded",
    "impaired": "unhealthy",
}
VOLUME_STATES: Mapping[str, Verdict] = {
    "available": "healthy",
    "in-use": "healthy",
    "creating": "in_transition",
    "deleting": "in_transition",
    "deleted": "inactive",
    "error": "unhealthy",
}
NAT_STATES: Mapping[str, Verdict] = {
    "available": "healthy",
    "pending": "in_transition",
    "deleting": "in_transition",
    "deleted": "inactive",
    "failed": "unhealthy",
}
VPN_STATES: Mapping[str, Verdict] = {
    "available": "healthy",
    "pending": "in_transition",
    "deleting": "in_transition",
    "deleted": "inactive",
}
NETWORK_STATES: Mapping[str, Verdict] = {
    "available": "healthy",
    "pending": "degraded",
    "deleting": "in_transition",
    "unavailable": "unhealthy",
    "failed": "unhealthy",
    "failed-insufficient-capacity": "unhealthy",
}
# The model writes these words with a capital, the service without.
ENDPOINT_STATES: Mapping[str, Verdict] = {
    "Available": "healthy",
    "Partial": "degraded",
    "PendingAcceptance": "in_transition",
    "Pending": "in_transition",
    "Deleting": "in_transition",
    "Deleted": "inactive",
    "Rejected": "inactive",
    "Expired": "inactive",
    "Failed": "unhealthy",
}
PEERING_STATES: Mapping[str, Verdict] = {
    "active": "healthy",
    "initiating-request": "in_transition",
    "pending-acceptance": "in_transition",
    "provisioning": "in_transition",
    "deleting": "in_transition",
    "deleted": "inactive",
    "rejected": "inactive",
    "expired": "inactive",
    "failed": "unhealthy",
}
ATTACHMENT_STATES: Mapping[str, Verdict] = {
    "available": "healthy",
    "initiating": "in_transition",
    "initiatingRequest": "in_transition",
    "pendingAcceptance": "in_transition",
    "pending": "in_transition",
    "modifying": "in_transition",
    "rollingBack": "degraded",
    "rejecting": "in_transition",
    "deleting": "in_transition",
    "deleted": "inactive",
    "rejected": "inactive",
    "failing": "unhealthy",
    "failed": "unhealthy",
}


def instance(item: Mapping[str, Any], _now: datetime) -> Judgement:
    state = by_word(
        "instance state", item.get("InstanceState", {}).get("Name"), INSTANCE_STATES
    )
    if state.verdict != "healthy":
        return state
    return worst(
        _status(item, "InstanceStatus", "instance status"),
        _status(item, "SystemStatus", "system status"),
        # Instances without EBS volumes have no such status.
        *(
            [_status(item, "AttachedEbsStatus", "status of the attached volumes")]
            if "AttachedEbsStatus" in item
            else []
        ),
        *map(_scheduled, filter(_is_open, item.get("Events", []))),
    )


def _status(item: Mapping[str, Any], member: str, what: str) -> Judgement:
    return by_word(what, item.get(member, {}).get("Status"), STATUS_WORDS)


def _is_open(event: Mapping[str, Any]) -> bool:
    """AWS leaves finished events in the list and says so in their description."""
    return not event.get("Description", "").startswith(("[Completed]", "[Canceled]"))


def _scheduled(event: Mapping[str, Any]) -> Judgement:
    begins = event.get("NotBefore")
    when = f" from {begins:%Y-%m-%d %H:%M} UTC" if begins else ""
    return Judgement("degraded", f"AWS has scheduled {event.get('Code')}{when}.")


def volume_status(item: Mapping[str, Any], _now: datetime) -> Judgement:
    status = item.get("VolumeStatus", {}).get("Status")
    return by_word("volume status", status, STATUS_WORDS)


def volume(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("volume state", item.get("State"), VOLUME_STATES)


def nat_gateway(item: Mapping[str, Any], _now: datetime) -> Judgement:
    found = by_word("NAT gateway's state", item.get("State"), NAT_STATES)
    if found.verdict == "unhealthy" and (why := item.get("FailureMessage")):
        return Judgement("unhealthy", f"The NAT gateway failed ({why}).")
    return found


def vpn_connection(item: Mapping[str, Any], _now: datetime) -> Judgement:
    state = by_word("VPN connection's state", item.get("State"), VPN_STATES)
    if state.verdict != "healthy":
        return state
    tunnels = [one.get("Status") for one in item.get("VgwTelemetry", [])]
    if not tunnels or set(tunnels) - {"UP", "DOWN"}:
        return Judgement("unknown", "AWS does not state whether the tunnels are up.")
    down = tunnels.count("DOWN")
    if not down:
        return Judgement("healthy", f"All {len(tunnels)} tunnels are up.")
    verdict: Verdict = "unhealthy" if down == len(tunnels) else "degraded"
    return Judgement(verdict, f"{down} of {len(tunnels)} tunnels are down.")


def transit_gateway_attachment(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("attachment's state", item.get("State"), ATTACHMENT_STATES)


def vpc_endpoint(item: Mapping[str, Any], _now: datetime) -> Judgement:
    state = str(item.get("State") or "")
    word = state[:1].upper() + state[1:]
    return by_word("VPC endpoint's state", word, ENDPOINT_STATES)


def vpc_peering_connection(item: Mapping[str, Any], _now: datetime) -> Judgement:
    state = item.get("Status", {}).get("Code")
    return by_word("peering connection's state", state, PEERING_STATES)


def network(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("state", item.get("State"), NETWORK_STATES)


CHECKS = (
    HealthCheck(
        key="ec2:instance_status",
        title="Instances: status checks and scheduled events",
        listing="ec2:DescribeInstanceStatus",
        actions=("ec2:DescribeInstanceStatus",),
        judge=instance,
        facts={
            "state": "InstanceState.Name",
            "instance_status": "InstanceStatus.Status",
            "system_status": "SystemStatus.Status",
            "attached_ebs_status": "AttachedEbsStatus.Status",
            "events": "Events[].{code: Code, not_before: NotBefore}",
        },
    ),
    HealthCheck(
        key="ec2:volume_status",
        title="Volumes: status checks",
        listing="ec2:DescribeVolumeStatus",
        actions=("ec2:DescribeVolumeStatus",),
        judge=volume_status,
        facts={"status": "VolumeStatus.Status"},
    ),
    HealthCheck(
        key="ec2:volume",
        title="Volumes: state",
        listing="ec2:DescribeVolumes",
        actions=("ec2:DescribeVolumes",),
        judge=volume,
        facts={"state": "State"},
    ),
    HealthCheck(
        key="ec2:nat_gateway",
        title="NAT gateways",
        listing="ec2:DescribeNatGateways",
        actions=("ec2:DescribeNatGateways",),
        judge=nat_gateway,
        facts={"state": "State", "failure_code": "FailureCode"},
    ),
    HealthCheck(
        key="ec2:vpn_connection",
        title="VPN connections: tunnels",
        listing="ec2:DescribeVpnConnections",
        actions=("ec2:DescribeVpnConnections",),
        judge=vpn_connection,
        facts={"state": "State", "tunnels": "VgwTelemetry[].Status"},
    ),
    HealthCheck(
        key="ec2:transit_gateway_attachment",
        title="Transit gateway attachments",
        listing="ec2:DescribeTransitGatewayAttachments",
        actions=("ec2:DescribeTransitGatewayAttachments",),
        judge=transit_gateway_attachment,
        facts={"state": "State"},
    ),
    HealthCheck(
        key="ec2:vpc_endpoint",
        title="VPC endpoints",
        listing="ec2:DescribeVpcEndpoints",
        actions=("ec2:DescribeVpcEndpoints",),
        judge=vpc_endpoint,
        facts={"state": "State", "service": "ServiceName"},
    ),
    HealthCheck(
        key="ec2:vpc_peering_connection",
        title="VPC peering connections",
        listing="ec2:DescribeVpcPeeringConnections",
        actions=("ec2:DescribeVpcPeeringConnections",),
        judge=vpc_peering_connection,
        facts={"state": "Status.Code"},
    ),
    HealthCheck(
        key="ec2:vpc",
        title="VPCs",
        listing="ec2:DescribeVpcs",
        actions=("ec2:DescribeVpcs",),
        judge=network,
        facts={"state": "State"},
    ),
    HealthCheck(
        key="ec2:subnet",
        title="Subnets",
        listing="ec2:DescribeSubnets",
        actions=("ec2:DescribeSubnets",),
        judge=network,
        facts={"state": "State"},
    ),
    HealthCheck(
        key="ec2:security_group",
        title="Security groups",
        listing="ec2:DescribeSecurityGroups",
        actions=("ec2:DescribeSecurityGroups",),
        judge=reachable,
    ),
)
