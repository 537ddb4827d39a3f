"""Kendra: indexes and the data sources that feed them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

STATES: Mapping[str, Verdict] = {
    "ACTIVE": "healthy",
    "CREATING": "in_transition",
    "UPDATING": "in_transition",
    "SYSTEM_UPDATING": "in_transition",
    "DELETING": "in_transition",
    "FAILED": "unhealthy",
}
SOURCE_STATES: Mapping[str, Verdict] = {
    "ACTIVE": "healthy",
    "CREATING": "in_transition",
    "UPDATING": "in_transition",
    "DELETING": "in_transition",
    "FAILED": "unhealthy",
}


def index(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("index's state", item.get("Status"), STATES)


def data_source(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("data source's state", item.get("Status"), SOURCE_STATES)


CHECKS = (
    HealthCheck(
        key="kendra:index",
        title="Indexes",
        listing="kendra:ListIndices",
        actions=("kendra:ListIndices",),
        judge=index,
        facts={"state": "Status"},
    ),
    HealthCheck(
        key="kendra:data_source",
        title="Data sources",
        listing="kendra:ListDataSources",
        actions=(
            "kendra:ListIndices",
            "kendra:ListDataSources",
        ),
        judge=data_source,
        facts={"state": "Status", "index": "IndexId"},
    ),
)
