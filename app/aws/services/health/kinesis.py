"""Kinesis: streams, and how far their readers lag behind."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from app.aws.services.check import Detail, HealthCheck, Judgement, by_word, worst
from app.aws.unit import Verdict

STATES: Mapping[str, Verdict] = {
    "ACTIVE": "healthy",
    "UPDATING": "degraded",
    "CREATING": "in_transition",
    "DELETING": "in_transition",
}
LAG = timedelta(hours=1)  # readers further behind are a fault
WINDOW = timedelta(minutes=15)
# `max` refuses a missing list.
LARGEST = "max(not_null(ReaderLag.Datapoints, `[]`)[].Maximum)"


def stream(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return worst(
        by_word("stream's state", item.get("StreamStatus"), STATES), _lag(item)
    )


def _lag(item: Mapping[str, Any]) -> Judgement:
    points = [point["Maximum"] for point in item["ReaderLag"].get("Datapoints", [])]
    lag = timedelta(milliseconds=max(points, default=0))
    if lag > LAG:
        return Judgement("unhealthy", f"Its slowest reader is {lag} behind.")
    return Judgement("healthy", f"No reader is more than {LAG} behind.")


def _lag_metric(item: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "Namespace": "AWS/Kinesis",
        "MetricName": "GetRecords.IteratorAgeMilliseconds",
        "Dimensions": [{"Name": "StreamName", "Value": item["StreamName"]}],
        "StartTime": now - WINDOW,
        "EndTime": now,
        "Period": int(WINDOW.total_seconds()),
        "Statistics": ["Maximum"],
    }


CHECKS = (
    HealthCheck(
        key="kinesis:stream",
        title="Streams: state and lag of the readers",
        listing="kinesis:DescribeStreamSummary",
        actions=(
            "kinesis:ListStreams",
            "kinesis:DescribeStreamSummary",
            "cloudwatch:GetMetricStatistics",
        ),
        judge=stream,
        details=(
            Detail(
                into="ReaderLag",
                service="cloudwatch",
                operation="GetMetricStatistics",
                inputs=_lag_metric,
                actions=("cloudwatch:GetMetricStatistics",),
                paid=True,
            ),
        ),
        facts={
            "status": "StreamStatus",
            "reader_lag_milliseconds": LARGEST,
        },
    ),
)
