"""EventBridge: connections, API destinations, archives, global endpoints and rules."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

CONNECTION_STATES: Mapping[str, Verdict] = {
    "AUTHORIZED": "healthy",
    "ACTIVE": "healthy",
    "CREATING": "in_transition",
    "UPDATING": "in_transition",
    "DELETING": "in_transition",
    "AUTHORIZING": "in_transition",
    "DEAUTHORIZING": "in_transition",
    "DEAUTHORIZED": "unhealthy",
    "FAILED_CONNECTIVITY": "unhealthy",
}
DESTINATION_STATES: Mapping[str, Verdict] = {
    "ACTIVE": "healthy",
    "INACTIVE": "inactive",
}
ARCHIVE_STATES: Mapping[str, Verdict] = {
    "ENABLED": "healthy",
    "DISABLED": "inactive",
    "CREATING": "in_transition",
    "UPDATING": "in_transition",
    "CREATE_FAILED": "unhealthy",
    "UPDATE_FAILED": "unhealthy",
}
ENDPOINT_STATES: Mapping[str, Verdict] = {
    "ACTIVE": "healthy",
    "CREATING": "in_transition",
    "UPDATING": "in_transition",
    "DELETING": "in_transition",
    "CREATE_FAILED": "unhealthy",
    "UPDATE_FAILED": "unhealthy",
    "DELETE_FAILED": "unhealthy",
}
RULE_STATES: Mapping[str, Verdict] = {
    "ENABLED": "reachable",
    "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS": "reachable",
    "DISABLED": "inactive",
}


def connection(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("connection's state", item.get("ConnectionState"), CONNECTION_STATES)


def api_destination(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word(
        "destination's state", item.get("ApiDestinationState"), DESTINATION_STATES
    )


def archive(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("archive's state", item.get("State"), ARCHIVE_STATES)


def endpoint(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("endpoint's state", item.get("State"), ENDPOINT_STATES)


def rule(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("rule's state", item.get("State"), RULE_STATES)


CHECKS = (
    HealthCheck(
        key="events:connection",
        title="Connections to API destinations",
        listing="events:ListConnections",
        actions=("events:ListConnections",),
        judge=connection,
        facts={"state": "ConnectionState", "state_reason": "StateReason"},
    ),
    HealthCheck(
        key="events:api_destination",
        title="API destinations",
        listing="events:ListApiDestinations",
        actions=("events:ListApiDestinations",),
        judge=api_destination,
        facts={"state": "ApiDestinationState"},
    ),
    HealthCheck(
        key="events:archive",
        title="Archives",
        listing="events:ListArchives",
        actions=("events:ListArchives",),
        judge=archive,
        facts={"state": "State", "state_reason": "StateReason"},
    ),
    HealthCheck(
        key="events:endpoint",
        title="Global endpoints",
        listing="events:ListEndpoints",
        actions=("events:ListEndpoints",),
        judge=endpoint,
        facts={"state": "State", "state_reason": "StateReason"},
    ),
    HealthCheck(
        key="events:rule",
        title="Rules",
        listing="events:ListRules",
        actions=(
            "events:ListEventBuses",
            "events:ListRules",
        ),
        judge=rule,
        facts={"state": "State", "bus": "EventBusName"},
    ),
)
