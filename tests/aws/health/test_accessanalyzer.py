"""IAM Access Analyzer: its verdicts, its reasons, its words."""

from app.aws.services.health import accessanalyzer
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing

VERDICTS: list[VerdictRow] = [
    (
        "accessanalyzer:analyzer",
        {"status": "ACTIVE"},
        "healthy",
        "The analyzer's state is ACTIVE.",
    ),
    (
        "accessanalyzer:analyzer",
        {"status": "CREATING"},
        "in_transition",
        "The analyzer's state is CREATING.",
    ),
    (
        "accessanalyzer:analyzer",
        {"status": "DISABLED"},
        "inactive",
        "The analyzer's state is DISABLED.",
    ),
    (
        "accessanalyzer:analyzer",
        {"status": "FAILED"},
        "unhealthy",
        "The analyzer's state is FAILED.",
    ),
    (
        "accessanalyzer:analyzer",
        {"status": "ODD"},
        "unknown",
        "The analyzer's state 'ODD' is not known.",
    ),
    ("accessanalyzer:analyzer", {}, "unknown", "AWS states no analyzer's state."),
]
WORDS: list[WordRow] = [
    ("accessanalyzer", "ListAnalyzers", "analyzers[]", "status", accessanalyzer.STATES),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
