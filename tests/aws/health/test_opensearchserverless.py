"""OpenSearch Serverless: its verdicts, its reasons, its words."""

from app.aws.services.health import opensearchserverless
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing, worded

VERDICTS: list[VerdictRow] = [
    *worded(
        "opensearchserverless:collection",
        "collection's status",
        "status",
        {
            "ACTIVE": "healthy",
            "UPDATING": "degraded",
            "UPDATE_FAILED": "degraded",
            "CREATING": "in_transition",
            "FAILED": "unhealthy",
        },
    ),
    *worded(
        "opensearchserverless:vpc_endpoint",
        "VPC endpoint's status",
        "status",
        {"ACTIVE": "healthy", "PENDING": "in_transition", "FAILED": "unhealthy"},
    ),
]
WORDS: list[WordRow] = [
    (
        "opensearchserverless",
        "ListCollections",
        "collectionSummaries[]",
        "status",
        opensearchserverless.COLLECTION_STATES,
    ),
    (
        "opensearchserverless",
        "ListVpcEndpoints",
        "vpcEndpointSummaries[]",
        "status",
        opensearchserverless.ENDPOINT_STATES,
    ),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
