"""OpenSearch Serverless: collections and their VPC endpoints."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

COLLECTION_STATES: Mapping[str, Verdict] = {
    "ACTIVE": "healthy",
    "UPDATING": "degraded",
    "UPDATE_FAILED": "degraded",
    "CREATING": "in_transition",
    "DELETING": "in_transition",
    "FAILED": "unhealthy",
}
ENDPOINT_STATES: Mapping[str, Verdict] = {
    "ACTIVE": "healthy",
    "PENDING": "in_transition",
    "DELETING": "in_transition",
    "FAILED": "unhealthy",
}


def collection(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("collection's status", item.get("status"), COLLECTION_STATES)


def vpc_endpoint(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("VPC endpoint's status", item.get("status"), ENDPOINT_STATES)


CHECKS = (
    HealthCheck(
        key="opensearchserverless:collection",
        title="Collections",
        listing="opensearchserverless:ListCollections",
        actions=("aoss:ListCollections",),
        judge=collection,
        facts={"status": "status"},
    ),
    HealthCheck(
        key="opensearchserverless:vpc_endpoint",
        title="VPC endpoints",
        listing="opensearchserverless:ListVpcEndpoints",
        actions=("aoss:ListVpcEndpoints",),
        judge=vpc_endpoint,
        facts={"status": "status"},
    ),
)
