"""Redshift: its verdicts, its reasons, its words."""

from tests.aws.health.tables import VerdictRow, judging

VERDICTS: list[VerdictRow] = [
    (
        "redshift:cluster",
        {"ClusterStatus": "creating", "ClusterAvailabilityStatus": "Unavailable"},
        "in_transition",
        "The cluster's status is creating.",
    ),
    (
        "redshift:cluster",
        {"ClusterStatus": "paused", "ClusterAvailabilityStatus": "Unavailable"},
        "inactive",
        "The cluster is paused.",
    ),
    (
        "redshift:cluster",
        {"ClusterStatus": "available", "ClusterAvailabilityStatus": "Unavailable"},
        "unhealthy",
        "The cluster's availability is Unavailable.",
    ),
]

test_verdicts = judging(VERDICTS)
