"""RDS: its verdicts, its reasons, its words."""

from app.aws.services.health import rds
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing, worded

VERDICTS: list[VerdictRow] = [
    *worded(
        "rds:db_proxy",
        "proxy's status",
        "Status",
        {
            "available": "healthy",
            "modifying": "degraded",
            "creating": "in_transition",
            "suspended": "inactive",
            "incompatible-network": "unhealthy",
        },
    ),
    *worded(
        "rds:db_proxy_target",
        "target's state",
        "TargetHealth.State",
        {
            "AVAILABLE": "healthy",
            "REGISTERING": "in_transition",
            "UNUSED": "inactive",
            "UNAVAILABLE": "unhealthy",
        },
    ),
    (
        "rds:db_proxy_target",
        {"TargetHealth": {"State": "UNAVAILABLE", "Reason": "AUTH_FAILURE"}},
        "unhealthy",
        "The proxy cannot use the database (AUTH_FAILURE).",
    ),
    ("rds:db_proxy_target", {}, "unknown", "AWS states no target's state."),
]
WORDS: list[WordRow] = [
    ("rds", "DescribeDBProxies", "DBProxies[]", "Status", rds.PROXY_STATES),
    (
        "rds",
        "DescribeDBProxyTargets",
        "Targets[]",
        "TargetHealth.State",
        rds.TARGET_STATES,
    ),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
