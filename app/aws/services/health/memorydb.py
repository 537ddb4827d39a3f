"""MemoryDB: clusters and their shards.

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
    "updating": "degraded",
    "snapshotting": "degraded",
    "creating": "in_transition",
    "deleting": "in_transition",
    "create-failed": "unhealthy",
}


def cluster(item: Mapping[str, Any], _now: datetime) -> Judgement:
    status = by_word("cluster's status", _word(item), STATUSES)
    shards = [
        by_word(f"status of shard {shard.get('Name')}", _word(shard), STATUSES)
        for shard in item.get("Shards", [])
    ]
    return worst(status, *shards)


def multi_region_cluster(item: Mapping[str, Any], _now: datetime) -> Judgement:
    status = by_word("multi-Region cluster's status", _word(item), STATUSES)
    clusters = [
        by_word(f"cluster's status in {one.get('Region')}", _word(one), STATUSES)
        for one in item.get("Clusters", [])
    ]
    return worst(status, *clusters)


def _word(item: Mapping[str, Any]) -> str:
    """AWS writes the words with and without capitals."""
    return str(item.get("Status") or "").lower()


CHECKS = (
    HealthCheck(
        key="memorydb:cluster",
        title="Clusters: status and shards",
        listing="memorydb:DescribeClusters",
        actions=("memorydb:DescribeClusters",),
        judge=cluster,
        facts={"status": "Status", "shards": "Shards[].Status"},
    ),
    HealthCheck(
        key="memorydb:multi_region_cluster",
        title="Multi-Region clusters",
        listing="memorydb:DescribeMultiRegionClusters",
        actions=("memorydb:DescribeMultiRegionClusters",),
        judge=multi_region_cluster,
        facts={"status": "Status", "clusters": "Clusters[].[Region, Status]"},
    ),
)
