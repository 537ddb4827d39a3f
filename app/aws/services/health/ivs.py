"""Interactive Video Service: live streams and recording."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

HEALTH: Mapping[str, Verdict] = {
    "HEALTHY": "healthy",
    "STARVING": "degraded",
    "UNKNOWN": "unknown",
}
RECORDING_STATES: Mapping[str, Verdict] = {
    "ACTIVE": "healthy",
    "CREATING": "in_transition",
    "CREATE_FAILED": "unhealthy",
}


def stream(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("stream's health", item.get("health"), HEALTH)


def recording(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("configuration's state", item.get("state"), RECORDING_STATES)


CHECKS = (
    HealthCheck(
        key="ivs:stream",
        title="Live streams",
        listing="ivs:ListStreams",
        actions=("ivs:ListStreams",),
        judge=stream,
        facts={"health": "health", "state": "state"},
    ),
    HealthCheck(
        key="ivs:recording_configuration",
        title="Recording configurations",
        listing="ivs:ListRecordingConfigurations",
        actions=("ivs:ListRecordingConfigurations",),
        judge=recording,
        facts={"state": "state"},
    ),
)
