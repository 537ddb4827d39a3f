"""EMR: clusters. AWS keeps ended clusters in the list for two months; a failure is
told for a day."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

STATES: Mapping[str, Verdict] = {
    "RUNNING": "healthy",
    "WAITING": "healthy",
    "STARTING": "in_transition",
    "BOOTSTRAPPING": "in_transition",
    "TERMINATING": "in_transition",
    "TERMINATED": "inactive",
    "TERMINATED_WITH_ERRORS": "unhealthy",
}
RECENT = timedelta(days=1)


def cluster(item: Mapping[str, Any], now: datetime) -> Judgement:
    status = item.get("Status", {})
    found = by_word("cluster's state", status.get("State"), STATES)
    ended_at = status.get("Timeline", {}).get("EndDateTime")
    if found.verdict == "unhealthy" and ended_at and now - ended_at > RECENT:
        return Judgement("inactive", f"It ended with errors on {ended_at:%Y-%m-%d}.")
    return found


CHECKS = (
    HealthCheck(
        key="emr:cluster",
        title="Clusters",
        listing="emr:ListClusters",
        actions=("elasticmapreduce:ListClusters",),
        judge=cluster,
        facts={
            "state": "Status.State",
            "reason": "Status.StateChangeReason.Code",
            "ended_at": "Status.Timeline.EndDateTime",
        },
    ),
)
