"""Shield Advanced: whether the account subscribes to it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

STATES: Mapping[str, Verdict] = {
    "ACTIVE": "healthy",
    "INACTIVE": "inactive",
}


def subscription(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("subscription's state", item.get("SubscriptionState"), STATES)


CHECKS = (
    HealthCheck(
        key="shield:subscription",
        title="Subscription",
        listing="shield:GetSubscriptionState",
        actions=("shield:GetSubscriptionState",),
        judge=subscription,
        facts={"state": "SubscriptionState"},
    ),
)
