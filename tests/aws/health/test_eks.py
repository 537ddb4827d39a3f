"""EKS: its verdicts, its reasons, its words."""

from typing import Any

from app.aws.services.health import eks
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing, worded


def ill(status: str, *codes: str) -> dict[str, Any]:
    return {"status": status, "health": {"issues": [{"code": one} for one in codes]}}


VERDICTS: list[VerdictRow] = [
    *worded(
        "eks:cluster",
        "cluster's state",
        "status",
        {
            "ACTIVE": "healthy",
            "UPDATING": "degraded",
            "CREATING": "in_transition",
            "PENDING": "in_transition",
            "DELETING": "in_transition",
            "FAILED": "unhealthy",
        },
    ),
    (
        "eks:cluster",
        ill("ACTIVE", "ClusterUnreachable", "AccessDenied"),
        "degraded",
        "EKS reports issues: AccessDenied, ClusterUnreachable.",
    ),
    (
        "eks:cluster",
        ill("FAILED", "InternalFailure"),
        "unhealthy",
        "The cluster's state is FAILED.",
    ),
    ("eks:cluster", ill("ACTIVE"), "healthy", "The cluster's state is ACTIVE."),
    *worded(
        "eks:nodegroup",
        "node group's state",
        "status",
        {
            "ACTIVE": "healthy",
            "UPDATING": "degraded",
            "DEGRADED": "degraded",
            "CREATING": "in_transition",
            "DELETING": "in_transition",
            "CREATE_FAILED": "unhealthy",
            "DELETE_FAILED": "unhealthy",
        },
    ),
    (
        "eks:nodegroup",
        ill("ACTIVE", "AsgInstanceLaunchFailures"),
        "degraded",
        "EKS reports issues: AsgInstanceLaunchFailures.",
    ),
    *worded(
        "eks:addon",
        "add-on's state",
        "status",
        {
            "ACTIVE": "healthy",
            "DEGRADED": "degraded",
            "UPDATE_FAILED": "degraded",
            "CREATING": "in_transition",
            "CREATE_FAILED": "unhealthy",
        },
    ),
    *worded(
        "eks:fargate_profile",
        "Fargate profile's state",
        "status",
        {
            "ACTIVE": "healthy",
            "CREATING": "in_transition",
            "DELETE_FAILED": "unhealthy",
        },
    ),
]
WORDS: list[WordRow] = [
    ("eks", "DescribeCluster", "cluster", "status", eks.CLUSTER_STATES),
    ("eks", "DescribeNodegroup", "nodegroup", "status", eks.NODEGROUP_STATES),
    ("eks", "DescribeAddon", "addon", "status", eks.ADDON_STATES),
    ("eks", "DescribeFargateProfile", "fargateProfile", "status", eks.PROFILE_STATES),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
