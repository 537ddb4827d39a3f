"""Amazon Connect: contact-centre instances."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

STATES: Mapping[str, Verdict] = {
    "ACTIVE": "healthy",
    "CREATION_IN_PROGRESS": "in_transition",
    "CREATION_FAILED": "unhealthy",
}


def instance(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("instance's state", item.get("InstanceStatus"), STATES)


CHECKS = (
    HealthCheck(
        key="connect:instance",
        title="Instances",
        listing="connect:ListInstances",
        actions=("connect:ListInstances",),
        judge=instance,
        facts={"state": "InstanceStatus"},
    ),
)
