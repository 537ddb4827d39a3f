"""ECS: its verdicts, its reasons, its words."""

from tests.aws.health.tables import VerdictRow, judging, worded

VERDICTS: list[VerdictRow] = [
    *worded(
        "ecs:container_instance",
        "instance's status",
        "status",
        {
            "ACTIVE": "healthy",
            "REGISTERING": "in_transition",
            "DRAINING": "in_transition",
            "INACTIVE": "inactive",
            "REGISTRATION_FAILED": "unhealthy",
        },
    ),
    (
        "ecs:container_instance",
        {"status": "ACTIVE", "agentConnected": True},
        "healthy",
        "The instance's status is ACTIVE.",
    ),
    (
        "ecs:container_instance",
        {"status": "ACTIVE", "agentConnected": False},
        "unhealthy",
        "The agent on the instance is not connected.",
    ),
]

test_verdicts = judging(VERDICTS)
