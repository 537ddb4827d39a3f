"""Auto Scaling: whether groups hold as many healthy instances as they should."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, worst


def group(item: Mapping[str, Any], _now: datetime) -> Judgement:
    if state := item.get("Status"):  # stated only while it is being deleted
        return Judgement("in_transition", f"The group is: {state}.")
    desired = item.get("DesiredCapacity")
    if desired is None:
        return Judgement("unknown", "AWS does not state how many instances it wants.")
    return worst(_capacity(item, desired), *_suspended(item))


def _capacity(item: Mapping[str, Any], desired: int) -> Judgement:
    if not desired:
        return Judgement("inactive", "It wants no instances.")
    working = sum(map(_works, item.get("Instances", [])))
    seen = f"{working} of {desired} instances are in service and healthy."
    if not working:
        return Judgement("unhealthy", seen)
    return Judgement("degraded" if working < desired else "healthy", seen)


def _suspended(item: Mapping[str, Any]) -> list[Judgement]:
    names = [str(one.get("ProcessName")) for one in item.get("SuspendedProcesses", [])]
    if not names:
        return []
    listed = ", ".join(sorted(names))
    return [Judgement("degraded", f"These processes are suspended: {listed}.")]


def _works(instance: Mapping[str, Any]) -> bool:
    in_service = instance.get("LifecycleState") == "InService"
    return in_service and instance.get("HealthStatus") == "Healthy"


CHECKS = (
    HealthCheck(
        key="autoscaling:auto_scaling_group",
        title="Groups: healthy instances and suspended processes",
        listing="autoscaling:DescribeAutoScalingGroups",
        actions=("autoscaling:DescribeAutoScalingGroups",),
        judge=group,
        facts={
            "desired": "DesiredCapacity",
            "instances": "Instances[].{state: LifecycleState, health: HealthStatus}",
            "suspended": "SuspendedProcesses[].ProcessName",
        },
    ),
)
