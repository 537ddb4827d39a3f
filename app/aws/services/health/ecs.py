"""ECS: clusters, services with their rollouts, container instances."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word, worst
from app.aws.unit import Verdict

CLUSTER_STATES: Mapping[str, Verdict] = {
    "ACTIVE": "healthy",
    "PROVISIONING": "in_transition",
    "DEPROVISIONING": "in_transition",
    "INACTIVE": "inactive",
    "FAILED": "unhealthy",
}
SERVICE_STATES: Mapping[str, Verdict] = {
    "ACTIVE": "healthy",
    "DRAINING": "in_transition",
    "INACTIVE": "inactive",
}
INSTANCE_STATES: Mapping[str, Verdict] = {
    "ACTIVE": "healthy",
    "REGISTERING": "in_transition",
    "DEREGISTERING": "in_transition",
    "DRAINING": "in_transition",
    "INACTIVE": "inactive",
    "REGISTRATION_FAILED": "unhealthy",
}
ROLLOUTS: Mapping[str, Verdict] = {
    "COMPLETED": "healthy",
    "IN_PROGRESS": "degraded",
    "FAILED": "unhealthy",
}


def cluster(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("cluster's state", item.get("status"), CLUSTER_STATES)


def service(item: Mapping[str, Any], _now: datetime) -> Judgement:
    state = by_word("service's state", item.get("status"), SERVICE_STATES)
    if state.verdict != "healthy":
        return state
    return worst(_tasks(item), *_rollout(item))


def container_instance(item: Mapping[str, Any], _now: datetime) -> Judgement:
    state = by_word("instance's status", item.get("status"), INSTANCE_STATES)
    if state.verdict == "healthy" and item.get("agentConnected") is False:
        return Judgement("unhealthy", "The agent on the instance is not connected.")
    return state


def _tasks(item: Mapping[str, Any]) -> Judgement:
    running, desired = item.get("runningCount"), item.get("desiredCount")
    if running is None or desired is None:
        return Judgement("unknown", "AWS does not state how many tasks run.")
    tasks = f"{running} of {desired} tasks are running."
    if desired == 0:
        return Judgement("inactive", "No task is desired.")
    if running == 0:
        return Judgement("unhealthy", tasks)
    return Judgement("degraded" if running < desired else "healthy", tasks)


def _rollout(item: Mapping[str, Any]) -> list[Judgement]:
    """The primary deployment's rollout; other deployment controllers state none."""
    states = [
        deployment["rolloutState"]
        for deployment in item.get("deployments", [])
        if deployment.get("status") == "PRIMARY" and "rolloutState" in deployment
    ]
    return [by_word("rollout", state, ROLLOUTS) for state in states]


CHECKS = (
    HealthCheck(
        key="ecs:cluster",
        title="Clusters",
        listing="ecs:DescribeClusters",
        actions=("ecs:ListClusters", "ecs:DescribeClusters"),
        judge=cluster,
        facts={"status": "status"},
    ),
    HealthCheck(
        key="ecs:service",
        title="Services: running tasks and rollout",
        listing="ecs:DescribeServices",
        actions=("ecs:ListClusters", "ecs:ListServices", "ecs:DescribeServices"),
        judge=service,
        facts={
            "status": "status",
            "running": "runningCount",
            "desired": "desiredCount",
            "rollout": "deployments[?status=='PRIMARY'].rolloutState | [0]",
        },
    ),
    HealthCheck(
        key="ecs:container_instance",
        title="Container instances: status and agent",
        listing="ecs:DescribeContainerInstances",
        actions=(
            "ecs:ListClusters",
            "ecs:ListContainerInstances",
            "ecs:DescribeContainerInstances",
        ),
        judge=container_instance,
        facts={"status": "status", "agent_connected": "agentConnected"},
    ),
)
