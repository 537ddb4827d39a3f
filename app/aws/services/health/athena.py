"""Athena: work groups."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

STATES: Mapping[str, Verdict] = {"ENABLED": "healthy", "DISABLED": "inactive"}


def work_group(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("work group's state", item.get("State"), STATES)


CHECKS = (
    HealthCheck(
        key="athena:work_group",
        title="Work groups",
        listing="athena:ListWorkGroups",
        actions=("athena:ListWorkGroups",),
        judge=work_group,
        facts={"state": "State"},
    ),
)
