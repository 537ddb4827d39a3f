"""OpenSearch: the health that domains state of themselves."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import Detail, HealthCheck, Judgement, by_word, worst
from app.aws.unit import Verdict

HEALTH: Mapping[str, Verdict] = {
    "Green": "healthy",
    "Yellow": "degraded",
    "Red": "unhealthy",
    "NotAvailable": "unknown",
}
STATES: Mapping[str, Verdict] = {
    "Active": "healthy",
    "Processing": "degraded",
    "NotAvailable": "unknown",
}


def domain(item: Mapping[str, Any], _now: datetime) -> Judgement:
    if item.get("Deleted"):
        return Judgement("in_transition", "The domain is being deleted.")
    if item.get("Created") is False:
        return Judgement("in_transition", "The domain is being created.")
    told = item["Health"]
    return worst(
        by_word("cluster's health", told.get("ClusterHealth"), HEALTH),
        by_word("domain's state", told.get("DomainState"), STATES),
    )


def _exists(item: Mapping[str, Any], _now: datetime) -> Mapping[str, Any] | None:
    """A domain that is being made or deleted has no health to tell."""
    if item.get("Deleted") or item.get("Created") is False:
        return None
    return {"DomainName": item["DomainName"]}


CHECKS = (
    HealthCheck(
        key="opensearch:domain",
        title="Domains: health of the cluster",
        listing="opensearch:DescribeDomain",
        actions=(
            "es:ListDomainNames",
            "es:DescribeDomain",
            "es:DescribeDomainHealth",
        ),
        judge=domain,
        details=(
            Detail(
                into="Health",
                service="opensearch",
                operation="DescribeDomainHealth",
                inputs=_exists,
                actions=("es:DescribeDomainHealth",),
                absent={"ResourceNotFoundException": "vanished"},
            ),
        ),
        facts={
            "health": "Health.ClusterHealth",
            "state": "Health.DomainState",
            "data_nodes": "Health.DataNodeCount",
            "unassigned_shards": "Health.TotalUnAssignedShards",
        },
    ),
)
