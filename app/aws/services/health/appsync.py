"""AppSync: GraphQL APIs, and whether custom domains lead to one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import Detail, HealthCheck, Judgement, by_word, reachable
from app.aws.unit import Verdict

ASSOCIATIONS: Mapping[str, Verdict] = {
    "SUCCESS": "healthy",
    "PROCESSING": "in_transition",
    "FAILED": "unhealthy",
}


def domain_name(item: Mapping[str, Any], _now: datetime) -> Judgement:
    if item["Association"] is None:
        return Judgement("inactive", "The domain name leads to no API.")
    found = item["Association"].get("apiAssociation", {})
    return by_word("domain's association", found.get("associationStatus"), ASSOCIATIONS)


CHECKS = (
    HealthCheck(
        key="appsync:graphql_api",
        title="GraphQL APIs",
        listing="appsync:ListGraphqlApis",
        actions=("appsync:ListGraphqlApis",),
        judge=reachable,
    ),
    HealthCheck(
        key="appsync:domain_name",
        title="Custom domain names",
        listing="appsync:ListDomainNames",
        actions=("appsync:ListDomainNames", "appsync:GetApiAssociation"),
        judge=domain_name,
        details=(
            Detail(
                into="Association",
                service="appsync",
                operation="GetApiAssociation",
                inputs=lambda item, _: {"domainName": item["domainName"]},
                actions=("appsync:GetApiAssociation",),
                absent={"NotFoundException": "absent"},
            ),
        ),
        facts={"status": "Association.apiAssociation.associationStatus"},
    ),
)
