"""GuardDuty: whether detectors look, what they found, and malware protection."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import Detail, HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

STATES: Mapping[str, Verdict] = {"ENABLED": "healthy", "DISABLED": "inactive"}
PLAN_STATES: Mapping[str, Verdict] = {
    "ACTIVE": "healthy",
    "WARNING": "degraded",
    "ERROR": "unhealthy",
}
HIGH = 7  # AWS calls findings of this severity high, and of 9 critical
TOTAL = (
    "sum(not_null(Findings.FindingStatistics.GroupedBySeverity, `[]`)[].TotalFindings)"
)


def detector(item: Mapping[str, Any], _now: datetime) -> Judgement:
    state = by_word("detector's state", item.get("Status"), STATES)
    if state.verdict != "healthy":
        return state
    counted = item["Findings"].get("FindingStatistics", {})
    groups = counted.get("GroupedBySeverity", [])
    high = sum(one.get("TotalFindings", 0) for one in groups)
    if high:
        return Judgement("degraded", f"It has {high} open findings of high severity.")
    return Judgement("healthy", "It is enabled and has no open high findings.")


def malware_protection_plan(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("protection plan's state", item.get("Status"), PLAN_STATES)


def _open_findings(item: Mapping[str, Any], _now: datetime) -> dict[str, Any]:
    return {
        "DetectorId": item["DetectorId"],
        "GroupBy": "SEVERITY",
        "FindingCriteria": {
            "Criterion": {
                "severity": {"GreaterThanOrEqual": HIGH},
                "service.archived": {"Equals": ["false"]},
            }
        },
    }


CHECKS = (
    HealthCheck(
        key="guardduty:detector",
        title="Detectors: enabled, open high findings",
        listing="guardduty:GetDetector",
        actions=(
            "guardduty:ListDetectors",
            "guardduty:GetDetector",
            "guardduty:GetFindingsStatistics",
        ),
        judge=detector,
        details=(
            Detail(
                into="Findings",
                service="guardduty",
                operation="GetFindingsStatistics",
                inputs=_open_findings,
                actions=("guardduty:GetFindingsStatistics",),
                first_page="There are fewer severities than groups in one answer.",
            ),
        ),
        facts={"state": "Status", "high_findings": TOTAL},
    ),
    HealthCheck(
        key="guardduty:malware_protection_plan",
        title="Malware protection plans",
        listing="guardduty:GetMalwareProtectionPlan",
        actions=(
            "guardduty:ListMalwareProtectionPlans",
            "guardduty:GetMalwareProtectionPlan",
        ),
        judge=malware_protection_plan,
        facts={"state": "Status", "reasons": "StatusReasons[].Code"},
    ),
)
