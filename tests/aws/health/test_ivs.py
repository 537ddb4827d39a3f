"""Interactive Video Service: its verdicts, its reasons, its words."""

from app.aws.services.health import ivs
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing

VERDICTS: list[VerdictRow] = [
    ("ivs:stream", {"health": "HEALTHY"}, "healthy", "The stream's health is HEALTHY."),
    (
        "ivs:stream",
        {"health": "STARVING"},
        "degraded",
        "The stream's health is STARVING.",
    ),
    ("ivs:stream", {"health": "UNKNOWN"}, "unknown", "The stream's health is UNKNOWN."),
    (
        "ivs:stream",
        {"health": "ODD"},
        "unknown",
        "The stream's health 'ODD' is not known.",
    ),
    ("ivs:stream", {}, "unknown", "AWS states no stream's health."),
    (
        "ivs:recording_configuration",
        {"state": "ACTIVE"},
        "healthy",
        "The configuration's state is ACTIVE.",
    ),
    (
        "ivs:recording_configuration",
        {"state": "CREATING"},
        "in_transition",
        "The configuration's state is CREATING.",
    ),
    (
        "ivs:recording_configuration",
        {"state": "CREATE_FAILED"},
        "unhealthy",
        "The configuration's state is CREATE_FAILED.",
    ),
    (
        "ivs:recording_configuration",
        {"state": "ODD"},
        "unknown",
        "The configuration's state 'ODD' is not known.",
    ),
    (
        "ivs:recording_configuration",
        {},
        "unknown",
        "AWS states no configuration's state.",
    ),
]
WORDS: list[WordRow] = [
    ("ivs", "ListStreams", "streams[]", "health", ivs.HEALTH),
    (
        "ivs",
        "ListRecordingConfigurations",
        "recordingConfigurations[]",
        "state",
        ivs.RECORDING_STATES,
    ),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
