"""Route 53 Resolver: endpoints, rules, query logs."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

ENDPOINT_STATES: Mapping[str, Verdict] = {
    "OPERATIONAL": "healthy",
    "AUTO_RECOVERING": "degraded",
    "UPDATING": "degraded",
    "CREATING": "in_transition",
    "DELETING": "in_transition",
    "ACTION_NEEDED": "unhealthy",
}
RULE_STATES: Mapping[str, Verdict] = {
    "COMPLETE": "healthy",
    "UPDATING": "degraded",
    "DELETING": "in_transition",
    "FAILED": "unhealthy",
}
LOG_STATES: Mapping[str, Verdict] = {
    "CREATED": "healthy",
    "CREATING": "in_transition",
    "DELETING": "in_transition",
    "FAILED": "unhealthy",
}


def endpoint(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("endpoint's status", item.get("Status"), ENDPOINT_STATES)


def rule(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("rule's status", item.get("Status"), RULE_STATES)


def query_log(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("query log's status", item.get("Status"), LOG_STATES)


FACTS = {"status": "Status"}

CHECKS = (
    HealthCheck(
        key="route53resolver:resolver_endpoint",
        title="Endpoints",
        listing="route53resolver:ListResolverEndpoints",
        actions=("route53resolver:ListResolverEndpoints",),
        judge=endpoint,
        facts={**FACTS, "message": "StatusMessage", "direction": "Direction"},
    ),
    HealthCheck(
        key="route53resolver:resolver_rule",
        title="Rules",
        listing="route53resolver:ListResolverRules",
        actions=("route53resolver:ListResolverRules",),
        judge=rule,
        facts=FACTS,
    ),
    HealthCheck(
        key="route53resolver:resolver_query_log_config",
        title="Query logs",
        listing="route53resolver:ListResolverQueryLogConfigs",
        actions=("route53resolver:ListResolverQueryLogConfigs",),
        judge=query_log,
        facts=FACTS,
    ),
)
