"""Directory Service: directories, their domain controllers, and trusts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

STAGES: Mapping[str, Verdict] = {
    "Active": "healthy",
    "Requested": "in_transition",
    "Creating": "in_transition",
    "Created": "in_transition",
    "Restoring": "in_transition",
    "Updating": "in_transition",
    "Deleting": "in_transition",
    "Impaired": "degraded",
    "Deleted": "inactive",
    "Inoperable": "unhealthy",
    "RestoreFailed": "unhealthy",
    "Failed": "unhealthy",
}
CONTROLLER_STATES: Mapping[str, Verdict] = {
    "Active": "healthy",
    "Creating": "in_transition",
    "Restoring": "in_transition",
    "Updating": "in_transition",
    "Deleting": "in_transition",
    "Impaired": "degraded",
    "Deleted": "inactive",
    "Failed": "unhealthy",
}
TRUST_STATES: Mapping[str, Verdict] = {
    "Verified": "healthy",
    "Creating": "in_transition",
    "Created": "in_transition",
    "Verifying": "in_transition",
    "Updating": "in_transition",
    "Updated": "in_transition",
    "Deleting": "in_transition",
    "Deleted": "inactive",
    "VerifyFailed": "unhealthy",
    "UpdateFailed": "unhealthy",
    "Failed": "unhealthy",
}


def directory(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("directory's stage", item.get("Stage"), STAGES)


def domain_controller(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("controller's state", item.get("Status"), CONTROLLER_STATES)


def trust(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("trust's state", item.get("TrustState"), TRUST_STATES)


CHECKS = (
    HealthCheck(
        key="ds:directory",
        title="Directories",
        listing="ds:DescribeDirectories",
        actions=("ds:DescribeDirectories",),
        judge=directory,
        facts={"stage": "Stage", "reason": "StageReason", "type": "Type"},
    ),
    HealthCheck(
        key="ds:domain_controller",
        title="Domain controllers",
        listing="ds:DescribeDomainControllers",
        actions=(
            "ds:DescribeDirectories",
            "ds:DescribeDomainControllers",
        ),
        judge=domain_controller,
        facts={"state": "Status", "reason": "StatusReason", "zone": "AvailabilityZone"},
    ),
    HealthCheck(
        key="ds:trust",
        title="Trusts",
        listing="ds:DescribeTrusts",
        actions=("ds:DescribeTrusts",),
        judge=trust,
        facts={"state": "TrustState", "reason": "TrustStateReason"},
    ),
)
