"""Shield Advanced: its verdicts, its reasons, its words."""

from app.aws.services.health import shield
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing

VERDICTS: list[VerdictRow] = [
    (
        "shield:subscription",
        {"SubscriptionState": "ACTIVE"},
        "healthy",
        "The subscription's state is ACTIVE.",
    ),
    (
        "shield:subscription",
        {"SubscriptionState": "INACTIVE"},
        "inactive",
        "The subscription's state is INACTIVE.",
    ),
    (
        "shield:subscription",
        {"SubscriptionState": "ODD"},
        "unknown",
        "The subscription's state 'ODD' is not known.",
    ),
    ("shield:subscription", {}, "unknown", "AWS states no subscription's state."),
]
WORDS: list[WordRow] = [
    ("shield", "GetSubscriptionState", "", "SubscriptionState", shield.STATES),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
