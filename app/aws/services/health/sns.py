"""SNS: topics."""

from app.aws.services.check import HealthCheck, reachable

CHECKS = (
    HealthCheck(
        key="sns:topic",
        title="Topics",
        listing="sns:ListTopics",
        actions=("sns:ListTopics",),
        judge=reachable,
    ),
)
