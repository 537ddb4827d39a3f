"""Classic load balancers: its verdicts, its reasons, its words."""

from typing import Any

from tests.aws.health.tables import VerdictRow, judging


def balancer(*states: str) -> dict[str, Any]:
    return {"Health": {"InstanceStates": [{"State": state} for state in states]}}


VERDICTS: list[VerdictRow] = [
    (
        "elb:load_balancer",
        balancer("InService", "InService"),
        "healthy",
        "2 of 2 instances are healthy.",
    ),
    (
        "elb:load_balancer",
        balancer("InService", "OutOfService"),
        "degraded",
        "1 of 2 instances are healthy.",
    ),
    (
        "elb:load_balancer",
        balancer("OutOfService", "OutOfService"),
        "unhealthy",
        "0 of 2 instances are healthy.",
    ),
    (
        "elb:load_balancer",
        balancer("InService", "Unknown"),
        "unknown",
        "1 of 2 instances are healthy.",
    ),
    (
        "elb:load_balancer",
        balancer("InService", "Odd"),
        "unknown",
        "Some instances are in unknown states: Odd.",
    ),
    ("elb:load_balancer", balancer(), "inactive", "It has no instances."),
]

test_verdicts = judging(VERDICTS)
