"""DAX: clusters and their nodes.

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
    "creating": "in_transition",
    "deleting": "in_transition",
}


def cluster(item: Mapping[str, Any], _now: datetime) -> Judgement:
    status = by_word("cluster's status", item.get("Status"), STATUSES)
    return worst(status, _nodes(item)) if status.verdict == "healthy" else status


def _nodes(item: Mapping[str, Any]) -> Judgement:
    active, total = item.get("ActiveNodes"), item.get("TotalNodes")
    if active is None or total is None:
        return Judgement("unknown", "AWS does not state how many nodes are active.")
    seen = f"{active} of {total} nodes are active."
    if not active:
        return Judgement("unhealthy", seen)
    return Judgement("degraded" if active < total else "healthy", seen)


CHECKS = (
    HealthCheck(
        key="dax:cluster",
        title="Clusters: status and nodes",
        listing="dax:DescribeClusters",
        actions=("dax:DescribeClusters",),
        judge=cluster,
        facts={"status": "Status", "active": "ActiveNodes", "total": "TotalNodes"},
    ),
)
