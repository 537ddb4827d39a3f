"""CloudTrail: whether trails log and deliver, and whether event data stores ingest."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import Detail, HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

STORE_STATES: Mapping[str, Verdict] = {
    "CREATED": "healthy",
    "ENABLED": "healthy",
    "STARTING_INGESTION": "in_transition",
    "STOPPING_INGESTION": "in_transition",
    "STOPPED_INGESTION": "inactive",
    "PENDING_DELETION": "inactive",
}
DELIVERIES = {
    "LatestDeliveryError": "log files",
    "LatestCloudWatchLogsDeliveryError": "CloudWatch Logs",
    "LatestNotificationError": "notifications",
    "LatestDigestDeliveryError": "digests",
}


def trail(item: Mapping[str, Any], _now: datetime) -> Judgement:
    status = item["Status"]
    logging = status.get("IsLogging")
    if logging is None:
        return Judgement("unknown", "AWS does not state whether the trail logs.")
    if not logging:
        return Judgement("unhealthy", "The trail does not log.")
    failed = [what for error, what in DELIVERIES.items() if status.get(error)]
    if failed:
        return Judgement("unhealthy", f"The trail fails to deliver {_list(failed)}.")
    return Judgement("healthy", "The trail logs and delivers.")


def _list(words: list[str]) -> str:
    return " and ".join(words)


def event_data_store(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("data store's state", item["Store"].get("Status"), STORE_STATES)


CHECKS = (
    HealthCheck(
        key="cloudtrail:trail",
        title="Trails: logging and delivery",
        listing="cloudtrail:DescribeTrails",
        actions=("cloudtrail:DescribeTrails", "cloudtrail:GetTrailStatus"),
        judge=trail,
        details=(
            Detail(
                into="Status",
                service="cloudtrail",
                operation="GetTrailStatus",
                inputs=lambda item, _: {"Name": item["TrailARN"]},
                actions=("cloudtrail:GetTrailStatus",),
                absent={"TrailNotFoundException": "vanished"},
            ),
        ),
        facts={
            "logging": "Status.IsLogging",
            "delivery_error": "Status.LatestDeliveryError",
            "logs_error": "Status.LatestCloudWatchLogsDeliveryError",
            "multi_region": "IsMultiRegionTrail",
        },
    ),
    HealthCheck(
        key="cloudtrail:event_data_store",
        title="Event data stores",
        listing="cloudtrail:ListEventDataStores",
        actions=("cloudtrail:ListEventDataStores", "cloudtrail:GetEventDataStore"),
        judge=event_data_store,
        details=(
            # The list names the stores and tells nothing else of them.
            Detail(
                into="Store",
                service="cloudtrail",
                operation="GetEventDataStore",
                inputs=lambda item, _: {"EventDataStore": item["EventDataStoreArn"]},
                actions=("cloudtrail:GetEventDataStore",),
                absent={"EventDataStoreNotFoundException": "vanished"},
            ),
        ),
        facts={"state": "Store.Status"},
    ),
)
