"""Managed Service for Prometheus: workspaces, and the scrapers that feed them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

STATES: Mapping[str, Verdict] = {
    "ACTIVE": "healthy",
    "CREATING": "in_transition",
    "UPDATING": "in_transition",
    "DELETING": "in_transition",
    "CREATION_FAILED": "unhealthy",
}
SCRAPER_STATES: Mapping[str, Verdict] = {
    "ACTIVE": "healthy",
    "CREATING": "in_transition",
    "UPDATING": "in_transition",
    "DELETING": "in_transition",
    "CREATION_FAILED": "unhealthy",
    "UPDATE_FAILED": "unhealthy",
    "DELETION_FAILED": "unhealthy",
}


def workspace(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word(
        "workspace's state", item.get("status", {}).get("statusCode"), STATES
    )


def scraper(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word(
        "scraper's state", item.get("status", {}).get("statusCode"), SCRAPER_STATES
    )


CHECKS = (
    HealthCheck(
        key="amp:workspace",
        title="Workspaces",
        listing="amp:ListWorkspaces",
        actions=("aps:ListWorkspaces",),
        judge=workspace,
        facts={"state": "status.statusCode"},
    ),
    HealthCheck(
        key="amp:scraper",
        title="Scrapers",
        listing="amp:ListScrapers",
        actions=("aps:ListScrapers",),
        judge=scraper,
        facts={"state": "status.statusCode", "reason": "statusReason"},
    ),
)
