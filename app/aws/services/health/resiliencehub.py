"""Resilience Hub: whether applications meet their resiliency policies."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

COMPLIANCE: Mapping[str, Verdict] = {
    "PolicyMet": "healthy",
    "ChangesDetected": "degraded",
    "MissingPolicy": "degraded",
    "NotApplicable": "inactive",
    "PolicyBreached": "unhealthy",
    "NotAssessed": "unknown",
}


def app(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word(
        "compliance with the resiliency policy",
        item.get("complianceStatus"),
        COMPLIANCE,
    )


CHECKS = (
    HealthCheck(
        key="resiliencehub:app",
        title="Applications: resiliency policy",
        listing="resiliencehub:ListApps",
        actions=("resiliencehub:ListApps",),
        judge=app,
        facts={
            "compliance": "complianceStatus",
            "score": "resiliencyScore",
            "assessed_at": "lastAppComplianceEvaluationTime",
        },
    ),
)
