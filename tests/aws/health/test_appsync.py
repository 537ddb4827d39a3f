"""AppSync: APIs, and domain names that lead to one."""

from typing import Any

from app.aws.services.health import appsync
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing

DOMAIN = "appsync:domain_name"


def leads(state: str) -> dict[str, Any]:
    return {"Association": {"apiAssociation": {"associationStatus": state}}}


VERDICTS: list[VerdictRow] = [
    (
        "appsync:graphql_api",
        {},
        "reachable",
        "It is listed; AWS keeps no health state for it.",
    ),
    (DOMAIN, leads("SUCCESS"), "healthy", "The domain's association is SUCCESS."),
    (
        DOMAIN,
        leads("PROCESSING"),
        "in_transition",
        "The domain's association is PROCESSING.",
    ),
    (DOMAIN, leads("FAILED"), "unhealthy", "The domain's association is FAILED."),
    (DOMAIN, {"Association": None}, "inactive", "The domain name leads to no API."),
    (DOMAIN, {"Association": {}}, "unknown", "AWS states no domain's association."),
]
WORDS: list[WordRow] = [
    (
        "appsync",
        "GetApiAssociation",
        "apiAssociation",
        "associationStatus",
        appsync.ASSOCIATIONS,
    ),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
