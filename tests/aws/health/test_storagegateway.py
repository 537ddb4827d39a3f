"""Storage Gateway: its verdicts, its reasons, its words."""

from tests.aws.health.tables import VerdictRow, judging, worded

VERDICTS: list[VerdictRow] = [
    *worded(
        "storagegateway:gateway",
        "gateway's state",
        "GatewayOperationalState",
        {"ACTIVE": "reachable", "DISABLED": "inactive"},
    ),
    *worded(
        "storagegateway:file_share",
        "file share's status",
        "FileShareStatus",
        {
            "AVAILABLE": "healthy",
            "UPDATING": "degraded",
            "CREATING": "in_transition",
            "UNAVAILABLE": "unhealthy",
        },
    ),
]

test_verdicts = judging(VERDICTS)
