"""CodeDeploy: how each deployment group's last deployment went."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

DEPLOYMENTS: Mapping[str, Verdict] = {
    "Succeeded": "healthy",
    "Created": "in_transition",
    "Queued": "in_transition",
    "InProgress": "in_transition",
    "Baking": "in_transition",
    "Ready": "in_transition",
    "Stopped": "degraded",
    "Failed": "unhealthy",
}


def deployment_group(item: Mapping[str, Any], _now: datetime) -> Judgement:
    last = item.get("lastAttemptedDeployment")
    if not last:
        return Judgement("inactive", "Nothing was deployed to it yet.")
    return by_word("last deployment", last.get("status"), DEPLOYMENTS)


CHECKS = (
    HealthCheck(
        key="codedeploy:deployment_group",
        title="Deployment groups: the last deployment",
        listing="codedeploy:GetDeploymentGroup",
        actions=(
            "codedeploy:ListApplications",
            "codedeploy:ListDeploymentGroups",
            "codedeploy:GetDeploymentGroup",
        ),
        judge=deployment_group,
        facts={
            "application": "applicationName",
            "status": "lastAttemptedDeployment.status",
            "deployment": "lastAttemptedDeployment.deploymentId",
        },
    ),
)
