"""Macie: its verdicts, its reasons, its words."""

from app.aws.services.health import macie2
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing

VERDICTS: list[VerdictRow] = [
    (
        "macie2:session",
        {"status": "ENABLED"},
        "healthy",
        "The state of Macie is ENABLED.",
    ),
    (
        "macie2:session",
        {"status": "PAUSED"},
        "inactive",
        "The state of Macie is PAUSED.",
    ),
    (
        "macie2:session",
        {"status": "ODD"},
        "unknown",
        "The state of Macie 'ODD' is not known.",
    ),
    ("macie2:session", {}, "unknown", "AWS states no state of Macie."),
]
WORDS: list[WordRow] = [
    ("macie2", "GetMacieSession", "", "status", macie2.STATES),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
