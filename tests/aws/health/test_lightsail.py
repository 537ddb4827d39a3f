"""Lightsail: its verdicts, its reasons, its words."""

from typing import Any

from app.aws.services.health import lightsail
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing, worded


def running(own: str, system: str) -> dict[str, Any]:
    return {
        "state": {"name": "running"},
        "instanceStatus": {"status": own},
        "systemStatus": {"status": system},
    }


def balancing(*health: str) -> dict[str, Any]:
    summary = [{"instanceHealth": one} for one in health]
    return {"state": "active", "instanceHealthSummary": summary}


VERDICTS: list[VerdictRow] = [
    *worded(
        "lightsail:instance",
        "instance's state",
        "state.name",
        {
            "running": "healthy",
            "pending": "in_transition",
            "stopping": "in_transition",
            "stopped": "inactive",
        },
    ),
    (
        "lightsail:instance",
        running("ok", "ok"),
        "healthy",
        "The instance's state is running.",
    ),
    (
        "lightsail:instance",
        running("ok", "impaired"),
        "unhealthy",
        "The system status is impaired.",
    ),
    (
        "lightsail:instance",
        running("initializing", "ok"),
        "degraded",
        "The instance status is initializing.",
    ),
    (
        "lightsail:instance",
        running("ok", "Odd"),
        "unknown",
        "The system status 'Odd' is not known.",
    ),
    *worded(
        "lightsail:relational_database",
        "database's state",
        "state",
        {
            "available": "healthy",
            "modifying": "degraded",
            "creating": "in_transition",
            "stopped": "inactive",
            "failed": "unhealthy",
        },
    ),
    *worded(
        "lightsail:load_balancer",
        "load balancer's state",
        "state",
        {
            "active_impaired": "degraded",
            "provisioning": "in_transition",
            "failed": "unhealthy",
            "unknown": "unknown",
        },
    ),
    (
        "lightsail:load_balancer",
        balancing("healthy", "healthy"),
        "healthy",
        "The load balancer's state is active.",
    ),
    (
        "lightsail:load_balancer",
        balancing("healthy", "unhealthy"),
        "degraded",
        "1 of 2 instances are healthy.",
    ),
    (
        "lightsail:load_balancer",
        balancing("unhealthy"),
        "unhealthy",
        "0 of 1 instances are healthy.",
    ),
    ("lightsail:load_balancer", balancing(), "inactive", "It has no instances."),
    *worded(
        "lightsail:container_service",
        "container service's state",
        "state",
        {
            "RUNNING": "healthy",
            "DEPLOYING": "degraded",
            "PENDING": "in_transition",
            "READY": "inactive",
            "DISABLED": "inactive",
        },
    ),
    *worded(
        "lightsail:disk",
        "disk's state",
        "state",
        {
            "in-use": "healthy",
            "available": "healthy",
            "pending": "in_transition",
            "error": "unhealthy",
            "unknown": "unknown",
        },
    ),
]
WORDS: list[WordRow] = [
    (
        "lightsail",
        "GetInstances",
        "instances[]",
        "instanceStatus.status",
        lightsail.STATUS_WORDS,
    ),
    (
        "lightsail",
        "GetInstances",
        "instances[]",
        "systemStatus.status",
        lightsail.STATUS_WORDS,
    ),
    (
        "lightsail",
        "GetLoadBalancers",
        "loadBalancers[]",
        "state",
        lightsail.BALANCER_STATES,
    ),
    (
        "lightsail",
        "GetLoadBalancers",
        "loadBalancers[].instanceHealthSummary[]",
        "instanceHealth",
        lightsail.TARGET_STATES,
    ),
    (
        "lightsail",
        "GetContainerServices",
        "containerServices[]",
        "state",
        lightsail.CONTAINER_STATES,
    ),
    ("lightsail", "GetDisks", "disks[]", "state", lightsail.DISK_STATES),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
