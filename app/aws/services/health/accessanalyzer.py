"""IAM Access Analyzer: whether each analyzer works."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

STATES: Mapping[str, Verdict] = {
    "ACTIVE": "healthy",
    "CREATING": "in_transition",
    "DISABLED": "inactive",
    "FAILED": "unhealthy",
}


def analyzer(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("analyzer's state", item.get("status"), STATES)


CHECKS = (
    HealthCheck(
        key="accessanalyzer:analyzer",
        title="Analyzers",
        listing="accessanalyzer:ListAnalyzers",
        actions=("access-analyzer:ListAnalyzers",),
        judge=analyzer,
        facts={"state": "status", "reason": "statusReason.code", "type": "type"},
    ),
)
