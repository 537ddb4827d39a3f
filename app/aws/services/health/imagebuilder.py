"""EC2 Image Builder: how the last run of each pipeline ended."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

SWITCH: Mapping[str, Verdict] = {"ENABLED": "healthy", "DISABLED": "inactive"}
IMAGE_STATES: Mapping[str, Verdict] = {
    "AVAILABLE": "healthy",
    "PENDING": "in_transition",
    "CREATING": "in_transition",
    "BUILDING": "in_transition",
    "TESTING": "in_transition",
    "DISTRIBUTING": "in_transition",
    "INTEGRATING": "in_transition",
    "CANCELLED": "inactive",
    "DEPRECATED": "inactive",
    "DELETED": "inactive",
    "DISABLED": "inactive",
    "FAILED": "unhealthy",
}


def pipeline(item: Mapping[str, Any], _now: datetime) -> Judgement:
    switch = by_word("pipeline's status", item.get("status"), SWITCH)
    if switch.verdict != "healthy":
        return switch
    if "lastRunStatus" not in item:
        return Judgement("inactive", "AWS states no run of the pipeline.")
    return by_word("last image's status", item["lastRunStatus"], IMAGE_STATES)


CHECKS = (
    HealthCheck(
        key="imagebuilder:image_pipeline",
        title="Pipelines: the last run",
        listing="imagebuilder:ListImagePipelines",
        actions=("imagebuilder:ListImagePipelines",),
        judge=pipeline,
        facts={
            "status": "status",
            "last_image": "lastRunStatus",
            "failures_in_a_row": "consecutiveFailures",
        },
    ),
)
