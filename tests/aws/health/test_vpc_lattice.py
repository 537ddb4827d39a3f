"""VPC Lattice: its verdicts, its reasons, its words."""

from app.aws.services.health import vpc_lattice
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing, worded

VERDICTS: list[VerdictRow] = [
    *worded(
        "vpc-lattice:service",
        "service's status",
        "status",
        {
            "ACTIVE": "healthy",
            "CREATE_IN_PROGRESS": "in_transition",
            "CREATE_FAILED": "unhealthy",
        },
    ),
    *worded(
        "vpc-lattice:target_group",
        "target group's status",
        "status",
        {
            "ACTIVE": "healthy",
            "DELETE_IN_PROGRESS": "in_transition",
            "DELETE_FAILED": "unhealthy",
        },
    ),
    *worded(
        "vpc-lattice:target",
        "target's status",
        "status",
        {
            "HEALTHY": "healthy",
            "DRAINING": "in_transition",
            "UNUSED": "inactive",
            "UNAVAILABLE": "unknown",
            "UNHEALTHY": "unhealthy",
        },
    ),
]
WORDS: list[WordRow] = [
    ("vpc-lattice", "ListServices", "items[]", "status", vpc_lattice.STATES),
    ("vpc-lattice", "ListTargetGroups", "items[]", "status", vpc_lattice.STATES),
    ("vpc-lattice", "ListTargets", "items[]", "status", vpc_lattice.TARGET_STATES),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
