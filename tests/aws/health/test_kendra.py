"""Kendra: its verdicts, its reasons, its words."""

from app.aws.services.health import kendra
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing

VERDICTS: list[VerdictRow] = [
    ("kendra:index", {"Status": "ACTIVE"}, "healthy", "The index's state is ACTIVE."),
    (
        "kendra:index",
        {"Status": "CREATING"},
        "in_transition",
        "The index's state is CREATING.",
    ),
    ("kendra:index", {"Status": "FAILED"}, "unhealthy", "The index's state is FAILED."),
    (
        "kendra:index",
        {"Status": "ODD"},
        "unknown",
        "The index's state 'ODD' is not known.",
    ),
    ("kendra:index", {}, "unknown", "AWS states no index's state."),
    (
        "kendra:data_source",
        {"Status": "ACTIVE"},
        "healthy",
        "The data source's state is ACTIVE.",
    ),
    (
        "kendra:data_source",
        {"Status": "CREATING"},
        "in_transition",
        "The data source's state is CREATING.",
    ),
    (
        "kendra:data_source",
        {"Status": "FAILED"},
        "unhealthy",
        "The data source's state is FAILED.",
    ),
    (
        "kendra:data_source",
        {"Status": "ODD"},
        "unknown",
        "The data source's state 'ODD' is not known.",
    ),
    ("kendra:data_source", {}, "unknown", "AWS states no data source's state."),
]
WORDS: list[WordRow] = [
    (
        "kendra",
        "ListIndices",
        "IndexConfigurationSummaryItems[]",
        "Status",
        kendra.STATES,
    ),
    ("kendra", "ListDataSources", "SummaryItems[]", "Status", kendra.SOURCE_STATES),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
