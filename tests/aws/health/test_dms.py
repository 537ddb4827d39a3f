"""DMS: its verdicts, its reasons, its words."""

from tests.aws.health.tables import VerdictRow, judging, worded

VERDICTS: list[VerdictRow] = [
    *worded(
        "dms:replication_instance",
        "replication instance's status",
        "ReplicationInstanceStatus",
        {
            "available": "healthy",
            "modifying": "degraded",
            "creating": "in_transition",
            "deleted": "inactive",
            "storage-full": "unhealthy",
        },
    ),
    *worded(
        "dms:replication_task",
        "replication task's status",
        "Status",
        {
            "running": "healthy",
            "starting": "in_transition",
            "ready": "inactive",
            "stopped": "inactive",
            "failed": "unhealthy",
        },
    ),
    (
        "dms:replication_task",
        {"Status": "running", "ReplicationTaskStats": {"TablesErrored": 2}},
        "degraded",
        "2 of its tables have errors.",
    ),
    (
        "dms:replication_task",
        {"Status": "running", "ReplicationTaskStats": {"TablesErrored": 0}},
        "healthy",
        "The replication task's status is running.",
    ),
    *worded(
        "dms:connection",
        "connection's last test",
        "Status",
        {"successful": "healthy", "testing": "in_transition", "failed": "unhealthy"},
    ),
]

test_verdicts = judging(VERDICTS)
