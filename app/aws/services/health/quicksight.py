"""QuickSight: data sources and VPC connections. Where the account does not subscribe to
it, nothing of it applies."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word, worst
from app.aws.unit import Verdict

STATES: Mapping[str, Verdict] = {
    "CREATION_SUCCESSFUL": "healthy",
    "UPDATE_SUCCESSFUL": "healthy",
    "CREATION_IN_PROGRESS": "in_transition",
    "UPDATE_IN_PROGRESS": "in_transition",
    "DELETED": "inactive",
    "UPDATE_FAILED": "degraded",  # what was there before still serves
    "CREATION_FAILED": "unhealthy",
}
CREDENTIALS: Mapping[str, Verdict] = {
    "CONNECTED": "healthy",
    "NOT_VERIFIED": "reachable",
    "AUTH_FAILED": "unhealthy",
}
CONNECTION_STATES: Mapping[str, Verdict] = {
    **STATES,
    "DELETION_IN_PROGRESS": "in_transition",
    "DELETION_FAILED": "unhealthy",
}
AVAILABILITY: Mapping[str, Verdict] = {
    "AVAILABLE": "healthy",
    "PARTIALLY_AVAILABLE": "degraded",
    "UNAVAILABLE": "unhealthy",
}


def data_source(item: Mapping[str, Any], _now: datetime) -> Judgement:
    state = by_word("data source's state", item.get("Status"), STATES)
    if credentials := item.get("CredentialStatus"):
        return worst(state, by_word("data source's login", credentials, CREDENTIALS))
    return state


def vpc_connection(item: Mapping[str, Any], _now: datetime) -> Judgement:
    state = by_word("connection's state", item.get("Status"), CONNECTION_STATES)
    if state.verdict != "healthy":
        return state
    found = item.get("AvailabilityStatus")
    return by_word("connection's availability", found, AVAILABILITY)


CHECKS = (
    HealthCheck(
        key="quicksight:data_source",
        title="Data sources",
        listing="quicksight:ListDataSources",
        actions=("quicksight:ListDataSources",),
        judge=data_source,
        facts={
            "state": "Status",
            "login": "CredentialStatus",
            "error": "ErrorInfo.Type",
        },
    ),
    HealthCheck(
        key="quicksight:vpc_connection",
        title="VPC connections",
        listing="quicksight:ListVPCConnections",
        actions=("quicksight:ListVPCConnections",),
        judge=vpc_connection,
        facts={"state": "Status", "availability": "AvailabilityStatus"},
    ),
)
