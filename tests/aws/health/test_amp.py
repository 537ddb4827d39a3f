"""Amazon Managed Service for Prometheus: its verdicts, its reasons, its words."""

from app.aws.services.health import amp
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing

VERDICTS: list[VerdictRow] = [
    (
        "amp:workspace",
        {"status": {"statusCode": "ACTIVE"}},
        "healthy",
        "The workspace's state is ACTIVE.",
    ),
    (
        "amp:workspace",
        {"status": {"statusCode": "CREATING"}},
        "in_transition",
        "The workspace's state is CREATING.",
    ),
    (
        "amp:workspace",
        {"status": {"statusCode": "CREATION_FAILED"}},
        "unhealthy",
        "The workspace's state is CREATION_FAILED.",
    ),
    (
        "amp:workspace",
        {"status": {"statusCode": "ODD"}},
        "unknown",
        "The workspace's state 'ODD' is not known.",
    ),
    ("amp:workspace", {}, "unknown", "AWS states no workspace's state."),
    (
        "amp:scraper",
        {"status": {"statusCode": "ACTIVE"}},
        "healthy",
        "The scraper's state is ACTIVE.",
    ),
    (
        "amp:scraper",
        {"status": {"statusCode": "CREATING"}},
        "in_transition",
        "The scraper's state is CREATING.",
    ),
    (
        "amp:scraper",
        {"status": {"statusCode": "CREATION_FAILED"}},
        "unhealthy",
        "The scraper's state is CREATION_FAILED.",
    ),
    (
        "amp:scraper",
        {"status": {"statusCode": "ODD"}},
        "unknown",
        "The scraper's state 'ODD' is not known.",
    ),
    ("amp:scraper", {}, "unknown", "AWS states no scraper's state."),
]
WORDS: list[WordRow] = [
    ("amp", "ListWorkspaces", "workspaces[]", "status.statusCode", amp.STATES),
    ("amp", "ListScrapers", "scrapers[]", "status.statusCode", amp.SCRAPER_STATES),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
