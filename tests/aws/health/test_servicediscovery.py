"""Cloud Map: its verdicts, its reasons, its words."""

from typing import Any

from tests.aws.health.tables import VerdictRow, judging


def instances(*states: str, more: bool = False) -> dict[str, Any]:
    status = {str(number): state for number, state in enumerate(states)}
    return {"Health": {"Status": status, **({"NextToken": "t"} if more else {})}}


VERDICTS: list[VerdictRow] = [
    (
        "servicediscovery:service",
        instances("HEALTHY", "HEALTHY"),
        "healthy",
        "2 of 2 instances are healthy.",
    ),
    (
        "servicediscovery:service",
        instances("HEALTHY", "UNHEALTHY"),
        "degraded",
        "1 of 2 instances are healthy.",
    ),
    (
        "servicediscovery:service",
        instances("UNHEALTHY"),
        "unhealthy",
        "0 of 1 instances are healthy.",
    ),
    (
        "servicediscovery:service",
        instances("HEALTHY", "UNKNOWN"),
        "unknown",
        "1 of 2 instances are healthy.",
    ),
    (
        "servicediscovery:service",
        instances("HEALTHY", more=True),
        "unknown",
        "1 of 1 instances are healthy. It has more than these.",
    ),
    (
        "servicediscovery:service",
        instances("HEALTHY", "UNHEALTHY", more=True),
        "degraded",
        "1 of 2 instances are healthy.",
    ),
    ("servicediscovery:service", instances(), "inactive", "It has no instances."),
    (
        "servicediscovery:service",
        {},
        "reachable",
        "It is listed; its instances are not checked.",
    ),
]

test_verdicts = judging(VERDICTS)
