"""SES: whether the account may send, its identities, and multi-region endpoints."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

# The model lists no words for it; these are documented.
ENFORCEMENT: Mapping[str, Verdict] = {
    "HEALTHY": "healthy",
    "PROBATION": "degraded",
    "SHUTDOWN": "unhealthy",
}
VERIFICATION: Mapping[str, Verdict] = {
    "SUCCESS": "healthy",
    "PENDING": "degraded",
    "TEMPORARY_FAILURE": "degraded",
    "NOT_STARTED": "inactive",
    "FAILED": "unhealthy",
}
ENDPOINT_STATES: Mapping[str, Verdict] = {
    "READY": "healthy",
    "CREATING": "in_transition",
    "DELETING": "in_transition",
    "FAILED": "unhealthy",
}


def account(item: Mapping[str, Any], _now: datetime) -> Judgement:
    state = by_word("reputation", item.get("EnforcementStatus"), ENFORCEMENT)
    if state.verdict == "healthy" and item.get("SendingEnabled") is not True:
        return Judgement("inactive", "Sending is not enabled.")
    return state


def identity(item: Mapping[str, Any], _now: datetime) -> Judgement:
    status = item.get("VerificationStatus")
    return by_word("identity's verification", status, VERIFICATION)


def endpoint(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("endpoint's state", item.get("Status"), ENDPOINT_STATES)


CHECKS = (
    HealthCheck(
        key="sesv2:account",
        title="The account: reputation and sending",
        listing="sesv2:GetAccount",
        actions=("ses:GetAccount",),
        judge=account,
        facts={
            "reputation": "EnforcementStatus",
            "sending": "SendingEnabled",
            "production": "ProductionAccessEnabled",
        },
    ),
    HealthCheck(
        key="sesv2:email_identity",
        title="Identities: verification",
        listing="sesv2:ListEmailIdentities",
        actions=("ses:ListEmailIdentities",),
        judge=identity,
        facts={"verification": "VerificationStatus", "sending": "SendingEnabled"},
    ),
    HealthCheck(
        key="sesv2:multi_region_endpoint",
        title="Multi-region endpoints",
        listing="sesv2:ListMultiRegionEndpoints",
        actions=("ses:ListMultiRegionEndpoints",),
        judge=endpoint,
        facts={"state": "Status"},
    ),
)
