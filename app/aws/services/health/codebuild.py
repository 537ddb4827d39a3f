"""CodeBuild: how each project's latest build went, and fleets."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import Detail, HealthCheck, Judgement, by_word, worst
from app.aws.unit import Verdict

BUILDS: Mapping[str, Verdict] = {
    "SUCCEEDED": "healthy",
    "IN_PROGRESS": "degraded",
    "STOPPED": "degraded",
    "FAILED": "unhealthy",
    "FAULT": "unhealthy",
    "TIMED_OUT": "unhealthy",
}
FLEET_STATES: Mapping[str, Verdict] = {
    "ACTIVE": "healthy",
    "CREATING": "in_transition",
    "UPDATING": "in_transition",
    "ROTATING": "in_transition",
    "PENDING_DELETION": "in_transition",
    "DELETING": "in_transition",
    "CREATE_FAILED": "unhealthy",
    "UPDATE_ROLLBACK_FAILED": "unhealthy",
}
FLEET_TROUBLES: Mapping[str, Verdict] = {
    "INSUFFICIENT_CAPACITY": "degraded",
    "ACTION_REQUIRED": "degraded",
    "UPDATE_FAILED": "degraded",
    "PENDING_DELETION": "in_transition",
    "CREATE_FAILED": "unhealthy",
}


def project(item: Mapping[str, Any], _now: datetime) -> Judgement:
    if "Builds" not in item:
        return Judgement("inactive", "The project was never built.")
    builds = item["Builds"].get("builds", [])
    if not builds:
        return Judgement("unknown", "AWS does not tell of the latest build.")
    return by_word("latest build", builds[0].get("buildStatus"), BUILDS)


def fleet(item: Mapping[str, Any], _now: datetime) -> Judgement:
    status = item.get("status", {})
    state = by_word("fleet's state", status.get("statusCode"), FLEET_STATES)
    if trouble := status.get("context"):
        return worst(state, by_word("fleet's trouble", trouble, FLEET_TROUBLES))
    return state


def _latest(item: Mapping[str, Any], _now: datetime) -> dict[str, Any] | None:
    found = (item["BuildIds"] or {}).get("ids")
    return {"ids": found[:1]} if found else None


CHECKS = (
    HealthCheck(
        key="codebuild:project",
        title="Projects: the latest build",
        listing="codebuild:BatchGetProjects",
        actions=(
            "codebuild:ListProjects",
            "codebuild:BatchGetProjects",
            "codebuild:ListBuildsForProject",
            "codebuild:BatchGetBuilds",
        ),
        judge=project,
        details=(
            Detail(
                into="BuildIds",
                service="codebuild",
                operation="ListBuildsForProject",
                inputs=lambda item, _: {"projectName": item["name"]},
                actions=("codebuild:ListBuildsForProject",),
                absent={"ResourceNotFoundException": "vanished"},
                first_page="AWS answers the latest build first.",
            ),
            Detail(
                into="Builds",
                service="codebuild",
                operation="BatchGetBuilds",
                inputs=_latest,
                actions=("codebuild:BatchGetBuilds",),
            ),
        ),
        facts={
            "status": "Builds.builds[0].buildStatus",
            "build": "Builds.builds[0].id",
            "phase": "Builds.builds[0].currentPhase",
        },
    ),
    HealthCheck(
        key="codebuild:fleet",
        title="Fleets",
        listing="codebuild:BatchGetFleets",
        actions=("codebuild:ListFleets", "codebuild:BatchGetFleets"),
        judge=fleet,
        facts={"state": "status.statusCode", "trouble": "status.context"},
    ),
)
