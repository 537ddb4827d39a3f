"""DocumentDB: clusters and their instances."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement
from app.aws.services.database_states import by_database_state


def cluster(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_database_state("cluster's status", item.get("Status"))


def instance(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_database_state("instance's status", item.get("DBInstanceStatus"))


CHECKS = (
    HealthCheck(
        key="docdb:db_cluster",
        title="Clusters",
        listing="docdb:DescribeDBClusters",
        actions=("rds:DescribeDBClusters",),
        judge=cluster,
        facts={"status": "Status", "engine_version": "EngineVersion"},
    ),
    HealthCheck(
        key="docdb:db_instance",
        title="Instances",
        listing="docdb:DescribeDBInstances",
        actions=("rds:DescribeDBClusters", "rds:DescribeDBInstances"),
        judge=instance,
        facts={"status": "DBInstanceStatus", "cluster": "DBClusterIdentifier"},
    ),
)
