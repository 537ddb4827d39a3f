"""App Runner: its verdicts, its reasons, its words."""

from app.aws.services.health import apprunner
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing, worded

VERDICTS: list[VerdictRow] = [
    *worded(
        "apprunner:service",
        "service's status",
        "Status",
        {
            "RUNNING": "healthy",
            "OPERATION_IN_PROGRESS": "degraded",
            "PAUSED": "inactive",
            "DELETED": "inactive",
            "CREATE_FAILED": "unhealthy",
            "DELETE_FAILED": "unhealthy",
        },
    ),
    *worded(
        "apprunner:connection",
        "connection's status",
        "Status",
        {
            "AVAILABLE": "healthy",
            "PENDING_HANDSHAKE": "in_transition",
            "DELETED": "inactive",
            "ERROR": "unhealthy",
        },
    ),
]
WORDS: list[WordRow] = [
    (
        "apprunner",
        "ListServices",
        "ServiceSummaryList[]",
        "Status",
        apprunner.SERVICE_STATES,
    ),
    (
        "apprunner",
        "ListConnections",
        "ConnectionSummaryList[]",
        "Status",
        apprunner.CONNECTION_STATES,
    ),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
