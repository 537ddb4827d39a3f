"""SQS: what is stuck, by the age of the oldest message and the dead-letter queue."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from app.aws.services.check import Detail, HealthCheck, Judgement, worst
from app.aws.unit import Verdict

OLDEST = timedelta(hours=1)  # an older message is waiting too long
DEAD_LETTERS = 0  # more than so many are a fault
WINDOW = timedelta(minutes=15)
# The policy is a JSON text; its target is the only ARN in it.
QUEUE_ARN = re.compile(r"arn:aws:sqs:[a-z0-9-]+:(?P<account>\d{12}):(?P<name>[\w.-]+)")
NONE = "AWS.SimpleQueueService.NonExistentQueue"
# `max` refuses a missing list.
LARGEST = "max(not_null(OldestMessage.Datapoints, `[]`)[].Maximum)"


def queue(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return worst(_dead_letters(item), _waiting(item))


def _dead_letters(item: Mapping[str, Any]) -> Judgement:
    if "RedrivePolicy" not in item:
        return Judgement("healthy", "It has no dead-letter queue.")
    if "DeadLetterUrl" not in item:
        return Judgement("unknown", "Its redrive policy names no queue.")
    if item["DeadLetterUrl"] is None or item["DeadLetters"] is None:
        return Judgement("unhealthy", "Its dead-letter queue does not exist.")
    counts = item["DeadLetters"].get("Attributes", {})
    held = counts.get("ApproximateNumberOfMessages", "")
    if not held.isdecimal():
        return Judgement("unknown", "AWS does not state how many dead letters it has.")
    verdict: Verdict = "unhealthy" if int(held) > DEAD_LETTERS else "healthy"
    return Judgement(verdict, f"{held} messages are in its dead-letter queue.")


def _waiting(item: Mapping[str, Any]) -> Judgement:
    ages = [point["Maximum"] for point in item["OldestMessage"].get("Datapoints", [])]
    oldest = timedelta(seconds=max(ages, default=0))
    if oldest > OLDEST:
        return Judgement("degraded", f"Its oldest message has waited {oldest}.")
    return Judgement("healthy", f"No message has waited longer than {OLDEST}.")


def _dead_letter_queue(
    item: Mapping[str, Any], _now: datetime
) -> dict[str, Any] | None:
    found = QUEUE_ARN.search(item.get("RedrivePolicy", ""))
    if found is None:
        return None
    return {"QueueName": found["name"], "QueueOwnerAWSAccountId": found["account"]}


def _dead_letter_count(
    item: Mapping[str, Any], _now: datetime
) -> dict[str, Any] | None:
    found = item.get("DeadLetterUrl")
    wanted = ["ApproximateNumberOfMessages"]
    return {"QueueUrl": found["QueueUrl"], "AttributeNames": wanted} if found else None


def _age_metric(item: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "Namespace": "AWS/SQS",
        "MetricName": "ApproximateAgeOfOldestMessage",
        "Dimensions": [
            {"Name": "QueueName", "Value": item["QueueArn"].rsplit(":", 1)[-1]}
        ],
        "StartTime": now - WINDOW,
        "EndTime": now,
        "Period": int(WINDOW.total_seconds()),
        "Statistics": ["Maximum"],
    }


CHECKS = (
    HealthCheck(
        key="sqs:queue",
        title="Queues: dead letters and the oldest message",
        listing="sqs:GetQueueAttributes",
        actions=(
            "sqs:ListQueues",
            "sqs:GetQueueAttributes",
            "sqs:GetQueueUrl",
            "cloudwatch:GetMetricStatistics",
        ),
        judge=queue,
        details=(
            Detail(
                into="DeadLetterUrl",
                service="sqs",
                operation="GetQueueUrl",
                inputs=_dead_letter_queue,
                actions=("sqs:GetQueueUrl",),
                absent={NONE: "absent", "QueueDoesNotExist": "absent"},
            ),
            Detail(
                into="DeadLetters",
                service="sqs",
                operation="GetQueueAttributes",
                inputs=_dead_letter_count,
                actions=("sqs:GetQueueAttributes",),
                absent={NONE: "absent", "QueueDoesNotExist": "absent"},
            ),
            Detail(
                into="OldestMessage",
                service="cloudwatch",
                operation="GetMetricStatistics",
                inputs=_age_metric,
                actions=("cloudwatch:GetMetricStatistics",),
                paid=True,
            ),
        ),
        facts={
            "messages": "ApproximateNumberOfMessages",
            "dead_letters": "DeadLetters.Attributes.ApproximateNumberOfMessages",
            "oldest_message_seconds": LARGEST,
        },
    ),
)
