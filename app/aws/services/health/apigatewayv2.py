"""API Gateway (HTTP and WebSocket): APIs and VPC links."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word, reachable
from app.aws.unit import Verdict

LINK_STATES: Mapping[str, Verdict] = {
    "AVAILABLE": "healthy",
    "PENDING": "in_transition",
    "DELETING": "in_transition",
    "INACTIVE": "inactive",
    "FAILED": "unhealthy",
}


def vpc_link(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("VPC link's state", item.get("VpcLinkStatus"), LINK_STATES)


CHECKS = (
    HealthCheck(
        key="apigatewayv2:api",
        title="HTTP and WebSocket APIs",
        listing="apigatewayv2:GetApis",
        actions=("apigateway:GET",),
        judge=reachable,
    ),
    HealthCheck(
        key="apigatewayv2:vpc_link",
        title="VPC links",
        listing="apigatewayv2:GetVpcLinks",
        actions=("apigateway:GET",),
        judge=vpc_link,
        facts={"status": "VpcLinkStatus"},
    ),
)
