"""OpenSearch: its verdicts, its reasons, its words."""

from typing import Any

from app.aws.services.health import opensearch
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing


def domain(health: str, state: str = "Active") -> dict[str, Any]:
    return {"Created": True, "Health": {"ClusterHealth": health, "DomainState": state}}


VERDICTS: list[VerdictRow] = [
    ("opensearch:domain", domain("Green"), "healthy", "The cluster's health is Green."),
    (
        "opensearch:domain",
        domain("Yellow"),
        "degraded",
        "The cluster's health is Yellow.",
    ),
    ("opensearch:domain", domain("Red"), "unhealthy", "The cluster's health is Red."),
    (
        "opensearch:domain",
        domain("NotAvailable"),
        "unknown",
        "The cluster's health is NotAvailable.",
    ),
    (
        "opensearch:domain",
        domain("Purple"),
        "unknown",
        "The cluster's health 'Purple' is not known.",
    ),
    (
        "opensearch:domain",
        domain("Green", "Processing"),
        "degraded",
        "The domain's state is Processing.",
    ),
    (
        "opensearch:domain",
        domain("Green", "NotAvailable"),
        "unknown",
        "The domain's state is NotAvailable.",
    ),
    ("opensearch:domain", {"Health": {}}, "unknown", "AWS states no cluster's health."),
    (
        "opensearch:domain",
        {"Created": False},
        "in_transition",
        "The domain is being created.",
    ),
    (
        "opensearch:domain",
        {"Deleted": True},
        "in_transition",
        "The domain is being deleted.",
    ),
]
WORDS: list[WordRow] = [
    ("opensearch", "DescribeDomainHealth", "", "ClusterHealth", opensearch.HEALTH),
    ("opensearch", "DescribeDomainHealth", "", "DomainState", opensearch.STATES),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
