"""Load balancers of the second generation, and the targets behind them."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import Detail, HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

STATES: Mapping[str, Verdict] = {
    "active": "healthy",
    "active_impaired": "degraded",
    "provisioning": "in_transition",
    "failed": "unhealthy",
}
COUNTED = frozenset({"healthy", "unhealthy", "unhealthy.draining", "unavailable"})
PASSING = frozenset({"initial", "draining"})


def load_balancer(item: Mapping[str, Any], _now: datetime) -> Judgement:
    state = item.get("State", {}).get("Code")
    return by_word("load balancer's state", state, STATES)


def target_group(item: Mapping[str, Any], _now: datetime) -> Judgement:
    targets = item["Targets"].get("TargetHealthDescriptions", [])
    states = Counter(one.get("TargetHealth", {}).get("State") for one in targets)
    if not targets:
        return Judgement("inactive", "It has no registered targets.")
    if set(states) == {"unused"}:
        return Judgement("inactive", "No load balancer uses it.")
    if odd := set(states) - COUNTED - PASSING - {"unused"}:
        return Judgement("unknown", f"Targets are in unknown states: {_words(odd)}.")
    seen = f"{states['healthy']} of {len(targets)} targets are healthy."
    if states["healthy"] == len(targets):
        return Judgement("healthy", seen)
    if not states.keys() & COUNTED:
        return Judgement("in_transition", seen)
    return Judgement("degraded" if states["healthy"] else "unhealthy", seen)


def _words(states: set[str | None]) -> str:
    return ", ".join(sorted(map(str, states)))


CHECKS = (
    HealthCheck(
        key="elbv2:load_balancer",
        title="Load balancers",
        listing="elbv2:DescribeLoadBalancers",
        actions=("elasticloadbalancing:DescribeLoadBalancers",),
        judge=load_balancer,
        facts={"state": "State.Code", "reason": "State.Reason"},
    ),
    HealthCheck(
        key="elbv2:target_group",
        title="Target groups: health of the targets",
        listing="elbv2:DescribeTargetGroups",
        actions=(
            "elasticloadbalancing:DescribeTargetGroups",
            "elasticloadbalancing:DescribeTargetHealth",
        ),
        judge=target_group,
        details=(
            Detail(
                into="Targets",
                service="elbv2",
                operation="DescribeTargetHealth",
                inputs=lambda item, _: {"TargetGroupArn": item["TargetGroupArn"]},
                actions=("elasticloadbalancing:DescribeTargetHealth",),
                absent={"TargetGroupNotFound": "vanished"},
            ),
        ),
        facts={"targets": "Targets.TargetHealthDescriptions[].TargetHealth.State"},
    ),
)
