"""Private certificate authorities: state and days left."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

SOON = timedelta(days=30)
STATES: Mapping[str, Verdict] = {
    "ACTIVE": "healthy",
    "CREATING": "in_transition",
    "PENDING_CERTIFICATE": "degraded",
    "DISABLED": "inactive",
    "DELETED": "inactive",
    "EXPIRED": "unhealthy",
    "FAILED": "unhealthy",
}


def authority(item: Mapping[str, Any], now: datetime) -> Judgement:
    state = by_word("authority's state", item.get("Status"), STATES)
    if state.verdict != "healthy":
        return state
    ends_at = item.get("NotAfter")
    if ends_at is None:
        return Judgement("unknown", "AWS does not state when its certificate expires.")
    verdict: Verdict = "degraded" if ends_at - now <= SOON else "healthy"
    return Judgement(verdict, f"It is active until {ends_at:%Y-%m-%d}.")


CHECKS = (
    HealthCheck(
        key="acm-pca:certificate_authority",
        title="Certificate authorities: state and days left",
        listing="acm-pca:ListCertificateAuthorities",
        actions=("acm-pca:ListCertificateAuthorities",),
        judge=authority,
        facts={"state": "Status", "expires_at": "NotAfter", "failure": "FailureReason"},
    ),
)
