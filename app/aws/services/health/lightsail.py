"""Lightsail: instances, databases, load balancers, container services, disks.

The states of instances and databases are free text; a word that is not listed here is
unknown.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_parts, by_word, worst
from app.aws.unit import Verdict

INSTANCE_STATES: Mapping[str, Verdict] = {
    "running": "healthy",
    "pending": "in_transition",
    "stopping": "in_transition",
    "shutting-down": "in_transition",
    "stopped": "inactive",
    "terminated": "inactive",
}
STATUS_WORDS: Mapping[str, Verdict] = {
    "ok": "healthy",
    "initializing": "degraded",
    "insufficient-data": "degraded",
    "not-applicable": "unknown",
    "impaired": "unhealthy",
}
DATABASE_STATES: Mapping[str, Verdict] = {
    "available": "healthy",
    "backing-up": "degraded",
    "maintenance": "degraded",
    "modifying": "degraded",
    "upgrading": "degraded",
    "creating": "in_transition",
    "deleting": "in_transition",
    "rebooting": "in_transition",
    "starting": "in_transition",
    "stopping": "in_transition",
    "stopped": "inactive",
    "failed": "unhealthy",
    "storage-full": "unhealthy",
}
BALANCER_STATES: Mapping[str, Verdict] = {
    "active": "healthy",
    "active_impaired": "degraded",
    "provisioning": "in_transition",
    "failed": "unhealthy",
    "unknown": "unknown",
}
TARGET_STATES: Mapping[str, Verdict] = {
    "healthy": "healthy",
    "initial": "in_transition",
    "draining": "in_transition",
    "unused": "inactive",
    "unhealthy": "unhealthy",
    "unavailable": "unhealthy",
}
CONTAINER_STATES: Mapping[str, Verdict] = {
    "RUNNING": "healthy",
    "READY": "inactive",  # it has no deployment
    "UPDATING": "degraded",
    "DEPLOYING": "degraded",
    "PENDING": "in_transition",
    "DELETING": "in_transition",
    "DISABLED": "inactive",
}
DISK_STATES: Mapping[str, Verdict] = {
    "in-use": "healthy",
    "available": "healthy",
    "pending": "in_transition",
    "error": "unhealthy",
    "unknown": "unknown",
}


def instance(item: Mapping[str, Any], _now: datetime) -> Judgement:
    state = by_word(
        "instance's state", item.get("state", {}).get("name"), INSTANCE_STATES
    )
    # AWS states the two checks only where it makes them.
    checks = [
        by_word(what, item[member].get("status"), STATUS_WORDS)
        for member, what in (
            ("instanceStatus", "instance status"),
            ("systemStatus", "system status"),
        )
        if member in item
    ]
    return worst(state, *checks) if state.verdict == "healthy" else state


def database(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("database's state", item.get("state"), DATABASE_STATES)


def load_balancer(item: Mapping[str, Any], _now: datetime) -> Judgement:
    state = by_word("load balancer's state", item.get("state"), BALANCER_STATES)
    if state.verdict != "healthy":
        return state
    health = [
        one.get("instanceHealth") for one in item.get("instanceHealthSummary", [])
    ]
    return worst(state, by_parts("instances", health, TARGET_STATES))


def container_service(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("container service's state", item.get("state"), CONTAINER_STATES)


def disk(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("disk's state", item.get("state"), DISK_STATES)


CHECKS = (
    HealthCheck(
        key="lightsail:instance",
        title="Instances: state and status checks",
        listing="lightsail:GetInstances",
        actions=("lightsail:GetInstances",),
        judge=instance,
        facts={
            "state": "state.name",
            "instance_status": "instanceStatus.status",
            "system_status": "systemStatus.status",
        },
    ),
    HealthCheck(
        key="lightsail:relational_database",
        title="Databases",
        listing="lightsail:GetRelationalDatabases",
        actions=("lightsail:GetRelationalDatabases",),
        judge=database,
        facts={"state": "state", "engine": "engine"},
    ),
    HealthCheck(
        key="lightsail:load_balancer",
        title="Load balancers: state and health of the instances",
        listing="lightsail:GetLoadBalancers",
        actions=("lightsail:GetLoadBalancers",),
        judge=load_balancer,
        facts={"state": "state", "instances": "instanceHealthSummary[].instanceHealth"},
    ),
    HealthCheck(
        key="lightsail:container_service",
        title="Container services",
        listing="lightsail:GetContainerServices",
        actions=("lightsail:GetContainerServices",),
        judge=container_service,
        facts={"state": "state", "detail": "stateDetail.code"},
    ),
    HealthCheck(
        key="lightsail:disk",
        title="Disks",
        listing="lightsail:GetDisks",
        actions=("lightsail:GetDisks",),
        judge=disk,
        facts={"state": "state"},
    ),
)
