"""EventBridge: its verdicts, its reasons, its words."""

from app.aws.services.health import events
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing

VERDICTS: list[VerdictRow] = [
    (
        "events:connection",
        {"ConnectionState": "AUTHORIZED"},
        "healthy",
        "The connection's state is AUTHORIZED.",
    ),
    (
        "events:connection",
        {"ConnectionState": "CREATING"},
        "in_transition",
        "The connection's state is CREATING.",
    ),
    (
        "events:connection",
        {"ConnectionState": "DEAUTHORIZED"},
        "unhealthy",
        "The connection's state is DEAUTHORIZED.",
    ),
    (
        "events:connection",
        {"ConnectionState": "ODD"},
        "unknown",
        "The connection's state 'ODD' is not known.",
    ),
    ("events:connection", {}, "unknown", "AWS states no connection's state."),
    (
        "events:api_destination",
        {"ApiDestinationState": "ACTIVE"},
        "healthy",
        "The destination's state is ACTIVE.",
    ),
    (
        "events:api_destination",
        {"ApiDestinationState": "INACTIVE"},
        "inactive",
        "The destination's state is INACTIVE.",
    ),
    (
        "events:api_destination",
        {"ApiDestinationState": "ODD"},
        "unknown",
        "The destination's state 'ODD' is not known.",
    ),
    ("events:api_destination", {}, "unknown", "AWS states no destination's state."),
    (
        "events:archive",
        {"State": "ENABLED"},
        "healthy",
        "The archive's state is ENABLED.",
    ),
    (
        "events:archive",
        {"State": "DISABLED"},
        "inactive",
        "The archive's state is DISABLED.",
    ),
    (
        "events:archive",
        {"State": "CREATING"},
        "in_transition",
        "The archive's state is CREATING.",
    ),
    (
        "events:archive",
        {"State": "CREATE_FAILED"},
        "unhealthy",
        "The archive's state is CREATE_FAILED.",
    ),
    (
        "events:archive",
        {"State": "ODD"},
        "unknown",
        "The archive's state 'ODD' is not known.",
    ),
    ("events:archive", {}, "unknown", "AWS states no archive's state."),
    (
        "events:endpoint",
        {"State": "ACTIVE"},
        "healthy",
        "The endpoint's state is ACTIVE.",
    ),
    (
        "events:endpoint",
        {"State": "CREATING"},
        "in_transition",
        "The endpoint's state is CREATING.",
    ),
    (
        "events:endpoint",
        {"State": "CREATE_FAILED"},
        "unhealthy",
        "The endpoint's state is CREATE_FAILED.",
    ),
    (
        "events:endpoint",
        {"State": "ODD"},
        "unknown",
        "The endpoint's state 'ODD' is not known.",
    ),
    ("events:endpoint", {}, "unknown", "AWS states no endpoint's state."),
    ("events:rule", {"State": "ENABLED"}, "reachable", "The rule's state is ENABLED."),
    ("events:rule", {"State": "DISABLED"}, "inactive", "The rule's state is DISABLED."),
    (
        "events:rule",
        {"State": "ODD"},
        "unknown",
        "The rule's state 'ODD' is not known.",
    ),
    ("events:rule", {}, "unknown", "AWS states no rule's state."),
]
WORDS: list[WordRow] = [
    (
        "events",
        "ListConnections",
        "Connections[]",
        "ConnectionState",
        events.CONNECTION_STATES,
    ),
    (
        "events",
        "ListApiDestinations",
        "ApiDestinations[]",
        "ApiDestinationState",
        events.DESTINATION_STATES,
    ),
    ("events", "ListArchives", "Archives[]", "State", events.ARCHIVE_STATES),
    ("events", "ListEndpoints", "Endpoints[]", "State", events.ENDPOINT_STATES),
    ("events", "ListRules", "Rules[]", "State", events.RULE_STATES),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
