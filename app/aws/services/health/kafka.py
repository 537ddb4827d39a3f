"""MSK: clusters, replicators, VPC connections."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

CLUSTER_STATES: Mapping[str, Verdict] = {
    "ACTIVE": "healthy",
    "HEALING": "degraded",
    "MAINTENANCE": "degraded",
    "REBOOTING_BROKER": "degraded",
    "UPDATING": "degraded",
    "CREATING": "in_transition",
    "DELETING": "in_transition",
    "FAILED": "unhealthy",
}
REPLICATOR_STATES: Mapping[str, Verdict] = {
    "RUNNING": "healthy",
    "UPDATING": "degraded",
    "CREATING": "in_transition",
    "DELETING": "in_transition",
    "FAILED": "unhealthy",
}
CONNECTION_STATES: Mapping[str, Verdict] = {
    "AVAILABLE": "healthy",
    "CREATING": "in_transition",
    "DEACTIVATING": "in_transition",
    "DELETING": "in_transition",
    "REJECTING": "in_transition",
    "INACTIVE": "inactive",
    "REJECTED": "inactive",
    "FAILED": "unhealthy",
}


def cluster(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("cluster's state", item.get("State"), CLUSTER_STATES)


def replicator(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("replicator's state", item.get("ReplicatorState"), REPLICATOR_STATES)


def vpc_connection(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("VPC connection's state", item.get("State"), CONNECTION_STATES)


CHECKS = (
    HealthCheck(
        key="kafka:cluster",
        title="Clusters",
        listing="kafka:ListClustersV2",
        actions=("kafka:ListClustersV2",),
        judge=cluster,
        facts={"state": "State", "code": "StateInfo.Code", "type": "ClusterType"},
    ),
    HealthCheck(
        key="kafka:replicator",
        title="Replicators",
        listing="kafka:ListReplicators",
        actions=("kafka:ListReplicators",),
        judge=replicator,
        facts={"state": "ReplicatorState"},
    ),
    HealthCheck(
        key="kafka:vpc_connection",
        title="VPC connections",
        listing="kafka:ListVpcConnections",
        actions=("kafka:ListVpcConnections",),
        judge=vpc_connection,
        facts={"state": "State"},
    ),
)
