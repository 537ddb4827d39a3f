"""DataSync: agents and tasks."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

AGENT_STATES: Mapping[str, Verdict] = {"ONLINE": "healthy", "OFFLINE": "unhealthy"}
TASK_STATES: Mapping[str, Verdict] = {
    "AVAILABLE": "healthy",
    "RUNNING": "healthy",
    "QUEUED": "healthy",  # another run of it must end first
    "CREATING": "in_transition",
    "UNAVAILABLE": "unhealthy",
}


def agent(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("agent's status", item.get("Status"), AGENT_STATES)


def task(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("task's status", item.get("Status"), TASK_STATES)


CHECKS = (
    HealthCheck(
        key="datasync:agent",
        title="Agents",
        listing="datasync:ListAgents",
        actions=("datasync:ListAgents",),
        judge=agent,
        facts={"status": "Status"},
    ),
    HealthCheck(
        key="datasync:task",
        title="Tasks",
        listing="datasync:ListTasks",
        actions=("datasync:ListTasks",),
        judge=task,
        facts={"status": "Status"},
    ),
)
