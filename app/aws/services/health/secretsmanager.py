"""Secrets Manager: whether secrets are rotated in time, and their replicas. Their
values are never read."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from app.aws.services.check import Detail, HealthCheck, Judgement, by_word, worst
from app.aws.unit import Verdict

DUE = timedelta(days=1)
REPLICAS: Mapping[str, Verdict] = {
    "InSync": "healthy",
    "InProgress": "degraded",
    "Pending": "in_transition",
    "Detached": "inactive",
    "Failed": "unhealthy",
}


def secret(item: Mapping[str, Any], now: datetime) -> Judgement:
    if deleted_at := item.get("DeletedDate"):
        when = f"{deleted_at:%Y-%m-%d}"
        return Judgement("inactive", f"It is scheduled for deletion since {when}.")
    replicas = [
        by_word(f"replica's state in {one.get('Region')}", one.get("Status"), REPLICAS)
        for one in item["Described"].get("ReplicationStatus", [])
    ]
    return worst(_rotation(item, now), *replicas)


def _rotation(item: Mapping[str, Any], now: datetime) -> Judgement:
    if not item.get("RotationEnabled"):
        return Judgement("reachable", "It is not rotated, so nothing can be overdue.")
    next_at = item.get("NextRotationDate")
    if next_at is None:
        return Judgement("unknown", "AWS does not state when it will be rotated next.")
    if next_at < now:
        return Judgement("unhealthy", f"Its rotation was due on {next_at:%Y-%m-%d}.")
    verdict: Verdict = "degraded" if next_at - now <= DUE else "healthy"
    return Judgement(verdict, f"Its next rotation is due on {next_at:%Y-%m-%d}.")


CHECKS = (
    HealthCheck(
        key="secretsmanager:secret",
        title="Secrets: rotation and replicas",
        listing="secretsmanager:ListSecrets",
        actions=("secretsmanager:ListSecrets", "secretsmanager:DescribeSecret"),
        judge=secret,
        details=(
            # Only the description tells of replicas.
            Detail(
                into="Described",
                service="secretsmanager",
                operation="DescribeSecret",
                inputs=lambda item, _: {"SecretId": item["ARN"]},
                actions=("secretsmanager:DescribeSecret",),
                absent={"ResourceNotFoundException": "vanished"},
            ),
        ),
        facts={
            "rotated": "RotationEnabled",
            "last_rotated_at": "LastRotatedDate",
            "next_rotation_at": "NextRotationDate",
            "replicas": "Described.ReplicationStatus[].[Region, Status]",
        },
    ),
)
