"""MediaConvert: queues."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

STATES: Mapping[str, Verdict] = {
    "ACTIVE": "healthy",
    "PAUSED": "inactive",
}


def queue(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("queue's state", item.get("Status"), STATES)


CHECKS = (
    HealthCheck(
        key="mediaconvert:queue",
        title="Queues",
        listing="mediaconvert:ListQueues",
        actions=("mediaconvert:ListQueues",),
        judge=queue,
        facts={
            "state": "Status",
            "waiting": "SubmittedJobsCount",
            "running": "ProgressingJobsCount",
        },
    ),
)
