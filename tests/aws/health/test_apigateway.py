"""API Gateway: its verdicts, its reasons, its words."""

from app.aws.services.health import apigateway
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing, worded

VERDICTS: list[VerdictRow] = [
    *worded(
        "apigateway:rest_api",
        "API's status",
        "apiStatus",
        {
            "AVAILABLE": "healthy",
            "UPDATING": "degraded",
            "PENDING": "in_transition",
            "FAILED": "unhealthy",
        },
    ),
]
WORDS: list[WordRow] = [
    ("apigateway", "GetRestApis", "items[]", "apiStatus", apigateway.API_STATES),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
