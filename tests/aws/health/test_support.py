"""Trusted Advisor: its four results."""

from tests.aws.health.tables import VerdictRow, judging

CHECK = "support:trusted_advisor"
VERDICTS: list[VerdictRow] = [
    (CHECK, {"status": "ok"}, "healthy", "The check's result is ok."),
    (CHECK, {"status": "warning"}, "degraded", "The check's result is warning."),
    (CHECK, {"status": "error"}, "unhealthy", "The check's result is error."),
    (
        CHECK,
        {"status": "not_available"},
        "unknown",
        "The check's result is not_available.",
    ),
]

test_verdicts = judging(VERDICTS)
