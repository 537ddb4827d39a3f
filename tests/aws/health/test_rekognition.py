"""Rekognition: its verdicts, its reasons, its words."""

from app.aws.services.health import rekognition
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing

VERDICTS: list[VerdictRow] = [
    (
        "rekognition:stream_processor",
        {"Status": "RUNNING"},
        "healthy",
        "The processor's state is RUNNING.",
    ),
    (
        "rekognition:stream_processor",
        {"Status": "STARTING"},
        "in_transition",
        "The processor's state is STARTING.",
    ),
    (
        "rekognition:stream_processor",
        {"Status": "STOPPED"},
        "inactive",
        "The processor's state is STOPPED.",
    ),
    (
        "rekognition:stream_processor",
        {"Status": "FAILED"},
        "unhealthy",
        "The processor's state is FAILED.",
    ),
    (
        "rekognition:stream_processor",
        {"Status": "ODD"},
        "unknown",
        "The processor's state 'ODD' is not known.",
    ),
    ("rekognition:stream_processor", {}, "unknown", "AWS states no processor's state."),
    (
        "rekognition:project_version",
        {"Status": "RUNNING"},
        "healthy",
        "The model's state is RUNNING.",
    ),
    (
        "rekognition:project_version",
        {"Status": "TRAINING_IN_PROGRESS"},
        "in_transition",
        "The model's state is TRAINING_IN_PROGRESS.",
    ),
    (
        "rekognition:project_version",
        {"Status": "STOPPED"},
        "inactive",
        "The model's state is STOPPED.",
    ),
    (
        "rekognition:project_version",
        {"Status": "FAILED"},
        "unhealthy",
        "The model's state is FAILED.",
    ),
    (
        "rekognition:project_version",
        {"Status": "ODD"},
        "unknown",
        "The model's state 'ODD' is not known.",
    ),
    ("rekognition:project_version", {}, "unknown", "AWS states no model's state."),
]
WORDS: list[WordRow] = [
    (
        "rekognition",
        "ListStreamProcessors",
        "StreamProcessors[]",
        "Status",
        rekognition.PROCESSOR_STATES,
    ),
    (
        "rekognition",
        "DescribeProjectVersions",
        "ProjectVersionDescriptions[]",
        "Status",
        rekognition.MODEL_STATES,
    ),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
