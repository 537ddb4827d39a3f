"""Global Accelerator: its verdicts, its reasons, its words."""

from typing import Any

from app.aws.services.health import globalaccelerator
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing, worded


def group(*states: str) -> dict[str, Any]:
    endpoints = [{"HealthState": state} for state in states]
    return {"Described": {"EndpointGroup": {"EndpointDescriptions": endpoints}}}


VERDICTS: list[VerdictRow] = [
    *worded(
        "globalaccelerator:accelerator",
        "accelerator's status",
        "Status",
        {"DEPLOYED": "healthy", "IN_PROGRESS": "degraded"},
    ),
    (
        "globalaccelerator:accelerator",
        {"Status": "DEPLOYED", "Enabled": False},
        "inactive",
        "The accelerator is disabled.",
    ),
    (
        "globalaccelerator:endpoint_group",
        group("HEALTHY", "HEALTHY"),
        "healthy",
        "2 of 2 endpoints are healthy.",
    ),
    (
        "globalaccelerator:endpoint_group",
        group("HEALTHY", "UNHEALTHY"),
        "degraded",
        "1 of 2 endpoints are healthy.",
    ),
    (
        "globalaccelerator:endpoint_group",
        group("UNHEALTHY"),
        "unhealthy",
        "0 of 1 endpoints are healthy.",
    ),
    (
        "globalaccelerator:endpoint_group",
        group("HEALTHY", "INITIAL"),
        "in_transition",
        "1 of 2 endpoints are healthy.",
    ),
    (
        "globalaccelerator:endpoint_group",
        group("Odd"),
        "unknown",
        "Some endpoints are in unknown states: Odd.",
    ),
    ("globalaccelerator:endpoint_group", group(), "inactive", "It has no endpoints."),
]
WORDS: list[WordRow] = [
    (
        "globalaccelerator",
        "ListAccelerators",
        "Accelerators[]",
        "Status",
        globalaccelerator.STATUSES,
    ),
    (
        "globalaccelerator",
        "DescribeEndpointGroup",
        "EndpointGroup.EndpointDescriptions[]",
        "HealthState",
        globalaccelerator.ENDPOINT_STATES,
    ),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
