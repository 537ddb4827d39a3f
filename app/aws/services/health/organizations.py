"""Organizations: member accounts. Only the management account, or one it delegated to,
is answered."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

STATES: Mapping[str, Verdict] = {
    "ACTIVE": "healthy",
    "PENDING_ACTIVATION": "in_transition",
    "PENDING_CLOSURE": "degraded",
    "SUSPENDED": "inactive",
    "CLOSED": "inactive",
}


def account(item: Mapping[str, Any], _now: datetime) -> Judgement:
    """The state took the place of the older status, which some regions still give."""
    state = item.get("State") or item.get("Status")
    return by_word("account's state", state, STATES)


CHECKS = (
    HealthCheck(
        key="organizations:account",
        title="Member accounts",
        listing="organizations:ListAccounts",
        actions=("organizations:ListAccounts",),
        judge=account,
        facts={"state": "State", "status": "Status", "joined_at": "JoinedTimestamp"},
    ),
)
