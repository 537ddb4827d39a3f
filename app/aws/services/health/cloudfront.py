"""CloudFront: distributions."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

STATUSES: Mapping[str, Verdict] = {"Deployed": "healthy", "InProgress": "degraded"}


def distribution(item: Mapping[str, Any], _now: datetime) -> Judgement:
    if item.get("Enabled") is False:
        return Judgement("inactive", "The distribution is disabled.")
    return by_word("distribution's status", item.get("Status"), STATUSES)


CHECKS = (
    HealthCheck(
        key="cloudfront:distribution",
        title="Distributions",
        listing="cloudfront:ListDistributions",
        actions=("cloudfront:ListDistributions",),
        judge=distribution,
        facts={"status": "Status", "enabled": "Enabled"},
    ),
)
