"""EventBridge Pipes: its verdicts, its reasons, its words."""

from app.aws.services.health import pipes
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing

VERDICTS: list[VerdictRow] = [
    (
        "pipes:pipe",
        {"CurrentState": "RUNNING"},
        "healthy",
        "The pipe's state is RUNNING.",
    ),
    (
        "pipes:pipe",
        {"CurrentState": "STOPPED"},
        "inactive",
        "The pipe's state is STOPPED.",
    ),
    (
        "pipes:pipe",
        {"CurrentState": "CREATING"},
        "in_transition",
        "The pipe's state is CREATING.",
    ),
    (
        "pipes:pipe",
        {"CurrentState": "CREATE_FAILED"},
        "unhealthy",
        "The pipe's state is CREATE_FAILED.",
    ),
    (
        "pipes:pipe",
        {"CurrentState": "ODD"},
        "unknown",
        "The pipe's state 'ODD' is not known.",
    ),
    ("pipes:pipe", {}, "unknown", "AWS states no pipe's state."),
]
WORDS: list[WordRow] = [
    ("pipes", "ListPipes", "Pipes[]", "CurrentState", pipes.STATES),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
