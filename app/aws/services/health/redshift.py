"""Redshift: clusters."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

# While these go on, its availability says nothing of its health.
CHANGING = frozenset({"creating", "deleting", "final-snapshot", "rebooting"})
AVAILABILITIES: Mapping[str, Verdict] = {
    "Available": "healthy",
    "Maintenance": "degraded",
    "Modifying": "degraded",
    "Failed": "unhealthy",
    "Unavailable": "unhealthy",
}


def cluster(item: Mapping[str, Any], _now: datetime) -> Judgement:
    # A paused cluster is unavailable on purpose.
    if item.get("ClusterStatus") == "paused":
        return Judgement("inactive", "The cluster is paused.")
    if (status := item.get("ClusterStatus")) in CHANGING:
        return Judgement("in_transition", f"The cluster's status is {status}.")
    availability = item.get("ClusterAvailabilityStatus")
    return by_word("cluster's availability", availability, AVAILABILITIES)


CHECKS = (
    HealthCheck(
        key="redshift:cluster",
        title="Clusters",
        listing="redshift:DescribeClusters",
        actions=("redshift:DescribeClusters",),
        judge=cluster,
        facts={
            "availability": "ClusterAvailabilityStatus",
            "status": "ClusterStatus",
        },
    ),
)
