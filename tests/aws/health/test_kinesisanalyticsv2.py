"""Managed Service for Apache Flink: its verdicts, its reasons, its words."""

from app.aws.services.health import kinesisanalyticsv2
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing, worded

VERDICTS: list[VerdictRow] = [
    *worded(
        "kinesisanalyticsv2:application",
        "application's status",
        "ApplicationStatus",
        {
            "RUNNING": "healthy",
            "AUTOSCALING": "degraded",
            "ROLLED_BACK": "degraded",
            "STARTING": "in_transition",
            "READY": "inactive",
        },
    ),
]
WORDS: list[WordRow] = [
    (
        "kinesisanalyticsv2",
        "ListApplications",
        "ApplicationSummaries[]",
        "ApplicationStatus",
        kinesisanalyticsv2.STATES,
    ),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
