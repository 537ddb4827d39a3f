"""MediaLive: channels with their pipelines, and inputs."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

CHANNEL_STATES: Mapping[str, Verdict] = {
    "RUNNING": "healthy",
    "CREATING": "in_transition",
    "STARTING": "in_transition",
    "STOPPING": "in_transition",
    "UPDATING": "in_transition",
    "DELETING": "in_transition",
    "RECOVERING": "degraded",
    "IDLE": "inactive",
    "DELETED": "inactive",
    "CREATE_FAILED": "unhealthy",
    "UPDATE_FAILED": "unhealthy",
}
INPUT_STATES: Mapping[str, Verdict] = {
    "ATTACHED": "healthy",
    "CREATING": "in_transition",
    "DELETING": "in_transition",
    "DETACHED": "inactive",
    "DELETED": "inactive",
}
PIPELINES = {"STANDARD": 2, "SINGLE_PIPELINE": 1}


def channel(item: Mapping[str, Any], _now: datetime) -> Judgement:
    state = by_word("channel's state", item.get("State"), CHANNEL_STATES)
    if state.verdict != "healthy":
        return state
    running, wanted = item.get("PipelinesRunningCount"), item.get("ChannelClass")
    if running is None or wanted not in PIPELINES:
        return Judgement("unknown", "AWS does not state how many pipelines run.")
    seen = f"{running} of {PIPELINES[wanted]} pipelines are running."
    if running == 0:
        return Judgement("unhealthy", seen)
    return Judgement("degraded" if running < PIPELINES[wanted] else "healthy", seen)


def source(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("input's state", item.get("State"), INPUT_STATES)


CHECKS = (
    HealthCheck(
        key="medialive:channel",
        title="Channels and their pipelines",
        listing="medialive:ListChannels",
        actions=("medialive:ListChannels",),
        judge=channel,
        facts={"state": "State", "pipelines": "PipelinesRunningCount"},
    ),
    HealthCheck(
        key="medialive:input",
        title="Inputs",
        listing="medialive:ListInputs",
        actions=("medialive:ListInputs",),
        judge=source,
        facts={"state": "State"},
    ),
)
