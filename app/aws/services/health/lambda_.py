"""Lambda: functions and the event sources that feed them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import Detail, HealthCheck, Judgement, by_word, worst
from app.aws.unit import Verdict

STATES: Mapping[str, Verdict] = {
    "Active": "healthy",
    "Pending": "degraded",
    "Inactive": "inactive",
    "Deactivating": "in_transition",
    "Deactivated": "inactive",
    "Deleting": "in_transition",
    "Failed": "unhealthy",
    "ActiveNonInvocable": "unhealthy",
}
UPDATES: Mapping[str, Verdict] = {
    "Successful": "healthy",
    "InProgress": "degraded",
    "Failed": "unhealthy",
}
SOURCE_STATES: Mapping[str, Verdict] = {
    "Enabled": "healthy",
    "Disabled": "inactive",
    "Creating": "in_transition",
    "Enabling": "in_transition",
    "Disabling": "in_transition",
    "Updating": "in_transition",
    "Deleting": "in_transition",
}


def function(item: Mapping[str, Any], _now: datetime) -> Judgement:
    settings = item["Configuration"]
    state = by_word("function's state", settings.get("State"), STATES)
    if state.verdict == "inactive":
        return state
    update = by_word("last update", settings.get("LastUpdateStatus"), UPDATES)
    return worst(state, update)


def event_source(item: Mapping[str, Any], _now: datetime) -> Judgement:
    state = by_word("event source's state", item.get("State"), SOURCE_STATES)
    result = str(item.get("LastProcessingResult") or "")
    if state.verdict == "healthy" and result.upper().startswith("PROBLEM"):
        return Judgement("degraded", f"The last processing result is {result!r}.")
    return state


CHECKS = (
    HealthCheck(
        key="lambda:function",
        title="Functions: state and last update",
        listing="lambda:ListFunctions",
        actions=("lambda:ListFunctions", "lambda:GetFunctionConfiguration"),
        judge=function,
        details=(
            Detail(
                into="Configuration",
                service="lambda",
                operation="GetFunctionConfiguration",
                inputs=lambda item, _: {"FunctionName": item["FunctionArn"]},
                actions=("lambda:GetFunctionConfiguration",),
                absent={"ResourceNotFoundException": "vanished"},
            ),
        ),
        facts={
            "state": "Configuration.State",
            "state_reason": "Configuration.StateReasonCode",
            "last_update": "Configuration.LastUpdateStatus",
        },
    ),
    HealthCheck(
        key="lambda:event_source_mapping",
        title="Event sources: state and last result",
        listing="lambda:ListEventSourceMappings",
        actions=("lambda:ListEventSourceMappings",),
        judge=event_source,
        facts={"state": "State", "last_result": "LastProcessingResult"},
    ),
)
