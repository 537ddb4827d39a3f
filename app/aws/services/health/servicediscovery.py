"""Cloud Map: the instances of those services whose health is checked."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import Detail, HealthCheck, Judgement, by_parts, worst
from app.aws.unit import Verdict

STATES: Mapping[str, Verdict] = {
    "HEALTHY": "healthy",
    "UNHEALTHY": "unhealthy",
    "UNKNOWN": "unknown",
}
CHECKED = ("HealthCheckConfig", "HealthCheckCustomConfig")


def service(item: Mapping[str, Any], _now: datetime) -> Judgement:
    if "Health" not in item:
        return Judgement("reachable", "It is listed; its instances are not checked.")
    states = list(item["Health"].get("Status", {}).values())
    seen = by_parts("instances", states, STATES)
    if "NextToken" not in item["Health"]:
        return seen
    return worst(seen, Judgement("unknown", f"{seen.reason} It has more than these."))


def _checked(item: Mapping[str, Any], _now: datetime) -> Mapping[str, Any] | None:
    if not any(member in item for member in CHECKED):
        return None
    return {"ServiceId": item["Id"], "MaxResults": 100}


CHECKS = (
    HealthCheck(
        key="servicediscovery:service",
        title="Services: health of the instances",
        listing="servicediscovery:ListServices",
        actions=(
            "servicediscovery:ListServices",
            "servicediscovery:GetInstancesHealthStatus",
        ),
        judge=service,
        details=(
            Detail(
                into="Health",
                service="servicediscovery",
                operation="GetInstancesHealthStatus",
                inputs=_checked,
                actions=("servicediscovery:GetInstancesHealthStatus",),
                absent={"ServiceNotFound": "vanished"},
                first_page="The verdict is unknown where there are more pages.",
            ),
        ),
        facts={"instances": "Health.Status"},
    ),
)
