"""Macie: whether it looks. Where it was never enabled it answers AccessDenied, as it
does for a missing permission; that stays an error."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

STATES: Mapping[str, Verdict] = {
    "ENABLED": "healthy",
    "PAUSED": "inactive",
}


def session(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("state of Macie", item.get("status"), STATES)


CHECKS = (
    HealthCheck(
        key="macie2:session",
        title="Macie itself",
        listing="macie2:GetMacieSession",
        actions=("macie2:GetMacieSession",),
        judge=session,
        facts={"state": "status"},
    ),
)
