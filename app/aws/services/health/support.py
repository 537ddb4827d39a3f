"""Trusted Advisor, which AWS Support answers for; it needs a paid support plan."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

# The model lists no words; the documentation does.
STATES: Mapping[str, Verdict] = {
    "ok": "healthy",
    "warning": "degraded",
    "error": "unhealthy",
    "not_available": "unknown",
}


def trusted_advisor(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("check's result", item.get("status"), STATES)


CHECKS = (
    HealthCheck(
        key="support:trusted_advisor",
        title="Trusted Advisor's checks",
        listing="support:DescribeTrustedAdvisorCheckSummaries",
        actions=(
            "support:DescribeTrustedAdvisorChecks",
            "support:DescribeTrustedAdvisorCheckSummaries",
        ),
        judge=trusted_advisor,
        facts={
            "result": "status",
            "flagged": "resourcesSummary.resourcesFlagged",
            "refreshed_at": "timestamp",
        },
    ),
)
