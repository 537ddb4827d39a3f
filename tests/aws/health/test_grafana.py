"""Amazon Managed Grafana: its verdicts, its reasons, its words."""

from app.aws.services.health import grafana
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing

VERDICTS: list[VerdictRow] = [
    (
        "grafana:workspace",
        {"status": "ACTIVE"},
        "healthy",
        "The workspace's state is ACTIVE.",
    ),
    (
        "grafana:workspace",
        {"status": "CREATING"},
        "in_transition",
        "The workspace's state is CREATING.",
    ),
    (
        "grafana:workspace",
        {"status": "DEGRADED"},
        "degraded",
        "The workspace's state is DEGRADED.",
    ),
    (
        "grafana:workspace",
        {"status": "FAILED"},
        "unhealthy",
        "The workspace's state is FAILED.",
    ),
    (
        "grafana:workspace",
        {"status": "ODD"},
        "unknown",
        "The workspace's state 'ODD' is not known.",
    ),
    ("grafana:workspace", {}, "unknown", "AWS states no workspace's state."),
]
WORDS: list[WordRow] = [
    ("grafana", "ListWorkspaces", "workspaces[]", "status", grafana.STATES),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
