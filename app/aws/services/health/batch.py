"""Batch: compute environments and job queues, and whether they take jobs."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

SWITCH: Mapping[str, Verdict] = {"ENABLED": "healthy", "DISABLED": "inactive"}
STATUSES: Mapping[str, Verdict] = {
    "VALID": "healthy",
    "UPDATING": "degraded",
    "CREATING": "in_transition",
    "DELETING": "in_transition",
    "DELETED": "inactive",
    "INVALID": "unhealthy",
}


def compute_environment(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return _judge("compute environment", item)


def job_queue(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return _judge("job queue", item)


def _judge(what: str, item: Mapping[str, Any]) -> Judgement:
    """What is broken stays broken while it is disabled."""
    status = by_word(f"{what}'s status", item.get("status"), STATUSES)
    if status.verdict != "healthy":
        return status
    switch = by_word(f"{what}'s state", item.get("state"), SWITCH)
    return status if switch.verdict == "healthy" else switch


CHECKS = (
    HealthCheck(
        key="batch:compute_environment",
        title="Compute environments",
        listing="batch:DescribeComputeEnvironments",
        actions=("batch:DescribeComputeEnvironments",),
        judge=compute_environment,
        facts={"status": "status", "state": "state"},
    ),
    HealthCheck(
        key="batch:job_queue",
        title="Job queues",
        listing="batch:DescribeJobQueues",
        actions=("batch:DescribeJobQueues",),
        judge=job_queue,
        facts={"status": "status", "state": "state"},
    ),
)
