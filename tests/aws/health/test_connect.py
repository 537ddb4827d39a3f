"""Amazon Connect: its verdicts, its reasons, its words."""

from app.aws.services.health import connect
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing

VERDICTS: list[VerdictRow] = [
    (
        "connect:instance",
        {"InstanceStatus": "ACTIVE"},
        "healthy",
        "The instance's state is ACTIVE.",
    ),
    (
        "connect:instance",
        {"InstanceStatus": "CREATION_IN_PROGRESS"},
        "in_transition",
        "The instance's state is CREATION_IN_PROGRESS.",
    ),
    (
        "connect:instance",
        {"InstanceStatus": "CREATION_FAILED"},
        "unhealthy",
        "The instance's state is CREATION_FAILED.",
    ),
    (
        "connect:instance",
        {"InstanceStatus": "ODD"},
        "unknown",
        "The instance's state 'ODD' is not known.",
    ),
    ("connect:instance", {}, "unknown", "AWS states no instance's state."),
]
WORDS: list[WordRow] = [
    (
        "connect",
        "ListInstances",
        "InstanceSummaryList[]",
        "InstanceStatus",
        connect.STATES,
    ),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
