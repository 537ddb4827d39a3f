"""CloudWatch Logs: groups, detectors, scheduled queries, integrations."""

from app.aws.services.health import logs
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing

QUERY = "logs:scheduled_query"
RAN = {"state": "ENABLED", "lastTriggeredTime": 1}
VERDICTS: list[VerdictRow] = [
    (
        "logs:log_group",
        {},
        "reachable",
        "It is listed; AWS keeps no health state for it.",
    ),
    (
        "logs:anomaly_detector",
        {"anomalyDetectorStatus": "ANALYZING"},
        "healthy",
        "The detector's state is ANALYZING.",
    ),
    (
        "logs:anomaly_detector",
        {"anomalyDetectorStatus": "PAUSED"},
        "inactive",
        "The detector's state is PAUSED.",
    ),
    (
        "logs:anomaly_detector",
        {"anomalyDetectorStatus": "FAILED"},
        "unhealthy",
        "The detector's state is FAILED.",
    ),
    ("logs:anomaly_detector", {}, "unknown", "AWS states no detector's state."),
    (
        QUERY,
        {**RAN, "lastExecutionStatus": "Complete"},
        "healthy",
        "The query's last run is Complete.",
    ),
    (
        QUERY,
        {**RAN, "lastExecutionStatus": "Timeout"},
        "unhealthy",
        "The query's last run is Timeout.",
    ),
    (QUERY, RAN, "unknown", "AWS states no query's last run."),
    (
        QUERY,
        {"state": "ENABLED"},
        "inactive",
        "The scheduled query has not run yet.",
    ),
    (
        QUERY,
        {**RAN, "state": "DISABLED", "lastExecutionStatus": "Failed"},
        "inactive",
        "The scheduled query is disabled.",
    ),
    (
        "logs:integration",
        {"integrationStatus": "ACTIVE"},
        "healthy",
        "The integration's state is ACTIVE.",
    ),
    (
        "logs:integration",
        {"integrationStatus": "FAILED"},
        "unhealthy",
        "The integration's state is FAILED.",
    ),
    ("logs:integration", {}, "unknown", "AWS states no integration's state."),
]
WORDS: list[WordRow] = [
    (
        "logs",
        "ListLogAnomalyDetectors",
        "anomalyDetectors[]",
        "anomalyDetectorStatus",
        logs.DETECTOR_STATES,
    ),
    (
        "logs",
        "ListScheduledQueries",
        "scheduledQueries[]",
        "lastExecutionStatus",
        logs.QUERY_ENDS,
    ),
    (
        "logs",
        "ListIntegrations",
        "integrationSummaries[]",
        "integrationStatus",
        logs.INTEGRATION_STATES,
    ),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
