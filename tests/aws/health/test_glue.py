"""Glue: its verdicts, its reasons, its words."""

from typing import Any

from app.aws.services.health import glue
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing, worded


def run(state: str) -> dict[str, Any]:
    return {"Newest": {"JobRuns": [{"JobRunState": state}]}}


VERDICTS: list[VerdictRow] = [
    ("glue:job", run("SUCCEEDED"), "healthy", "The last run's state is SUCCEEDED."),
    ("glue:job", run("RUNNING"), "healthy", "The last run's state is RUNNING."),
    ("glue:job", run("WAITING"), "in_transition", "The last run's state is WAITING."),
    ("glue:job", run("STOPPED"), "inactive", "The last run's state is STOPPED."),
    ("glue:job", run("FAILED"), "unhealthy", "The last run's state is FAILED."),
    ("glue:job", run("TIMEOUT"), "unhealthy", "The last run's state is TIMEOUT."),
    ("glue:job", run("Odd"), "unknown", "The last run's state 'Odd' is not known."),
    ("glue:job", {"Newest": {"JobRuns": []}}, "inactive", "The job has no runs."),
    *worded(
        "glue:crawler",
        "last crawl's status",
        "LastCrawl.Status",
        {"SUCCEEDED": "healthy", "CANCELLED": "inactive", "FAILED": "unhealthy"},
    ),
    ("glue:crawler", {}, "inactive", "The crawler has not run yet."),
    *worded(
        "glue:connection",
        "connection's status",
        "Status",
        {"READY": "healthy", "IN_PROGRESS": "in_transition", "FAILED": "unhealthy"},
    ),
    ("glue:connection", {}, "reachable", "It is listed; AWS states no status of it."),
]
WORDS: list[WordRow] = [
    ("glue", "GetJobRuns", "JobRuns[]", "JobRunState", glue.RUN_STATES),
    ("glue", "GetCrawlers", "Crawlers[]", "LastCrawl.Status", glue.CRAWL_STATES),
    ("glue", "GetConnections", "ConnectionList[]", "Status", glue.CONNECTION_STATES),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
