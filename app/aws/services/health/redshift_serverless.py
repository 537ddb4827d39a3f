"""Redshift Serverless: work groups and namespaces."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

NAMESPACE_STATES: Mapping[str, Verdict] = {
    "AVAILABLE": "healthy",
    "MODIFYING": "degraded",
    "DELETING": "in_transition",
}
WORKGROUP_STATES: Mapping[str, Verdict] = {
    **NAMESPACE_STATES,
    "CREATING": "in_transition",
}


def workgroup(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("work group's status", item.get("status"), WORKGROUP_STATES)


def namespace(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("namespace's status", item.get("status"), NAMESPACE_STATES)


CHECKS = (
    HealthCheck(
        key="redshift-serverless:workgroup",
        title="Work groups",
        listing="redshift-serverless:ListWorkgroups",
        actions=("redshift-serverless:ListWorkgroups",),
        judge=workgroup,
        facts={"status": "status"},
    ),
    HealthCheck(
        key="redshift-serverless:namespace",
        title="Namespaces",
        listing="redshift-serverless:ListNamespaces",
        actions=("redshift-serverless:ListNamespaces",),
        judge=namespace,
        facts={"status": "status"},
    ),
)
