"""Classic load balancers: the instances behind them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import Detail, HealthCheck, Judgement, by_parts
from app.aws.unit import Verdict

# Unknown is a word of AWS: it does not know either.
STATES: Mapping[str, Verdict] = {
    "InService": "healthy",
    "OutOfService": "unhealthy",
    "Unknown": "unknown",
}


def load_balancer(item: Mapping[str, Any], _now: datetime) -> Judgement:
    instances = item["Health"].get("InstanceStates", [])
    return by_parts("instances", [one.get("State") for one in instances], STATES)


CHECKS = (
    HealthCheck(
        key="elb:load_balancer",
        title="Classic load balancers: health of the instances",
        listing="elb:DescribeLoadBalancers",
        actions=(
            "elasticloadbalancing:DescribeLoadBalancers",
            "elasticloadbalancing:DescribeInstanceHealth",
        ),
        judge=load_balancer,
        details=(
            Detail(
                into="Health",
                service="elb",
                operation="DescribeInstanceHealth",
                inputs=lambda item, _: {"LoadBalancerName": item["LoadBalancerName"]},
                actions=("elasticloadbalancing:DescribeInstanceHealth",),
                absent={"LoadBalancerNotFound": "vanished"},
            ),
        ),
        facts={"instances": "Health.InstanceStates[].State"},
    ),
)
