"""Glue: how the last run of each job and crawler ended, and connections."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import Detail, HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

RUN_STATES: Mapping[str, Verdict] = {
    "SUCCEEDED": "healthy",
    "RUNNING": "healthy",
    "STARTING": "in_transition",
    "STOPPING": "in_transition",
    "WAITING": "in_transition",
    "STOPPED": "inactive",
    "ERROR": "unhealthy",
    "EXPIRED": "unhealthy",
    "FAILED": "unhealthy",
    "TIMEOUT": "unhealthy",
}
CRAWL_STATES: Mapping[str, Verdict] = {
    "SUCCEEDED": "healthy",
    "CANCELLED": "inactive",
    "FAILED": "unhealthy",
}
CONNECTION_STATES: Mapping[str, Verdict] = {
    "READY": "healthy",
    "IN_PROGRESS": "in_transition",
    "FAILED": "unhealthy",
}


def job(item: Mapping[str, Any], _now: datetime) -> Judgement:
    runs = item["Newest"].get("JobRuns", [])
    if not runs:
        return Judgement("inactive", "The job has no runs.")
    return by_word("last run's state", runs[0].get("JobRunState"), RUN_STATES)


def crawler(item: Mapping[str, Any], _now: datetime) -> Judgement:
    if "LastCrawl" not in item:
        return Judgement("inactive", "The crawler has not run yet.")
    return by_word("last crawl's status", item["LastCrawl"].get("Status"), CRAWL_STATES)


def connection(item: Mapping[str, Any], _now: datetime) -> Judgement:
    if "Status" not in item:  # most kinds of connections have none
        return Judgement("reachable", "It is listed; AWS states no status of it.")
    return by_word("connection's status", item["Status"], CONNECTION_STATES)


CHECKS = (
    HealthCheck(
        key="glue:job",
        title="Jobs: the last run",
        listing="glue:GetJobs",
        actions=("glue:GetJobs", "glue:GetJobRuns"),
        judge=job,
        details=(
            Detail(
                into="Newest",
                service="glue",
                operation="GetJobRuns",
                inputs=lambda item, _: {"JobName": item["Name"], "MaxResults": 1},
                actions=("glue:GetJobRuns",),
                absent={"EntityNotFoundException": "vanished"},
                first_page="AWS answers the newest runs first.",
            ),
        ),
        facts={
            "state": "Newest.JobRuns[0].JobRunState",
            "started_at": "Newest.JobRuns[0].StartedOn",
        },
    ),
    HealthCheck(
        key="glue:crawler",
        title="Crawlers: the last crawl",
        listing="glue:GetCrawlers",
        actions=("glue:GetCrawlers",),
        judge=crawler,
        facts={"state": "State", "last_crawl": "LastCrawl.Status"},
    ),
    HealthCheck(
        key="glue:connection",
        title="Connections",
        listing="glue:GetConnections",
        actions=("glue:GetConnections",),
        judge=connection,
        facts={"status": "Status", "type": "ConnectionType"},
    ),
)
