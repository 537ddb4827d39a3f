"""Data Firehose: its verdicts, its reasons, its words."""

from typing import Any

from app.aws.services.health import firehose
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing, worded


def encrypted(status: str) -> dict[str, Any]:
    return {
        "DeliveryStreamStatus": "ACTIVE",
        "DeliveryStreamEncryptionConfiguration": {"Status": status},
    }


VERDICTS: list[VerdictRow] = [
    *worded(
        "firehose:delivery_stream",
        "stream's status",
        "DeliveryStreamStatus",
        {
            "ACTIVE": "healthy",
            "CREATING": "in_transition",
            "CREATING_FAILED": "unhealthy",
            "DELETING_FAILED": "unhealthy",
        },
    ),
    (
        "firehose:delivery_stream",
        {
            "DeliveryStreamStatus": "CREATING_FAILED",
            "FailureDescription": {"Type": "KMS_ACCESS_DENIED"},
        },
        "unhealthy",
        "The stream failed (KMS_ACCESS_DENIED).",
    ),
    (
        "firehose:delivery_stream",
        encrypted("DISABLED"),
        "healthy",
        "The stream's status is ACTIVE.",
    ),
    (
        "firehose:delivery_stream",
        encrypted("ENABLING_FAILED"),
        "degraded",
        "The stream's encryption is ENABLING_FAILED.",
    ),
    (
        "firehose:delivery_stream",
        encrypted("Odd"),
        "unknown",
        "The stream's encryption 'Odd' is not known.",
    ),
]
WORDS: list[WordRow] = [
    (
        "firehose",
        "DescribeDeliveryStream",
        "DeliveryStreamDescription",
        "DeliveryStreamStatus",
        firehose.STATES,
    ),
    (
        "firehose",
        "DescribeDeliveryStream",
        "DeliveryStreamDescription",
        "DeliveryStreamEncryptionConfiguration.Status",
        firehose.ENCRYPTION_STATES,
    ),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
