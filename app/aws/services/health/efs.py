"""EFS: file systems and their mount targets."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

STATES: Mapping[str, Verdict] = {
    "available": "healthy",
    "updating": "degraded",
    "creating": "in_transition",
    "deleting": "in_transition",
    "deleted": "inactive",
    "error": "unhealthy",
}


def file_system(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("file system's state", item.get("LifeCycleState"), STATES)


def mount_target(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("mount target's state", item.get("LifeCycleState"), STATES)


CHECKS = (
    HealthCheck(
        key="efs:file_system",
        title="File systems",
        listing="efs:DescribeFileSystems",
        actions=("elasticfilesystem:DescribeFileSystems",),
        judge=file_system,
        facts={"state": "LifeCycleState", "mount_targets": "NumberOfMountTargets"},
    ),
    HealthCheck(
        key="efs:mount_target",
        title="Mount targets",
        listing="efs:DescribeMountTargets",
        actions=(
            "elasticfilesystem:DescribeFileSystems",
            "elasticfilesystem:DescribeMountTargets",
        ),
        judge=mount_target,
        facts={"state": "LifeCycleState"},
    ),
)
