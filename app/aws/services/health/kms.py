"""KMS: keys."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

STATES: Mapping[str, Verdict] = {
    "Enabled": "healthy",
    "PendingDeletion": "degraded",
    "PendingImport": "degraded",
    "PendingReplicaDeletion": "degraded",
    "Creating": "in_transition",
    "Updating": "in_transition",
    "Disabled": "inactive",
    "Unavailable": "unhealthy",
}


def key(item: Mapping[str, Any], _now: datetime) -> Judgement:
    found = by_word("key's state", item.get("KeyState"), STATES)
    if deleted_at := item.get("DeletionDate"):
        reason = f"{found.reason} It will be deleted on {deleted_at:%Y-%m-%d}."
        return Judgement(found.verdict, reason)
    return found


CHECKS = (
    HealthCheck(
        key="kms:key",
        title="Keys",
        listing="kms:DescribeKey",
        actions=("kms:ListKeys", "kms:DescribeKey"),
        judge=key,
        facts={"state": "KeyState", "manager": "KeyManager"},
    ),
)
