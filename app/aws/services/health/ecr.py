"""ECR: repositories."""

from app.aws.services.check import HealthCheck, reachable

CHECKS = (
    HealthCheck(
        key="ecr:repository",
        title="Repositories",
        listing="ecr:DescribeRepositories",
        actions=("ecr:DescribeRepositories",),
        judge=reachable,
    ),
)
