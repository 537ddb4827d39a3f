"""EKS: clusters, node groups, add-ons, Fargate profiles, and the issues of each."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word, worst
from app.aws.unit import Verdict

CLUSTER_STATES: Mapping[str, Verdict] = {
    "ACTIVE": "healthy",
    "UPDATING": "degraded",
    "CREATING": "in_transition",
    "PENDING": "in_transition",
    "DELETING": "in_transition",
    "FAILED": "unhealthy",
}
NODEGROUP_STATES: Mapping[str, Verdict] = {
    "ACTIVE": "healthy",
    "UPDATING": "degraded",
    "DEGRADED": "degraded",
    "CREATING": "in_transition",
    "DELETING": "in_transition",
    "CREATE_FAILED": "unhealthy",
    "DELETE_FAILED": "unhealthy",
}
ADDON_STATES: Mapping[str, Verdict] = {
    **NODEGROUP_STATES,
    # The version before the update goes on working.
    "UPDATE_FAILED": "degraded",
}
PROFILE_STATES: Mapping[str, Verdict] = {
    "ACTIVE": "healthy",
    "CREATING": "in_transition",
    "DELETING": "in_transition",
    "CREATE_FAILED": "unhealthy",
    "DELETE_FAILED": "unhealthy",
}


def cluster(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return _judge("cluster's state", item, CLUSTER_STATES)


def nodegroup(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return _judge("node group's state", item, NODEGROUP_STATES)


def addon(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return _judge("add-on's state", item, ADDON_STATES)


def fargate_profile(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return _judge("Fargate profile's state", item, PROFILE_STATES)


def _judge(
    what: str, item: Mapping[str, Any], states: Mapping[str, Verdict]
) -> Judgement:
    return worst(by_word(what, item.get("status"), states), *_issues(item))


def _issues(item: Mapping[str, Any]) -> list[Judgement]:
    codes = {str(one.get("code")) for one in item.get("health", {}).get("issues", [])}
    if not codes:
        return []
    return [Judgement("degraded", f"EKS reports issues: {', '.join(sorted(codes))}.")]


FACTS = {"status": "status", "issues": "health.issues[].code"}

CHECKS = (
    HealthCheck(
        key="eks:cluster",
        title="Clusters: state and issues",
        listing="eks:DescribeCluster",
        actions=("eks:ListClusters", "eks:DescribeCluster"),
        judge=cluster,
        facts={**FACTS, "version": "version"},
    ),
    HealthCheck(
        key="eks:nodegroup",
        title="Node groups: state and issues",
        listing="eks:DescribeNodegroup",
        actions=("eks:ListClusters", "eks:ListNodegroups", "eks:DescribeNodegroup"),
        judge=nodegroup,
        facts={**FACTS, "cluster": "clusterName"},
    ),
    HealthCheck(
        key="eks:addon",
        title="Add-ons: state and issues",
        listing="eks:DescribeAddon",
        actions=("eks:ListClusters", "eks:ListAddons", "eks:DescribeAddon"),
        judge=addon,
        facts={**FACTS, "cluster": "clusterName", "version": "addonVersion"},
    ),
    HealthCheck(
        key="eks:fargate_profile",
        title="Fargate profiles: state and issues",
        listing="eks:DescribeFargateProfile",
        actions=(
            "eks:ListClusters",
            "eks:ListFargateProfiles",
            "eks:DescribeFargateProfile",
        ),
        judge=fargate_profile,
        facts={**FACTS, "cluster": "clusterName"},
    ),
)
