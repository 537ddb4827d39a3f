"""KMS: keys, and key stores of one's own."""

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
STORE_STATES: Mapping[str, Verdict] = {
    "CONNECTED": "healthy",
    "CONNECTING": "in_transition",
    "DISCONNECTING": "in_transition",
    "DISCONNECTED": "inactive",
    "FAILED": "unhealthy",
}


def key(item: Mapping[str, Any], _now: datetime) -> Judgement:
    found = by_word("key's state", item.get("KeyState"), STATES)
    if deleted_at := item.get("DeletionDate"):
        reason = f"{found.reason} It will be deleted on {deleted_at:%Y-%m-%d}."
        return Judgement(found.verdict, reason)
    return found


def custom_key_store(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("key store's connection", item.get("ConnectionState"), STORE_STATES)


CHECKS = (
    HealthCheck(
        key="kms:key",
        title="Keys",
        listing="kms:DescribeKey",
        actions=("kms:ListKeys", "kms:DescribeKey"),
        judge=key,
        facts={"state": "KeyState", "manager": "KeyManager"},
    ),
    HealthCheck(
        key="kms:custom_key_store",
        title="Custom key stores: connection",
        listing="kms:DescribeCustomKeyStores",
        actions=("kms:DescribeCustomKeyStores",),
        judge=custom_key_store,
        facts={"connection": "ConnectionState", "error": "ConnectionErrorCode"},
    ),
)
