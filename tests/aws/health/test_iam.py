"""IAM: server certificates."""

from datetime import timedelta

from tests.aws.fake_aws import MOMENT
from tests.aws.health.tables import VerdictRow, judging

CERTIFICATE = "iam:server_certificate"
DAY = timedelta(days=1)
VERDICTS: list[VerdictRow] = [
    (
        CERTIFICATE,
        {"Expiration": MOMENT + 31 * DAY},
        "healthy",
        "The certificate expires on 2026-04-01.",
    ),
    (
        CERTIFICATE,
        {"Expiration": MOMENT + 30 * DAY},
        "degraded",
        "The certificate expires on 2026-03-31.",
    ),
    (
        CERTIFICATE,
        {"Expiration": MOMENT},
        "unhealthy",
        "The certificate expired on 2026-03-01.",
    ),
    (
        CERTIFICATE,
        {},
        "unknown",
        "AWS does not state when the certificate expires.",
    ),
]

test_verdicts = judging(VERDICTS)
