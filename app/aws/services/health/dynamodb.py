"""DynamoDB: tables and their replicas."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word, worst
from app.aws.unit import Verdict

TABLE_STATES: Mapping[str, Verdict] = {
    "ACTIVE": "healthy",
    "UPDATING": "degraded",
    "CREATING": "in_transition",
    "DELETING": "in_transition",
    "ARCHIVING": "in_transition",
    "ARCHIVED": "inactive",
    "INACCESSIBLE_ENCRYPTION_CREDENTIALS": "unhealthy",
    "REPLICATION_NOT_AUTHORIZED": "unhealthy",
}
REPLICA_STATES: Mapping[str, Verdict] = {
    **TABLE_STATES,
    "CREATION_FAILED": "unhealthy",
    "REGION_DISABLED": "unhealthy",
}


def table(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return worst(
        by_word("table's state", item.get("TableStatus"), TABLE_STATES),
        *(
            by_word(
                f"replica's state in {replica.get('RegionName')}",
                replica.get("ReplicaStatus"),
                REPLICA_STATES,
            )
            for replica in item.get("Replicas", [])
        ),
    )


CHECKS = (
    HealthCheck(
        key="dynamodb:table",
        title="Tables and their replicas",
        listing="dynamodb:DescribeTable",
        actions=("dynamodb:ListTables", "dynamodb:DescribeTable"),
        judge=table,
        facts={
            "status": "TableStatus",
            "replicas": "Replicas[].{region: RegionName, status: ReplicaStatus}",
        },
    ),
)
