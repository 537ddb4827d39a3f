"""Security Hub: whether it is enabled, what it found, and its standards. Where it is
not enabled, nothing of it applies."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import Detail, HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

STANDARD_STATES: Mapping[str, Verdict] = {
    "READY": "healthy",
    "PENDING": "in_transition",
    "DELETING": "in_transition",
    "INCOMPLETE": "degraded",
    "FAILED": "unhealthy",
}
SEVERE = ("CRITICAL", "HIGH")


def hub(item: Mapping[str, Any], _now: datetime) -> Judgement:
    if not item.get("HubArn"):
        return Judgement("unknown", "AWS names no hub.")
    if item["Severe"].get("Findings"):
        return Judgement("degraded", "It has new critical or high findings.")
    return Judgement("healthy", "It is enabled and has no new critical or high ones.")


def standard(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("standard's state", item.get("StandardsStatus"), STANDARD_STATES)


def _severe_findings(_item: Mapping[str, Any], _now: datetime) -> dict[str, Any]:
    wanted = {
        "SeverityLabel": SEVERE,
        "RecordState": ("ACTIVE",),
        "WorkflowStatus": ("NEW",),
    }
    filters = {
        name: [{"Value": value, "Comparison": "EQUALS"} for value in values]
        for name, values in wanted.items()
    }
    return {"Filters": filters, "MaxResults": 1}


CHECKS = (
    HealthCheck(
        key="securityhub:hub",
        title="Security Hub itself: enabled, new severe findings",
        listing="securityhub:DescribeHub",
        actions=("securityhub:DescribeHub", "securityhub:GetFindings"),
        judge=hub,
        details=(
            Detail(
                into="Severe",
                service="securityhub",
                operation="GetFindings",
                inputs=_severe_findings,
                actions=("securityhub:GetFindings",),
                first_page="One finding is enough to know that there are some.",
            ),
        ),
        facts={"since": "SubscribedAt", "severe": "Severe.Findings[].GeneratorId"},
    ),
    HealthCheck(
        key="securityhub:standard",
        title="Enabled standards",
        listing="securityhub:GetEnabledStandards",
        actions=("securityhub:GetEnabledStandards",),
        judge=standard,
        facts={"state": "StandardsStatus", "why": "StandardsStatusReason"},
    ),
)
