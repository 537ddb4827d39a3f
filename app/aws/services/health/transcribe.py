"""Transcribe: vocabularies and language models."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

VOCABULARY_STATES: Mapping[str, Verdict] = {
    "READY": "healthy",
    "PENDING": "in_transition",
    "FAILED": "unhealthy",
}
MODEL_STATES: Mapping[str, Verdict] = {
    "COMPLETED": "healthy",
    "IN_PROGRESS": "in_transition",
    "FAILED": "unhealthy",
}


def vocabulary(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("vocabulary's state", item.get("VocabularyState"), VOCABULARY_STATES)


def language_model(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("model's state", item.get("ModelStatus"), MODEL_STATES)


CHECKS = (
    HealthCheck(
        key="transcribe:vocabulary",
        title="Vocabularies",
        listing="transcribe:ListVocabularies",
        actions=("transcribe:ListVocabularies",),
        judge=vocabulary,
        facts={"state": "VocabularyState"},
    ),
    HealthCheck(
        key="transcribe:language_model",
        title="Language models",
        listing="transcribe:ListLanguageModels",
        actions=("transcribe:ListLanguageModels",),
        judge=language_model,
        facts={"state": "ModelStatus", "reason": "FailureReason"},
    ),
)
