"""RDS and Aurora: instances, clusters, proxies and what proxies reach. DocumentDB and
Neptune answer here too: AWS keeps all of them in one list."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.services.database_states import by_database_state
from app.aws.unit import Verdict

PROXY_STATES: Mapping[str, Verdict] = {
    "available": "healthy",
    "modifying": "degraded",
    "reactivating": "degraded",
    "creating": "in_transition",
    "deleting": "in_transition",
    "suspending": "in_transition",
    "suspended": "inactive",
    "incompatible-network": "unhealthy",
    "insufficient-resource-limits": "unhealthy",
}
TARGET_STATES: Mapping[str, Verdict] = {
    "AVAILABLE": "healthy",
    "REGISTERING": "in_transition",
    "UNUSED": "inactive",
    "UNAVAILABLE": "unhealthy",
}


def instance(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_database_state("instance's status", item.get("DBInstanceStatus"))


def cluster(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_database_state("cluster's status", item.get("Status"))


def proxy(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("proxy's status", item.get("Status"), PROXY_STATES)


def proxy_target(item: Mapping[str, Any], _now: datetime) -> Judgement:
    health = item.get("TargetHealth", {})
    found = by_word("target's state", health.get("State"), TARGET_STATES)
    if found.verdict == "unhealthy" and (why := health.get("Reason")):
        return Judgement("unhealthy", f"The proxy cannot use the database ({why}).")
    return found


CHECKS = (
    HealthCheck(
        key="rds:db_instance",
        title="Database instances",
        listing="rds:DescribeDBInstances",
        actions=("rds:DescribeDBInstances",),
        judge=instance,
        facts={"status": "DBInstanceStatus", "engine": "Engine", "multi_az": "MultiAZ"},
    ),
    HealthCheck(
        key="rds:db_cluster",
        title="Database clusters",
        listing="rds:DescribeDBClusters",
        actions=("rds:DescribeDBClusters",),
        judge=cluster,
        facts={"status": "Status", "engine": "Engine"},
    ),
    HealthCheck(
        key="rds:db_proxy",
        title="Proxies",
        listing="rds:DescribeDBProxies",
        actions=("rds:DescribeDBProxies",),
        judge=proxy,
        facts={"status": "Status"},
    ),
    HealthCheck(
        key="rds:db_proxy_target",
        title="Proxies: the databases behind them",
        listing="rds:DescribeDBProxyTargets",
        actions=("rds:DescribeDBProxies", "rds:DescribeDBProxyTargets"),
        judge=proxy_target,
        facts={"state": "TargetHealth.State", "reason": "TargetHealth.Reason"},
    ),
)
