"""CloudWatch: alarms."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

STATES: Mapping[str, Verdict] = {
    "OK": "healthy",
    "INSUFFICIENT_DATA": "degraded",
    "ALARM": "unhealthy",
}


def alarm(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("alarm's state", item.get("StateValue"), STATES)


CHECKS = (
    HealthCheck(
        key="cloudwatch:alarm",
        title="Alarms",
        listing="cloudwatch:DescribeAlarms",
        actions=("cloudwatch:DescribeAlarms",),
        judge=alarm,
        facts={"state": "StateValue", "since": "StateUpdatedTimestamp"},
    ),
)
