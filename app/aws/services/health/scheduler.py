"""EventBridge Scheduler: schedules and their groups. That a schedule is enabled says
nothing about how its runs go."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

STATES: Mapping[str, Verdict] = {
    "ENABLED": "reachable",
    "DISABLED": "inactive",
}
GROUP_STATES: Mapping[str, Verdict] = {
    "ACTIVE": "healthy",
    "DELETING": "in_transition",
}


def schedule(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("schedule's state", item.get("State"), STATES)


def schedule_group(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("group's state", item.get("State"), GROUP_STATES)


CHECKS = (
    HealthCheck(
        key="scheduler:schedule",
        title="Schedules",
        listing="scheduler:ListSchedules",
        actions=("scheduler:ListSchedules",),
        judge=schedule,
        facts={"state": "State", "group": "GroupName"},
    ),
    HealthCheck(
        key="scheduler:schedule_group",
        title="Schedule groups",
        listing="scheduler:ListScheduleGroups",
        actions=("scheduler:ListScheduleGroups",),
        judge=schedule_group,
        facts={"state": "State"},
    ),
)
