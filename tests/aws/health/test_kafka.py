"""MSK: its verdicts, its reasons, its words."""

from app.aws.services.health import kafka
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing, worded

VERDICTS: list[VerdictRow] = [
    *worded(
        "kafka:cluster",
        "cluster's state",
        "State",
        {
            "ACTIVE": "healthy",
            "HEALING": "degraded",
            "MAINTENANCE": "degraded",
            "CREATING": "in_transition",
            "FAILED": "unhealthy",
        },
    ),
    *worded(
        "kafka:replicator",
        "replicator's state",
        "ReplicatorState",
        {
            "RUNNING": "healthy",
            "UPDATING": "degraded",
            "CREATING": "in_transition",
            "FAILED": "unhealthy",
        },
    ),
    *worded(
        "kafka:vpc_connection",
        "VPC connection's state",
        "State",
        {
            "AVAILABLE": "healthy",
            "CREATING": "in_transition",
            "REJECTED": "inactive",
            "FAILED": "unhealthy",
        },
    ),
]
WORDS: list[WordRow] = [
    ("kafka", "ListClustersV2", "ClusterInfoList[]", "State", kafka.CLUSTER_STATES),
    (
        "kafka",
        "ListReplicators",
        "Replicators[]",
        "ReplicatorState",
        kafka.REPLICATOR_STATES,
    ),
    (
        "kafka",
        "ListVpcConnections",
        "VpcConnections[]",
        "State",
        kafka.CONNECTION_STATES,
    ),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
