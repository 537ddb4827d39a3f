"""Transcribe: its verdicts, its reasons, its words."""

from app.aws.services.health import transcribe
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing

VERDICTS: list[VerdictRow] = [
    (
        "transcribe:vocabulary",
        {"VocabularyState": "READY"},
        "healthy",
        "The vocabulary's state is READY.",
    ),
    (
        "transcribe:vocabulary",
        {"VocabularyState": "PENDING"},
        "in_transition",
        "The vocabulary's state is PENDING.",
    ),
    (
        "transcribe:vocabulary",
        {"VocabularyState": "FAILED"},
        "unhealthy",
        "The vocabulary's state is FAILED.",
    ),
    (
        "transcribe:vocabulary",
        {"VocabularyState": "ODD"},
        "unknown",
        "The vocabulary's state 'ODD' is not known.",
    ),
    ("transcribe:vocabulary", {}, "unknown", "AWS states no vocabulary's state."),
    (
        "transcribe:language_model",
        {"ModelStatus": "COMPLETED"},
        "healthy",
        "The model's state is COMPLETED.",
    ),
    (
        "transcribe:language_model",
        {"ModelStatus": "IN_PROGRESS"},
        "in_transition",
        "The model's state is IN_PROGRESS.",
    ),
    (
        "transcribe:language_model",
        {"ModelStatus": "FAILED"},
        "unhealthy",
        "The model's state is FAILED.",
    ),
    (
        "transcribe:language_model",
        {"ModelStatus": "ODD"},
        "unknown",
        "The model's state 'ODD' is not known.",
    ),
    ("transcribe:language_model", {}, "unknown", "AWS states no model's state."),
]
WORDS: list[WordRow] = [
    (
        "transcribe",
        "ListVocabularies",
        "Vocabularies[]",
        "VocabularyState",
        transcribe.VOCABULARY_STATES,
    ),
    (
        "transcribe",
        "ListLanguageModels",
        "Models[]",
        "ModelStatus",
        transcribe.MODEL_STATES,
    ),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
