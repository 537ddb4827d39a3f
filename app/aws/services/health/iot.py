"""IoT Core: rules, and the destinations they deliver to."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

STATES: Mapping[str, Verdict] = {
    "ENABLED": "healthy",
    "IN_PROGRESS": "in_transition",
    "DELETING": "in_transition",
    "DISABLED": "inactive",
    "ERROR": "unhealthy",
}


def destination(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("destination's state", item.get("status"), STATES)


def rule(item: Mapping[str, Any], _now: datetime) -> Judgement:
    disabled = item.get("ruleDisabled")
    if disabled is None:
        return Judgement("unknown", "AWS does not state whether the rule is enabled.")
    if disabled:
        return Judgement("inactive", "The rule is disabled.")
    return Judgement("reachable", "The rule is enabled; AWS keeps no health of it.")


CHECKS = (
    HealthCheck(
        key="iot:topic_rule_destination",
        title="Destinations of rules",
        listing="iot:ListTopicRuleDestinations",
        actions=("iot:ListTopicRuleDestinations",),
        judge=destination,
        facts={"state": "status", "reason": "statusReason"},
    ),
    HealthCheck(
        key="iot:topic_rule",
        title="Rules",
        listing="iot:ListTopicRules",
        actions=("iot:ListTopicRules",),
        judge=rule,
        facts={"disabled": "ruleDisabled"},
    ),
)
