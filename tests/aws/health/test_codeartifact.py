"""CodeArtifact: its verdicts, its reasons, its words."""

from app.aws.services.health import codeartifact
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing

VERDICTS: list[VerdictRow] = [
    (
        "codeartifact:domain",
        {"status": "Active"},
        "healthy",
        "The domain's state is Active.",
    ),
    (
        "codeartifact:domain",
        {"status": "Deleted"},
        "inactive",
        "The domain's state is Deleted.",
    ),
    (
        "codeartifact:domain",
        {"status": "ODD"},
        "unknown",
        "The domain's state 'ODD' is not known.",
    ),
    ("codeartifact:domain", {}, "unknown", "AWS states no domain's state."),
]
WORDS: list[WordRow] = [
    ("codeartifact", "ListDomains", "domains[]", "status", codeartifact.STATES),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
