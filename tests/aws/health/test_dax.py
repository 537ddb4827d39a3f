"""DAX: its verdicts, its reasons, its words."""

from typing import Any

from tests.aws.health.tables import VerdictRow, judging, worded


def cluster(active: int, total: int) -> dict[str, Any]:
    return {"Status": "available", "ActiveNodes": active, "TotalNodes": total}


VERDICTS: list[VerdictRow] = [
    *worded(
        "dax:cluster",
        "cluster's status",
        "Status",
        {
            "modifying": "degraded",
            "creating": "in_transition",
            "deleting": "in_transition",
        },
    ),
    ("dax:cluster", cluster(3, 3), "healthy", "The cluster's status is available."),
    ("dax:cluster", cluster(2, 3), "degraded", "2 of 3 nodes are active."),
    ("dax:cluster", cluster(0, 3), "unhealthy", "0 of 3 nodes are active."),
    (
        "dax:cluster",
        {"Status": "available"},
        "unknown",
        "AWS does not state how many nodes are active.",
    ),
]

test_verdicts = judging(VERDICTS)
