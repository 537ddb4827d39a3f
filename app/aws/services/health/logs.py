"""CloudWatch Logs: log groups, and what works on them: anomaly detectors, scheduled
queries, integrations. What is logged is never read."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word, reachable
from app.aws.unit import Verdict

DETECTOR_STATES: Mapping[str, Verdict] = {
    "ANALYZING": "healthy",
    "INITIALIZING": "in_transition",
    "TRAINING": "in_transition",
    "PAUSED": "inactive",
    "DELETED": "inactive",
    "FAILED": "unhealthy",
}
QUERY_ENDS: Mapping[str, Verdict] = {
    "Complete": "healthy",
    "Running": "in_transition",
    "Failed": "unhealthy",
    "Timeout": "unhealthy",
    "InvalidQuery": "unhealthy",
}
INTEGRATION_STATES: Mapping[str, Verdict] = {
    "ACTIVE": "healthy",
    "PROVISIONING": "in_transition",
    "FAILED": "unhealthy",
}


def anomaly_detector(item: Mapping[str, Any], _now: datetime) -> Judgement:
    status = item.get("anomalyDetectorStatus")
    return by_word("detector's state", status, DETECTOR_STATES)


def scheduled_query(item: Mapping[str, Any], _now: datetime) -> Judgement:
    if item.get("state") == "DISABLED":
        return Judgement("inactive", "The scheduled query is disabled.")
    if not item.get("lastTriggeredTime"):
        return Judgement("inactive", "The scheduled query has not run yet.")
    return by_word("query's last run", item.get("lastExecutionStatus"), QUERY_ENDS)


def integration(item: Mapping[str, Any], _now: datetime) -> Judgement:
    status = item.get("integrationStatus")
    return by_word("integration's state", status, INTEGRATION_STATES)


CHECKS = (
    HealthCheck(
        key="logs:log_group",
        title="Log groups",
        listing="logs:DescribeLogGroups",
        actions=("logs:DescribeLogGroups",),
        judge=reachable,
        facts={"retention_days": "retentionInDays", "bytes": "storedBytes"},
    ),
    HealthCheck(
        key="logs:anomaly_detector",
        title="Anomaly detectors",
        listing="logs:ListLogAnomalyDetectors",
        actions=("logs:ListLogAnomalyDetectors",),
        judge=anomaly_detector,
        facts={"state": "anomalyDetectorStatus"},
    ),
    HealthCheck(
        key="logs:scheduled_query",
        title="Scheduled queries: the last run",
        listing="logs:ListScheduledQueries",
        actions=("logs:ListScheduledQueries",),
        judge=scheduled_query,
        facts={"state": "state", "last_run": "lastExecutionStatus"},
    ),
    HealthCheck(
        key="logs:integration",
        title="Integrations",
        listing="logs:ListIntegrations",
        actions=("logs:ListIntegrations",),
        judge=integration,
        facts={"state": "integrationStatus"},
    ),
)
