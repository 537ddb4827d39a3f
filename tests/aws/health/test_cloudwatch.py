"""CloudWatch: alarms that cannot be evaluated, and metric streams."""

from app.aws.catalog.loader import catalog
from app.aws.services.health import cloudwatch
from tests.aws.health.tables import (
    VerdictRow,
    WordRow,
    enumerated,
    judging,
    knowing,
)

ALARM, STREAM = "cloudwatch:alarm", "cloudwatch:metric_stream"
VERDICTS: list[VerdictRow] = [
    (ALARM, {"StateValue": "OK"}, "healthy", "The alarm's state is OK."),
    (
        ALARM,
        {"StateValue": "OK", "EvaluationState": "EVALUATION_ERROR"},
        "degraded",
        "The alarm's evaluation is EVALUATION_ERROR.",
    ),
    (
        ALARM,
        {"StateValue": "ALARM", "EvaluationState": "PARTIAL_DATA"},
        "unhealthy",
        "The alarm's state is ALARM.",
    ),
    (
        ALARM,
        {"StateValue": "OK", "EvaluationState": "ODD"},
        "unknown",
        "The alarm's evaluation 'ODD' is not known.",
    ),
    (STREAM, {"State": "running"}, "healthy", "The metric stream's state is running."),
    (STREAM, {"State": "stopped"}, "inactive", "The metric stream's state is stopped."),
    (STREAM, {}, "unknown", "AWS states no metric stream's state."),
]
PATH = ("cloudwatch", "DescribeAlarms", "MetricAlarms[]")
WORDS: list[WordRow] = [
    (*PATH, "StateValue", cloudwatch.STATES),
    (*PATH, "EvaluationState", cloudwatch.EVALUATIONS),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)


def test_asks_for_alarms_of_every_kind() -> None:
    asked = catalog().operation("cloudwatch:DescribeAlarms").params["AlarmTypes"]
    assert set(asked) == enumerated("cloudwatch", "AlarmType")
