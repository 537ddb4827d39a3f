"""Private certificate authorities: state and days left."""

from datetime import timedelta

from app.aws.services.health import acm_pca
from tests.aws.fake_aws import MOMENT
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing

AUTHORITY = "acm-pca:certificate_authority"
DAY = timedelta(days=1)
VERDICTS: list[VerdictRow] = [
    (
        AUTHORITY,
        {"Status": "ACTIVE", "NotAfter": MOMENT + 31 * DAY},
        "healthy",
        "It is active until 2026-04-01.",
    ),
    (
        AUTHORITY,
        {"Status": "ACTIVE", "NotAfter": MOMENT + 30 * DAY},
        "degraded",
        "It is active until 2026-03-31.",
    ),
    (
        AUTHORITY,
        {"Status": "ACTIVE"},
        "unknown",
        "AWS does not state when its certificate expires.",
    ),
    (
        AUTHORITY,
        {"Status": "PENDING_CERTIFICATE"},
        "degraded",
        "The authority's state is PENDING_CERTIFICATE.",
    ),
    (
        AUTHORITY,
        {"Status": "DISABLED"},
        "inactive",
        "The authority's state is DISABLED.",
    ),
    (
        AUTHORITY,
        {"Status": "EXPIRED"},
        "unhealthy",
        "The authority's state is EXPIRED.",
    ),
]
WORDS: list[WordRow] = [
    (
        "acm-pca",
        "ListCertificateAuthorities",
        "CertificateAuthorities[]",
        "Status",
        acm_pca.STATES,
    ),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
