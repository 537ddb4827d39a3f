"""Managed Service for Apache Flink: applications."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

STATES: Mapping[str, Verdict] = {
    "RUNNING": "healthy",
    "AUTOSCALING": "degraded",
    "MAINTENANCE": "degraded",
    "ROLLED_BACK": "degraded",
    "ROLLING_BACK": "degraded",
    "UPDATING": "degraded",
    "DELETING": "in_transition",
    "FORCE_STOPPING": "in_transition",
    "STARTING": "in_transition",
    "STOPPING": "in_transition",
    "READY": "inactive",  # it is not running
}


def application(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("application's status", item.get("ApplicationStatus"), STATES)


CHECKS = (
    HealthCheck(
        key="kinesisanalyticsv2:application",
        title="Applications",
        listing="kinesisanalyticsv2:ListApplications",
        actions=("kinesisanalytics:ListApplications",),
        judge=application,
        facts={"status": "ApplicationStatus", "runtime": "RuntimeEnvironment"},
    ),
)
