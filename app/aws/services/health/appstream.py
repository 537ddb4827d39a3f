"""AppStream: fleets with what went wrong in them, and builders of images."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word, worst
from app.aws.unit import Verdict

FLEET_STATES: Mapping[str, Verdict] = {
    "RUNNING": "healthy",
    "STARTING": "in_transition",
    "STOPPING": "in_transition",
    "STOPPED": "inactive",
}
BUILDER_STATES: Mapping[str, Verdict] = {
    "RUNNING": "healthy",
    "PENDING": "in_transition",
    "UPDATING_AGENT": "in_transition",
    "UPDATING": "in_transition",
    "STOPPING": "in_transition",
    "REBOOTING": "in_transition",
    "SNAPSHOTTING": "in_transition",
    "DELETING": "in_transition",
    "PENDING_QUALIFICATION": "in_transition",
    "PENDING_SYNCING_APPS": "in_transition",
    "SYNCING_APPS": "in_transition",
    "PENDING_IMAGE_IMPORT": "in_transition",
    "STOPPED": "inactive",
    "FAILED": "unhealthy",
}


def fleet(item: Mapping[str, Any], _now: datetime) -> Judgement:
    state = by_word("fleet's state", item.get("State"), FLEET_STATES)
    return worst(state, *_errors(item.get("FleetErrors", [])))


def _errors(errors: list[Mapping[str, Any]]) -> list[Judgement]:
    codes = sorted({str(one.get("ErrorCode")) for one in errors})
    if not codes:
        return []
    return [Judgement("degraded", f"The fleet has errors: {', '.join(codes)}.")]


def image_builder(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("image builder's state", item.get("State"), BUILDER_STATES)


CHECKS = (
    HealthCheck(
        key="appstream:fleet",
        title="Fleets: state and errors",
        listing="appstream:DescribeFleets",
        actions=("appstream:DescribeFleets",),
        judge=fleet,
        facts={"state": "State", "errors": "FleetErrors[].ErrorCode"},
    ),
    HealthCheck(
        key="appstream:image_builder",
        title="Image builders",
        listing="appstream:DescribeImageBuilders",
        actions=("appstream:DescribeImageBuilders",),
        judge=image_builder,
        facts={"state": "State", "why": "StateChangeReason.Code"},
    ),
)
