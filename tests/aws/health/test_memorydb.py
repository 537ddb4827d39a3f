"""MemoryDB: its verdicts, its reasons, its words."""

from typing import Any

from tests.aws.health.tables import VerdictRow, judging


def sharded(status: str, *shards: str) -> dict[str, Any]:
    named = [{"Name": str(n), "Status": one} for n, one in enumerate(shards, 1)]
    return {"Status": status, "Shards": named}


VERDICTS: list[VerdictRow] = [
    (
        "memorydb:cluster",
        sharded("available", "available", "available"),
        "healthy",
        "The cluster's status is available.",
    ),
    (
        "memorydb:cluster",
        {"Status": "Available"},
        "healthy",
        "The cluster's status is available.",
    ),
    (
        "memorydb:cluster",
        {"Status": "creating"},
        "in_transition",
        "The cluster's status is creating.",
    ),
    (
        "memorydb:cluster",
        {"Status": "create-failed"},
        "unhealthy",
        "The cluster's status is create-failed.",
    ),
    (
        "memorydb:cluster",
        sharded("available", "available", "modifying"),
        "degraded",
        "The status of shard 2 is modifying.",
    ),
    (
        "memorydb:cluster",
        {"Status": "odd"},
        "unknown",
        "The cluster's status 'odd' is not known.",
    ),
    ("memorydb:cluster", {}, "unknown", "AWS states no cluster's status."),
    (
        "memorydb:multi_region_cluster",
        {"Status": "available"},
        "healthy",
        "The multi-Region cluster's status is available.",
    ),
    (
        "memorydb:multi_region_cluster",
        {
            "Status": "available",
            "Clusters": [{"Region": "eu-west-1", "Status": "updating"}],
        },
        "degraded",
        "The cluster's status in eu-west-1 is updating.",
    ),
    (
        "memorydb:multi_region_cluster",
        {},
        "unknown",
        "AWS states no multi-Region cluster's status.",
    ),
]

test_verdicts = judging(VERDICTS)
