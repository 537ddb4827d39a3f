"""Rekognition: stream processors and models of one's own."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

PROCESSOR_STATES: Mapping[str, Verdict] = {
    "RUNNING": "healthy",
    "STARTING": "in_transition",
    "STOPPING": "in_transition",
    "UPDATING": "in_transition",
    "STOPPED": "inactive",
    "FAILED": "unhealthy",
}
MODEL_STATES: Mapping[str, Verdict] = {
    "RUNNING": "healthy",
    "TRAINING_COMPLETED": "healthy",
    "COPYING_COMPLETED": "healthy",
    "TRAINING_IN_PROGRESS": "in_transition",
    "COPYING_IN_PROGRESS": "in_transition",
    "STARTING": "in_transition",
    "STOPPING": "in_transition",
    "DELETING": "in_transition",
    "STOPPED": "inactive",
    "DEPRECATED": "inactive",
    "EXPIRED": "inactive",
    "FAILED": "unhealthy",
    "TRAINING_FAILED": "unhealthy",
    "COPYING_FAILED": "unhealthy",
}


def stream_processor(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("processor's state", item.get("Status"), PROCESSOR_STATES)


def model(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("model's state", item.get("Status"), MODEL_STATES)


CHECKS = (
    HealthCheck(
        key="rekognition:stream_processor",
        title="Stream processors",
        listing="rekognition:ListStreamProcessors",
        actions=("rekognition:ListStreamProcessors",),
        judge=stream_processor,
        facts={"state": "Status"},
    ),
    HealthCheck(
        key="rekognition:project_version",
        title="Models",
        listing="rekognition:DescribeProjectVersions",
        actions=(
            "rekognition:DescribeProjects",
            "rekognition:DescribeProjectVersions",
        ),
        judge=model,
        facts={"state": "Status", "message": "StatusMessage"},
    ),
)
