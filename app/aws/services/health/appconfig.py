"""AppConfig: environments, and whether their last deployment was taken back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

STATES: Mapping[str, Verdict] = {
    "READY_FOR_DEPLOYMENT": "healthy",
    "DEPLOYING": "in_transition",
    "ROLLING_BACK": "degraded",
    "ROLLED_BACK": "degraded",
    "REVERTED": "degraded",
}


def environment(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("environment's state", item.get("State"), STATES)


CHECKS = (
    HealthCheck(
        key="appconfig:environment",
        title="Environments",
        listing="appconfig:ListEnvironments",
        actions=(
            "appconfig:ListApplications",
            "appconfig:ListEnvironments",
        ),
        judge=environment,
        facts={"state": "State"},
    ),
)
