"""RDS, Aurora, DocumentDB and Neptune: instances and clusters.

AWS documents the status as free text; a word that is not listed here is unknown.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

STATUSES: Mapping[str, Verdict] = {
    "available": "healthy",
    **dict.fromkeys(
        (
            "backing-up",
            "modifying",
            "maintenance",
            "storage-optimization",
            "storage-config-upgrade",
            "storage-initialization",
            "configuring-enhanced-monitoring",
            "configuring-iam-database-auth",
            "configuring-log-exports",
            "configuring-associated-roles",
            "converting-to-vpc",
            "moving-to-vpc",
            "resetting-master-credentials",
            "upgrading",
            "renaming",
            "failing-over",
            "backtracking",
            "update-iam-db-auth",
            "insufficient-capacity",
        ),
        "degraded",
    ),
    **dict.fromkeys(
        (
            "creating",
            "deleting",
            "starting",
            "stopping",
            "rebooting",
            "promoting",
            "preparing-data-migration",
            "migrating",
            "delete-precheck",
        ),
        "in_transition",
    ),
    "stopped": "inactive",
    **dict.fromkeys(
        (
            "failed",
            "storage-full",
            "restore-error",
            "inaccessible-encryption-credentials",
            "inaccessible-encryption-credentials-recoverable",
            "migration-failed",
            "cloning-failed",
        ),
        "unhealthy",
    ),
}


def instance(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return _judge("instance's status", item.get("DBInstanceStatus"))


def cluster(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return _judge("cluster's status", item.get("Status"))


def _judge(what: str, status: str | None) -> Judgement:
    if status and status.startswith("incompatible-"):
        return Judgement("unhealthy", f"The {what} is {status}.")
    return by_word(what, status, STATUSES)


CHECKS = (
    HealthCheck(
        key="rds:db_instance",
        title="Database instances",
        listing="rds:DescribeDBInstances",
        actions=("rds:DescribeDBInstances",),
        judge=instance,
        facts={"status": "DBInstanceStatus", "engine": "Engine", "multi_az": "MultiAZ"},
    ),
    HealthCheck(
        key="rds:db_cluster",
        title="Database clusters",
        listing="rds:DescribeDBClusters",
        actions=("rds:DescribeDBClusters",),
        judge=cluster,
        facts={"status": "Status", "engine": "Engine"},
    ),
)
