"""CloudWatch: alarms and metric streams."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word, worst
from app.aws.unit import Verdict

STATES: Mapping[str, Verdict] = {
    "OK": "healthy",
    "INSUFFICIENT_DATA": "degraded",
    "ALARM": "unhealthy",
}
# What may be wrong with an evaluation; a sound one has no such state.
EVALUATIONS: Mapping[str, Verdict] = {
    "PARTIAL_DATA": "degraded",
    "EVALUATION_FAILURE": "degraded",
    "EVALUATION_ERROR": "degraded",
}
# The model lists no words for it; these are documented.
STREAM_STATES: Mapping[str, Verdict] = {"running": "healthy", "stopped": "inactive"}


def alarm(item: Mapping[str, Any], _now: datetime) -> Judgement:
    state = by_word("alarm's state", item.get("StateValue"), STATES)
    if evaluation := item.get("EvaluationState"):
        return worst(state, by_word("alarm's evaluation", evaluation, EVALUATIONS))
    return state


def metric_stream(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("metric stream's state", item.get("State"), STREAM_STATES)


CHECKS = (
    HealthCheck(
        key="cloudwatch:alarm",
        title="Alarms",
        listing="cloudwatch:DescribeAlarms",
        actions=("cloudwatch:DescribeAlarms",),
        judge=alarm,
        facts={
            "state": "StateValue",
            "since": "StateUpdatedTimestamp",
            "evaluation": "EvaluationState",
            "acts": "ActionsEnabled",
        },
    ),
    HealthCheck(
        key="cloudwatch:metric_stream",
        title="Metric streams",
        listing="cloudwatch:ListMetricStreams",
        actions=("cloudwatch:ListMetricStreams",),
        judge=metric_stream,
        facts={"state": "State"},
    ),
)
