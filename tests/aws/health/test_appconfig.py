"""AppConfig: its verdicts, its reasons, its words."""

from app.aws.services.health import appconfig
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing

VERDICTS: list[VerdictRow] = [
    (
        "appconfig:environment",
        {"State": "READY_FOR_DEPLOYMENT"},
        "healthy",
        "The environment's state is READY_FOR_DEPLOYMENT.",
    ),
    (
        "appconfig:environment",
        {"State": "DEPLOYING"},
        "in_transition",
        "The environment's state is DEPLOYING.",
    ),
    (
        "appconfig:environment",
        {"State": "ROLLING_BACK"},
        "degraded",
        "The environment's state is ROLLING_BACK.",
    ),
    (
        "appconfig:environment",
        {"State": "ODD"},
        "unknown",
        "The environment's state 'ODD' is not known.",
    ),
    ("appconfig:environment", {}, "unknown", "AWS states no environment's state."),
]
WORDS: list[WordRow] = [
    ("appconfig", "ListEnvironments", "Items[]", "State", appconfig.STATES),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
