"""CloudTrail: a trail that does not log or deliver; shadows are not asked for."""

from typing import Any

from app.aws.catalog.loader import catalog
from app.aws.services.health import cloudtrail
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing

TRAIL, STORE = "cloudtrail:trail", "cloudtrail:event_data_store"


def trail(**status: Any) -> dict[str, Any]:
    return {"Status": status}


VERDICTS: list[VerdictRow] = [
    (TRAIL, trail(IsLogging=True), "healthy", "The trail logs and delivers."),
    (TRAIL, trail(IsLogging=False), "unhealthy", "The trail does not log."),
    (
        TRAIL,
        trail(IsLogging=True, LatestDeliveryError="NoSuchBucket"),
        "unhealthy",
        "The trail fails to deliver log files.",
    ),
    (
        TRAIL,
        trail(
            IsLogging=True,
            LatestCloudWatchLogsDeliveryError="AccessDenied",
            LatestDigestDeliveryError="AccessDenied",
        ),
        "unhealthy",
        "The trail fails to deliver CloudWatch Logs and digests.",
    ),
    (TRAIL, trail(), "unknown", "AWS does not state whether the trail logs."),
    (
        STORE,
        {"Store": {"Status": "ENABLED"}},
        "healthy",
        "The data store's state is ENABLED.",
    ),
    (
        STORE,
        {"Store": {"Status": "STOPPED_INGESTION"}},
        "inactive",
        "The data store's state is STOPPED_INGESTION.",
    ),
    (STORE, {"Store": {}}, "unknown", "AWS states no data store's state."),
]
WORDS: list[WordRow] = [
    ("cloudtrail", "GetEventDataStore", "", "Status", cloudtrail.STORE_STATES),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)


def test_a_trail_is_listed_in_its_own_region_only() -> None:
    operation = catalog().operation("cloudtrail:DescribeTrails")
    assert operation.params == {"includeShadowTrails": False}
    assert catalog().operation("cloudtrail:ListTrails").not_default
