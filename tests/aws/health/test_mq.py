"""Amazon MQ: its verdicts, its reasons, its words."""

from app.aws.services.health import mq
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing, worded

VERDICTS: list[VerdictRow] = [
    *worded(
        "mq:broker",
        "broker's state",
        "BrokerState",
        {
            "RUNNING": "healthy",
            "REPLICA": "healthy",
            "REBOOT_IN_PROGRESS": "degraded",
            "CREATION_IN_PROGRESS": "in_transition",
            "CREATION_FAILED": "unhealthy",
            "CRITICAL_ACTION_REQUIRED": "unhealthy",
        },
    ),
]
WORDS: list[WordRow] = [
    ("mq", "ListBrokers", "BrokerSummaries[]", "BrokerState", mq.STATES),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
