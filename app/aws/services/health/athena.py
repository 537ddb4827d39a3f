"""Athena: work groups, data catalogs, capacity reservations."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

STATES: Mapping[str, Verdict] = {"ENABLED": "healthy", "DISABLED": "inactive"}
CATALOG_STATES: Mapping[str, Verdict] = {
    "CREATE_COMPLETE": "healthy",
    "CREATE_IN_PROGRESS": "in_transition",
    "DELETE_IN_PROGRESS": "in_transition",
    "CREATE_FAILED_CLEANUP_IN_PROGRESS": "in_transition",
    "DELETE_COMPLETE": "inactive",
    "CREATE_FAILED": "unhealthy",
    "CREATE_FAILED_CLEANUP_COMPLETE": "unhealthy",
    "CREATE_FAILED_CLEANUP_FAILED": "unhealthy",
    "DELETE_FAILED": "unhealthy",
}
RESERVATION_STATES: Mapping[str, Verdict] = {
    "ACTIVE": "healthy",
    "UPDATE_PENDING": "degraded",
    "PENDING": "in_transition",
    "CANCELLING": "in_transition",
    "CANCELLED": "inactive",
    "FAILED": "unhealthy",
}


def work_group(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("work group's state", item.get("State"), STATES)


def data_catalog(item: Mapping[str, Any], _now: datetime) -> Judgement:
    if "Status" not in item:  # stated of federated catalogs only
        return Judgement("reachable", "It is listed; AWS states no status of it.")
    return by_word("data catalog's status", item["Status"], CATALOG_STATES)


def capacity_reservation(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("reservation's status", item.get("Status"), RESERVATION_STATES)


CHECKS = (
    HealthCheck(
        key="athena:work_group",
        title="Work groups",
        listing="athena:ListWorkGroups",
        actions=("athena:ListWorkGroups",),
        judge=work_group,
        facts={"state": "State"},
    ),
    HealthCheck(
        key="athena:data_catalog",
        title="Data catalogs",
        listing="athena:ListDataCatalogs",
        actions=("athena:ListDataCatalogs",),
        judge=data_catalog,
        facts={"status": "Status", "type": "Type"},
    ),
    HealthCheck(
        key="athena:capacity_reservation",
        title="Capacity reservations",
        listing="athena:ListCapacityReservations",
        actions=("athena:ListCapacityReservations",),
        judge=capacity_reservation,
        facts={"status": "Status"},
    ),
)
