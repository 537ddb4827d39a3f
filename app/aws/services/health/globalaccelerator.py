"""Global Accelerator: accelerators, and the endpoints they lead to."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import Detail, HealthCheck, Judgement, by_parts, by_word
from app.aws.unit import Verdict

STATUSES: Mapping[str, Verdict] = {"DEPLOYED": "healthy", "IN_PROGRESS": "degraded"}
ENDPOINT_STATES: Mapping[str, Verdict] = {
    "HEALTHY": "healthy",
    "INITIAL": "in_transition",
    "UNHEALTHY": "unhealthy",
}


def accelerator(item: Mapping[str, Any], _now: datetime) -> Judgement:
    if item.get("Enabled") is False:
        return Judgement("inactive", "The accelerator is disabled.")
    return by_word("accelerator's status", item.get("Status"), STATUSES)


def endpoint_group(item: Mapping[str, Any], _now: datetime) -> Judgement:
    endpoints = (
        item["Described"].get("EndpointGroup", {}).get("EndpointDescriptions", [])
    )
    states = [one.get("HealthState") for one in endpoints]
    return by_parts("endpoints", states, ENDPOINT_STATES)


CHECKS = (
    HealthCheck(
        key="globalaccelerator:accelerator",
        title="Accelerators",
        listing="globalaccelerator:ListAccelerators",
        actions=("globalaccelerator:ListAccelerators",),
        judge=accelerator,
        facts={"status": "Status", "enabled": "Enabled"},
    ),
    HealthCheck(
        key="globalaccelerator:endpoint_group",
        title="Endpoint groups: health of the endpoints",
        listing="globalaccelerator:ListEndpointGroups",
        actions=(
            "globalaccelerator:ListAccelerators",
            "globalaccelerator:ListListeners",
            "globalaccelerator:ListEndpointGroups",
            "globalaccelerator:DescribeEndpointGroup",
        ),
        judge=endpoint_group,
        details=(
            Detail(
                into="Described",
                service="globalaccelerator",
                operation="DescribeEndpointGroup",
                inputs=lambda item, _: {"EndpointGroupArn": item["EndpointGroupArn"]},
                actions=("globalaccelerator:DescribeEndpointGroup",),
                absent={"EndpointGroupNotFoundException": "vanished"},
            ),
        ),
        facts={
            "endpoints": "Described.EndpointGroup.EndpointDescriptions[].HealthState",
            "region": "EndpointGroupRegion",
        },
    ),
)
