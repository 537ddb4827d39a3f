"""Amazon MQ: brokers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

STATES: Mapping[str, Verdict] = {
    "RUNNING": "healthy",
    "REPLICA": "healthy",  # it stands by for the primary one
    "REBOOT_IN_PROGRESS": "degraded",
    "CREATION_IN_PROGRESS": "in_transition",
    "DELETION_IN_PROGRESS": "in_transition",
    "CREATION_FAILED": "unhealthy",
    "CRITICAL_ACTION_REQUIRED": "unhealthy",
}


def broker(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("broker's state", item.get("BrokerState"), STATES)


CHECKS = (
    HealthCheck(
        key="mq:broker",
        title="Brokers",
        listing="mq:ListBrokers",
        actions=("mq:ListBrokers",),
        judge=broker,
        facts={"state": "BrokerState", "engine": "EngineType"},
    ),
)
