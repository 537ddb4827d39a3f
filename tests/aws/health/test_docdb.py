"""DocumentDB: its verdicts, its reasons, its words."""

from tests.aws.health.tables import VerdictRow, judging, worded

VERDICTS: list[VerdictRow] = [
    *worded(
        "docdb:db_cluster",
        "cluster's status",
        "Status",
        {
            "available": "healthy",
            "modifying": "degraded",
            "creating": "in_transition",
            "stopped": "inactive",
            "failed": "unhealthy",
            "incompatible-network": "unhealthy",
        },
    ),
    *worded(
        "docdb:db_instance",
        "instance's status",
        "DBInstanceStatus",
        {
            "available": "healthy",
            "backing-up": "degraded",
            "rebooting": "in_transition",
            "stopped": "inactive",
            "storage-full": "unhealthy",
            "incompatible-parameters": "unhealthy",
        },
    ),
]

test_verdicts = judging(VERDICTS)
