"""AWS Health: open issues and coming changes at AWS itself. It needs a paid support
plan; without one nothing of it applies."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement
from app.aws.unit import Verdict

CATEGORIES: Mapping[str, Verdict] = {
    "issue": "unhealthy",
    "investigation": "degraded",
    "scheduledChange": "degraded",
}
# Only these are asked for.
STATES = ("open", "upcoming")
WORDS = {
    "issue": "issue",
    "investigation": "investigation",
    "scheduledChange": "scheduled change",
}


def event(item: Mapping[str, Any], _now: datetime) -> Judgement:
    category, status = str(item.get("eventTypeCategory")), item.get("statusCode")
    if category not in CATEGORIES or status not in STATES:
        odd = f"{status!r} event of the category {category!r}"
        return Judgement("unknown", f"What the {odd} means is not known.")
    reach = " for everybody" if item.get("eventScopeCode") == "PUBLIC" else ""
    where = f"{item.get('service')} in {item.get('region')}"
    reason = f"AWS has an {status} {WORDS[category]} with {where}{reach}."
    return Judgement(CATEGORIES[category], reason)


CHECKS = (
    HealthCheck(
        key="health:event",
        title="Open issues and coming changes at AWS",
        listing="health:DescribeEvents",
        actions=("health:DescribeEvents",),
        judge=event,
        facts={
            "event": "eventTypeCode",
            "category": "eventTypeCategory",
            "status": "statusCode",
            "starts_at": "startTime",
            "ends_at": "endTime",
        },
    ),
)
