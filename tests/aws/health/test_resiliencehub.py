"""Resilience Hub: its verdicts, its reasons, its words."""

from app.aws.services.health import resiliencehub
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing

VERDICTS: list[VerdictRow] = [
    (
        "resiliencehub:app",
        {"complianceStatus": "PolicyMet"},
        "healthy",
        "The compliance with the resiliency policy is PolicyMet.",
    ),
    (
        "resiliencehub:app",
        {"complianceStatus": "ChangesDetected"},
        "degraded",
        "The compliance with the resiliency policy is ChangesDetected.",
    ),
    (
        "resiliencehub:app",
        {"complianceStatus": "NotApplicable"},
        "inactive",
        "The compliance with the resiliency policy is NotApplicable.",
    ),
    (
        "resiliencehub:app",
        {"complianceStatus": "PolicyBreached"},
        "unhealthy",
        "The compliance with the resiliency policy is PolicyBreached.",
    ),
    (
        "resiliencehub:app",
        {"complianceStatus": "NotAssessed"},
        "unknown",
        "The compliance with the resiliency policy is NotAssessed.",
    ),
    (
        "resiliencehub:app",
        {"complianceStatus": "ODD"},
        "unknown",
        "The compliance with the resiliency policy 'ODD' is not known.",
    ),
    (
        "resiliencehub:app",
        {},
        "unknown",
        "AWS states no compliance with the resiliency policy.",
    ),
]
WORDS: list[WordRow] = [
    (
        "resiliencehub",
        "ListApps",
        "appSummaries[]",
        "complianceStatus",
        resiliencehub.COMPLIANCE,
    ),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
