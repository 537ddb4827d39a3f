"""EMR Serverless: applications."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

STATES: Mapping[str, Verdict] = {
    "STARTED": "healthy",
    "CREATING": "in_transition",
    "STARTING": "in_transition",
    "STOPPING": "in_transition",
    "CREATED": "inactive",  # made, and never started
    "STOPPED": "inactive",
    "TERMINATED": "inactive",
}


def application(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("application's state", item.get("state"), STATES)


CHECKS = (
    HealthCheck(
        key="emr-serverless:application",
        title="Applications",
        listing="emr-serverless:ListApplications",
        actions=("emr-serverless:ListApplications",),
        judge=application,
        facts={"state": "state", "type": "type", "release": "releaseLabel"},
    ),
)
