"""IoT Core: rules and their destinations."""

from app.aws.services.health import iot
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing

DESTINATION, RULE = "iot:topic_rule_destination", "iot:topic_rule"
VERDICTS: list[VerdictRow] = [
    (
        DESTINATION,
        {"status": "ENABLED"},
        "healthy",
        "The destination's state is ENABLED.",
    ),
    (
        DESTINATION,
        {"status": "DISABLED"},
        "inactive",
        "The destination's state is DISABLED.",
    ),
    (
        DESTINATION,
        {"status": "ERROR"},
        "unhealthy",
        "The destination's state is ERROR.",
    ),
    (DESTINATION, {}, "unknown", "AWS states no destination's state."),
    (
        RULE,
        {"ruleDisabled": False},
        "reachable",
        "The rule is enabled; AWS keeps no health of it.",
    ),
    (RULE, {"ruleDisabled": True}, "inactive", "The rule is disabled."),
    (RULE, {}, "unknown", "AWS does not state whether the rule is enabled."),
]
WORDS: list[WordRow] = [
    (
        "iot",
        "ListTopicRuleDestinations",
        "destinationSummaries[]",
        "status",
        iot.STATES,
    ),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
