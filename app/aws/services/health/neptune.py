"""Neptune: clusters and their instances."""

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
        key="neptune:db_cluster",
        title="Clusters",
        listing="neptune:DescribeDBClusters",
        actions=("rds:DescribeDBClusters",),
        judge=cluster,
        facts={"status": "Status", "engine_version": "EngineVersion"},
    ),
    HealthCheck(
        key="neptune:db_instance",
        title="Instances",
        listing="neptune:DescribeDBInstances",
        actions=("rds:DescribeDBInstances",),
        judge=instance,
        facts={"status": "DBInstanceStatus", "cluster": "DBClusterIdentifier"},
    ),
)
