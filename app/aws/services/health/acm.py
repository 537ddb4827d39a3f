"""Certificate Manager: certificates, by state, days left and renewal."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word, worst
from app.aws.unit import Verdict

SOON = timedelta(days=30)
STATES: Mapping[str, Verdict] = {
    "ISSUED": "healthy",
    "PENDING_VALIDATION": "degraded",
    "INACTIVE": "inactive",
    "EXPIRED": "unhealthy",
    "REVOKED": "unhealthy",
    "VALIDATION_TIMED_OUT": "unhealthy",
    "FAILED": "unhealthy",
}
RENEWALS: Mapping[str, Verdict] = {
    "SUCCESS": "healthy",
    "PENDING_AUTO_RENEWAL": "healthy",
    "PENDING_VALIDATION": "degraded",
    "FAILED": "degraded",  # what is there still serves until it expires
}


def certificate(item: Mapping[str, Any], now: datetime) -> Judgement:
    state = by_word("certificate's state", item.get("Status"), STATES)
    if state.verdict != "healthy":
        return state
    return worst(_days_left(item, now), *_renewal(item))


def _days_left(item: Mapping[str, Any], now: datetime) -> Judgement:
    ends_at = item.get("NotAfter")
    if ends_at is None:
        return Judgement("unknown", "AWS does not state when the certificate expires.")
    when = f"on {ends_at:%Y-%m-%d}"
    if ends_at <= now:
        return Judgement("unhealthy", f"The certificate expired {when}.")
    verdict: Verdict = "degraded" if ends_at - now <= SOON else "healthy"
    return Judgement(verdict, f"The certificate is issued and expires {when}.")


def _renewal(item: Mapping[str, Any]) -> list[Judgement]:
    """Imported certificates are not renewed, and new ones have not been yet."""
    status = item.get("RenewalSummary", {}).get("RenewalStatus")
    return [by_word("certificate's renewal", status, RENEWALS)] if status else []


CHECKS = (
    HealthCheck(
        key="acm:certificate",
        title="Certificates: state, days left, renewal",
        listing="acm:DescribeCertificate",
        actions=("acm:ListCertificates", "acm:DescribeCertificate"),
        judge=certificate,
        facts={
            "state": "Status",
            "expires_at": "NotAfter",
            "renewal": "RenewalSummary.RenewalStatus",
            "failure": "FailureReason",
            "used_by": "InUseBy",
        },
    ),
)
