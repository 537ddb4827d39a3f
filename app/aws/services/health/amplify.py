"""Amplify: how each branch's latest job went, and custom domains."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import Detail, HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

PAGE = 50  # the most that one answer holds
JOBS: Mapping[str, Verdict] = {
    "SUCCEED": "healthy",
    "CREATED": "in_transition",
    "PENDING": "in_transition",
    "PROVISIONING": "in_transition",
    "RUNNING": "in_transition",
    "CANCELLING": "in_transition",
    "CANCELLED": "degraded",
    "FAILED": "unhealthy",
}
DOMAIN_STATES: Mapping[str, Verdict] = {
    "AVAILABLE": "healthy",
    "CREATING": "in_transition",
    "REQUESTING_CERTIFICATE": "in_transition",
    "IMPORTING_CUSTOM_CERTIFICATE": "in_transition",
    "PENDING_DEPLOYMENT": "in_transition",
    "IN_PROGRESS": "in_transition",
    "UPDATING": "in_transition",
    "PENDING_VERIFICATION": "degraded",
    "AWAITING_APP_CNAME": "degraded",
    "FAILED": "unhealthy",
}


def branch(item: Mapping[str, Any], _now: datetime) -> Judgement:
    jobs = item["Jobs"].get("jobSummaries", [])
    if not jobs:
        return Judgement("inactive", "The branch was never built.")
    latest = max(jobs, key=lambda job: job["startTime"])
    return by_word(f"latest of {len(jobs)} jobs", latest.get("status"), JOBS)


def domain(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("domain's state", item.get("domainStatus"), DOMAIN_STATES)


def _jobs(item: Mapping[str, Any], _now: datetime) -> dict[str, Any]:
    branch = {"appId": item["appId"], "branchName": item["branchName"]}
    return {**branch, "maxResults": PAGE}


CHECKS = (
    HealthCheck(
        key="amplify:branch",
        title="Branches: the latest job",
        listing="amplify:ListBranches",
        actions=("amplify:ListApps", "amplify:ListBranches", "amplify:ListJobs"),
        judge=branch,
        details=(
            Detail(
                into="Jobs",
                service="amplify",
                operation="ListJobs",
                inputs=_jobs,
                actions=("amplify:ListJobs",),
                first_page="AWS promises no order; the reason says of how many jobs "
                "the latest was taken.",
            ),
        ),
        facts={
            "app": "appId",
            "listed_jobs": "length(not_null(Jobs.jobSummaries, `[]`))",
        },
    ),
    HealthCheck(
        key="amplify:domain",
        title="Custom domains",
        listing="amplify:ListDomainAssociations",
        actions=("amplify:ListApps", "amplify:ListDomainAssociations"),
        judge=domain,
        facts={"state": "domainStatus", "reason": "statusReason"},
    ),
)
