"""API Gateway (REST): APIs, custom domain names, VPC links."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

API_STATES: Mapping[str, Verdict] = {
    "AVAILABLE": "healthy",
    "UPDATING": "degraded",
    "PENDING": "in_transition",
    "FAILED": "unhealthy",
}
DOMAIN_STATES: Mapping[str, Verdict] = {
    "AVAILABLE": "healthy",
    "UPDATING": "degraded",
    "PENDING": "in_transition",
    "PENDING_CERTIFICATE_REIMPORT": "degraded",
    "PENDING_OWNERSHIP_VERIFICATION": "degraded",
    "FAILED": "unhealthy",
}
LINK_STATES: Mapping[str, Verdict] = {
    "AVAILABLE": "healthy",
    "PENDING": "in_transition",
    "DELETING": "in_transition",
    "FAILED": "unhealthy",
}


def rest_api(item: Mapping[str, Any], _now: datetime) -> Judgement:
    if "apiStatus" not in item:
        return Judgement("reachable", "It is listed; AWS states no status of it.")
    return by_word("API's status", item["apiStatus"], API_STATES)


def domain_name(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("domain name's state", item.get("domainNameStatus"), DOMAIN_STATES)


def vpc_link(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("VPC link's state", item.get("status"), LINK_STATES)


CHECKS = (
    HealthCheck(
        key="apigateway:rest_api",
        title="REST APIs",
        listing="apigateway:GetRestApis",
        actions=("apigateway:GET",),
        judge=rest_api,
        facts={"status": "apiStatus"},
    ),
    HealthCheck(
        key="apigateway:domain_name",
        title="Custom domain names",
        listing="apigateway:GetDomainNames",
        actions=("apigateway:GET",),
        judge=domain_name,
        facts={"status": "domainNameStatus"},
    ),
    HealthCheck(
        key="apigateway:vpc_link",
        title="VPC links",
        listing="apigateway:GetVpcLinks",
        actions=("apigateway:GET",),
        judge=vpc_link,
        facts={"status": "status"},
    ),
)
