"""Transfer Family: its verdicts, its reasons, its words."""

from datetime import timedelta

from app.aws.services.health import transfer
from tests.aws.fake_aws import MOMENT
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing, worded

DAY = timedelta(days=1)

VERDICTS: list[VerdictRow] = [
    *worded(
        "transfer:server",
        "server's state",
        "State",
        {
            "ONLINE": "healthy",
            "STARTING": "in_transition",
            "OFFLINE": "inactive",
            "START_FAILED": "unhealthy",
            "STOP_FAILED": "unhealthy",
        },
    ),
    *worded(
        "transfer:certificate",
        "certificate's status",
        "Status",
        {"ACTIVE": "healthy", "PENDING_ROTATION": "degraded", "INACTIVE": "inactive"},
    ),
    (
        "transfer:certificate",
        {"Status": "ACTIVE", "InactiveDate": MOMENT - DAY},
        "unhealthy",
        "The certificate ended on 2026-02-28.",
    ),
    (
        "transfer:certificate",
        {"Status": "ACTIVE", "InactiveDate": MOMENT + DAY},
        "healthy",
        "The certificate's status is ACTIVE.",
    ),
]
WORDS: list[WordRow] = [
    ("transfer", "ListServers", "Servers[]", "State", transfer.SERVER_STATES),
    (
        "transfer",
        "ListCertificates",
        "Certificates[]",
        "Status",
        transfer.CERTIFICATE_STATES,
    ),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
