"""MediaConvert: its verdicts, its reasons, its words."""

from app.aws.services.health import mediaconvert
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing

VERDICTS: list[VerdictRow] = [
    (
        "mediaconvert:queue",
        {"Status": "ACTIVE"},
        "healthy",
        "The queue's state is ACTIVE.",
    ),
    (
        "mediaconvert:queue",
        {"Status": "PAUSED"},
        "inactive",
        "The queue's state is PAUSED.",
    ),
    (
        "mediaconvert:queue",
        {"Status": "ODD"},
        "unknown",
        "The queue's state 'ODD' is not known.",
    ),
    ("mediaconvert:queue", {}, "unknown", "AWS states no queue's state."),
]
WORDS: list[WordRow] = [
    ("mediaconvert", "ListQueues", "Queues[]", "Status", mediaconvert.STATES),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
