"""Data Firehose: delivery streams and their encryption."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word, worst
from app.aws.unit import Verdict

STATES: Mapping[str, Verdict] = {
    "ACTIVE": "healthy",
    "CREATING": "in_transition",
    "DELETING": "in_transition",
    "CREATING_FAILED": "unhealthy",
    "DELETING_FAILED": "unhealthy",
}
ENCRYPTION_STATES: Mapping[str, Verdict] = {
    "ENABLED": "healthy",
    "DISABLED": "healthy",  # nobody asked for it
    "ENABLING": "in_transition",
    "DISABLING": "in_transition",
    "ENABLING_FAILED": "degraded",
    "DISABLING_FAILED": "degraded",
}


def delivery_stream(item: Mapping[str, Any], _now: datetime) -> Judgement:
    state = by_word("stream's status", item.get("DeliveryStreamStatus"), STATES)
    failure = item.get("FailureDescription", {}).get("Type")
    if state.verdict == "unhealthy" and failure:
        return Judgement("unhealthy", f"The stream failed ({failure}).")
    encryption = item.get("DeliveryStreamEncryptionConfiguration", {})
    if "Status" not in encryption:
        return state
    return worst(
        state, by_word("stream's encryption", encryption["Status"], ENCRYPTION_STATES)
    )


CHECKS = (
    HealthCheck(
        key="firehose:delivery_stream",
        title="Delivery streams",
        listing="firehose:DescribeDeliveryStream",
        actions=("firehose:ListDeliveryStreams", "firehose:DescribeDeliveryStream"),
        judge=delivery_stream,
        facts={
            "status": "DeliveryStreamStatus",
            "failure": "FailureDescription.Type",
            "encryption": "DeliveryStreamEncryptionConfiguration.Status",
        },
    ),
)
