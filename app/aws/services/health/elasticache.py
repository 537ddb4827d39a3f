"""ElastiCache: replication groups, cache clusters, serverless caches.

AWS documents the status as free text; a word that is not listed here is unknown.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word, worst
from app.aws.unit import Verdict

STATUSES: Mapping[str, Verdict] = {
    "available": "healthy",
    "modifying": "degraded",
    "snapshotting": "degraded",
    "rebooting cluster nodes": "degraded",
    "creating": "in_transition",
    "deleting": "in_transition",
    "restoring": "in_transition",
    "deleted": "inactive",
    "create-failed": "unhealthy",
    "incompatible-network": "unhealthy",
    "restore-failed": "unhealthy",
}


def replication_group(item: Mapping[str, Any], _now: datetime) -> Judgement:
    status = by_word("replication group's status", item.get("Status"), STATUSES)
    nodes = len(item.get("MemberClusters", []))
    if nodes > 1 and item.get("AutomaticFailover") == "disabled":
        failover = f"Automatic failover is disabled though there are {nodes} nodes."
        return worst(status, Judgement("degraded", failover))
    return status


def cache_cluster(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("cluster's status", item.get("CacheClusterStatus"), STATUSES)


def serverless_cache(item: Mapping[str, Any], _now: datetime) -> Judgement:
    # Of serverless caches alone AWS writes the words in capitals.
    return by_word("cache's status", str(item.get("Status") or "").lower(), STATUSES)


CHECKS = (
    HealthCheck(
        key="elasticache:replication_group",
        title="Replication groups: status and failover",
        listing="elasticache:DescribeReplicationGroups",
        actions=("elasticache:DescribeReplicationGroups",),
        judge=replication_group,
        facts={"status": "Status", "automatic_failover": "AutomaticFailover"},
    ),
    HealthCheck(
        key="elasticache:cache_cluster",
        title="Cache clusters",
        listing="elasticache:DescribeCacheClusters",
        actions=("elasticache:DescribeCacheClusters",),
        judge=cache_cluster,
        facts={"status": "CacheClusterStatus"},
    ),
    HealthCheck(
        key="elasticache:serverless_cache",
        title="Serverless caches",
        listing="elasticache:DescribeServerlessCaches",
        actions=("elasticache:DescribeServerlessCaches",),
        judge=serverless_cache,
        facts={"status": "Status"},
    ),
)
