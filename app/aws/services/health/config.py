"""AWS Config: recorders, delivery channels, rules and conformance packs."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

RECORDINGS: Mapping[str, Verdict] = {
    "Success": "healthy",
    "Pending": "in_transition",
    "Failure": "unhealthy",
    "NotApplicable": "unknown",
}
DELIVERIES: Mapping[str, Verdict] = {
    "Success": "healthy",
    "Failure": "unhealthy",
    "Not_Applicable": "unknown",
}
COMPLIANCE: Mapping[str, Verdict] = {
    "COMPLIANT": "healthy",
    "NON_COMPLIANT": "degraded",
    "NOT_APPLICABLE": "inactive",
    "INSUFFICIENT_DATA": "unknown",
}
PACK_STATES: Mapping[str, Verdict] = {
    "CREATE_COMPLETE": "healthy",
    "UPDATE_COMPLETE": "healthy",
    "CREATE_IN_PROGRESS": "in_transition",
    "UPDATE_IN_PROGRESS": "in_transition",
    "DELETE_IN_PROGRESS": "in_transition",
    "CREATE_FAILED": "unhealthy",
    "UPDATE_FAILED": "unhealthy",
    "DELETE_FAILED": "unhealthy",
}
KINDS = ("configSnapshot", "configHistory", "configStream")


def recorder(item: Mapping[str, Any], _now: datetime) -> Judgement:
    recording = item.get("recording")
    if recording is None:
        return Judgement("unknown", "AWS does not state whether it records.")
    if not recording:
        return Judgement("unhealthy", "The recorder is stopped.")
    return by_word("recorder's last status", item.get("lastStatus"), RECORDINGS)


def delivery_channel(item: Mapping[str, Any], _now: datetime) -> Judgement:
    """What was never delivered says nothing beside what was."""
    told = [item.get(f"{kind}DeliveryInfo", {}).get("lastStatus") for kind in KINDS]
    ends = [one for one in told if one and one != "Not_Applicable"]
    if not ends:
        return Judgement("unknown", "Nothing was delivered yet.")
    odd = [one for one in ends if one != "Success"]
    return by_word("last delivery", (odd or ends)[0], DELIVERIES)


def rule(item: Mapping[str, Any], _now: datetime) -> Judgement:
    found = item.get("Compliance", {}).get("ComplianceType")
    return by_word("rule's compliance", found, COMPLIANCE)


def conformance_pack(item: Mapping[str, Any], _now: datetime) -> Judgement:
    state = item.get("ConformancePackState")
    return by_word("conformance pack's state", state, PACK_STATES)


CHECKS = (
    HealthCheck(
        key="config:recorder",
        title="Configuration recorders",
        listing="config:DescribeConfigurationRecorderStatus",
        actions=("config:DescribeConfigurationRecorderStatus",),
        judge=recorder,
        facts={
            "recording": "recording",
            "last_status": "lastStatus",
            "last_error": "lastErrorCode",
        },
    ),
    HealthCheck(
        key="config:delivery_channel",
        title="Delivery channels",
        listing="config:DescribeDeliveryChannelStatus",
        actions=("config:DescribeDeliveryChannelStatus",),
        judge=delivery_channel,
        facts={
            "snapshot": "configSnapshotDeliveryInfo.lastStatus",
            "history": "configHistoryDeliveryInfo.lastStatus",
            "stream": "configStreamDeliveryInfo.lastStatus",
        },
    ),
    HealthCheck(
        key="config:rule",
        title="Rules: compliance",
        listing="config:DescribeComplianceByConfigRule",
        actions=("config:DescribeComplianceByConfigRule",),
        judge=rule,
        facts={"compliance": "Compliance.ComplianceType"},
    ),
    HealthCheck(
        key="config:conformance_pack",
        title="Conformance packs: deployment",
        listing="config:DescribeConformancePackStatus",
        actions=("config:DescribeConformancePackStatus",),
        judge=conformance_pack,
        facts={
            "state": "ConformancePackState",
            "reason": "ConformancePackStatusReason",
        },
    ),
)
