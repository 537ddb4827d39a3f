"""Batch: its verdicts, its reasons, its words."""

from app.aws.services.health import batch
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing, worded

VERDICTS: list[VerdictRow] = [
    *worded(
        "batch:compute_environment",
        "compute environment's status",
        "status",
        {
            "UPDATING": "degraded",
            "CREATING": "in_transition",
            "DELETING": "in_transition",
            "DELETED": "inactive",
            "INVALID": "unhealthy",
        },
    ),
    (
        "batch:compute_environment",
        {"status": "VALID", "state": "ENABLED"},
        "healthy",
        "The compute environment's status is VALID.",
    ),
    (
        "batch:compute_environment",
        {"status": "VALID", "state": "DISABLED"},
        "inactive",
        "The compute environment's state is DISABLED.",
    ),
    (
        "batch:compute_environment",
        {"status": "INVALID", "state": "DISABLED"},
        "unhealthy",
        "The compute environment's status is INVALID.",
    ),
    (
        "batch:compute_environment",
        {"status": "VALID"},
        "unknown",
        "AWS states no compute environment's state.",
    ),
    *worded(
        "batch:job_queue", "job queue's status", "status", {"INVALID": "unhealthy"}
    ),
    (
        "batch:job_queue",
        {"status": "VALID", "state": "ENABLED"},
        "healthy",
        "The job queue's status is VALID.",
    ),
]
WORDS: list[WordRow] = [
    (
        "batch",
        "DescribeComputeEnvironments",
        "computeEnvironments[]",
        "status",
        batch.STATUSES,
    ),
    (
        "batch",
        "DescribeComputeEnvironments",
        "computeEnvironments[]",
        "state",
        batch.SWITCH,
    ),
    ("batch", "DescribeJobQueues", "jobQueues[]", "status", batch.STATUSES),
    ("batch", "DescribeJobQueues", "jobQueues[]", "state", batch.SWITCH),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
