"""Certificates: state, days left, and renewal; every kind of key is asked for."""

from datetime import timedelta
from typing import Any

from app.aws.catalog.loader import catalog
from app.aws.services.health import acm
from tests.aws.fake_aws import MOMENT
from tests.aws.health.tables import (
    VerdictRow,
    WordRow,
    enumerated,
    judging,
    knowing,
)

CERTIFICATE = "acm:certificate"
DAY = timedelta(days=1)


def issued(left: timedelta, renewal: str | None = None) -> dict[str, Any]:
    summary = {"RenewalSummary": {"RenewalStatus": renewal}} if renewal else {}
    return {"Status": "ISSUED", "NotAfter": MOMENT + left, **summary}


VERDICTS: list[VerdictRow] = [
    (
        CERTIFICATE,
        issued(31 * DAY),
        "healthy",
        "The certificate is issued and expires on 2026-04-01.",
    ),
    (
        CERTIFICATE,
        issued(30 * DAY),
        "degraded",
        "The certificate is issued and expires on 2026-03-31.",
    ),
    (CERTIFICATE, issued(-DAY), "unhealthy", "The certificate expired on 2026-02-28."),
    (
        CERTIFICATE,
        issued(60 * DAY, "FAILED"),
        "degraded",
        "The certificate's renewal is FAILED.",
    ),
    (
        CERTIFICATE,
        issued(60 * DAY, "SUCCESS"),
        "healthy",
        "The certificate is issued and expires on 2026-04-30.",
    ),
    (
        CERTIFICATE,
        {"Status": "ISSUED"},
        "unknown",
        "AWS does not state when the certificate expires.",
    ),
    *(
        (
            CERTIFICATE,
            {"Status": word},
            "unhealthy",
            f"The certificate's state is {word}.",
        )
        for word in ("EXPIRED", "REVOKED", "VALIDATION_TIMED_OUT", "FAILED")
    ),
    (
        CERTIFICATE,
        {"Status": "PENDING_VALIDATION"},
        "degraded",
        "The certificate's state is PENDING_VALIDATION.",
    ),
    (CERTIFICATE, {}, "unknown", "AWS states no certificate's state."),
]
PATH = ("acm", "DescribeCertificate", "Certificate")
WORDS: list[WordRow] = [
    (*PATH, "Status", acm.STATES),
    (*PATH, "RenewalSummary.RenewalStatus", acm.RENEWALS),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)


def test_asks_for_certificates_with_every_kind_of_key() -> None:
    asked = catalog().operation("acm:ListCertificates").params["Includes"]["keyTypes"]
    assert set(asked) == enumerated("acm", "KeyAlgorithm")
